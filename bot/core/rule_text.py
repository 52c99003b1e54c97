"""How is a rule written in one line of chat: Queue above 50 for 10m in train-*?"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.core.durations import duration_text
from bot.core.rules.model import AlertRule, Severity, SpikeRule, ThresholdRule
from bot.core.stats import JobStatus

# The kinds that are made in chat; the others need the configuration file.
ChatRule = ThresholdRule | SpikeRule

HOW = (
    "write such as “Queue above 50 for 10m in train-*” or “Failed spike low”; after that may follow clear below 40, "
    "for 10m, in <pools>, of <job types>, as <severity> and, at the end, called <name>"
)
LONGEST = 80

_RULE: TypeAdapter[AlertRule] = TypeAdapter(AlertRule)
_METRICS = {status.value.casefold(): status for status in JobStatus}
_SENSITIVITY = ("low", "normal", "high")
# The words that may follow, each with one value: what they are called in a rule, and whether a list is meant.
_CLAUSES = {"for": ("hold_for", False), "in": ("pools", True), "of": ("types", True), "as": ("severity", False)}


def parse_rule(text: str) -> ChatRule:
    """The rule that `text` says; without a name it is called what it says.

    Raises:
        ValueError: It says none; the sentence tells what to write.
    """
    said, named, name = _partition(text)
    words = re.sub(r"\s*,\s*", ",", said).split()
    if len(words) < 2:
        raise ValueError(f"that is no rule: {HOW}")
    metric = _METRICS.get(words[0].casefold())
    if metric is None:
        raise ValueError(f"{words[0]!r} is not a status: begin with one of {', '.join(JobStatus)}")
    facts: dict[str, Any] = {"metric": metric.value}
    match words[1].casefold():
        case "above":
            rest = _above(words[2:], facts)
        case "spike":
            rest = _spike(words[2:], facts)
        case other:
            raise ValueError(f"after {metric} comes above or spike, not {other!r}: {HOW}")
    _clauses(rest, facts)
    if named and not name:
        raise ValueError("after called comes the name")
    return checked_rule({**facts, "name": name or _cut(said)})


def checked_rule(facts: Mapping[str, Any]) -> ChatRule:
    """The rule that consists of these facts, as the configuration file would write them.

    Raises:
        ValueError: They make no rule, or one of a kind that is not made in chat.
    """
    try:
        rule = _RULE.validate_python(dict(facts))
    except ValidationError as error:
        raise ValueError("; ".join(_problem(each) for each in error.errors(include_url=False)[:3])) from error
    if isinstance(rule, ThresholdRule | SpikeRule):
        return rule
    raise ValueError(f"rules of the kind {rule.kind} are written in the configuration file")


def rule_text(rule: ChatRule, *, with_name: bool = False) -> str:
    """The line that says what `rule` says; with its name `parse_rule` gives the same rule back."""
    said = [rule.metric.value]
    match rule:
        case ThresholdRule(above=above, clear_below=below):
            said.append(f"above {above}")
            said += [] if below is None else [f"clear below {below}"]
        case SpikeRule(sensitivity=sensitivity, at_least=least):
            said.append("spike" if sensitivity == "normal" else f"spike {sensitivity}")
            said += [] if least is None else [f"at least {least}"]
    said += [f"for {duration_text(rule.hold_for)}"] if rule.hold_for else []
    said += [f"in {','.join(rule.pools)}"] if rule.pools != ("*",) else []
    said += [f"of {','.join(rule.types)}"] if rule.types else []
    said += [f"as {rule.severity}"] if rule.severity is not Severity.WARNING or with_name else []
    said += [f"called {rule.name}"] if with_name else []
    return " ".join(said)


def _partition(text: str) -> tuple[str, bool, str]:
    found = re.search(r"\scalled(\s|$)", text, re.IGNORECASE)
    if found is None:
        return text.strip(), False, ""
    return text[: found.start()].strip(), True, text[found.end() :].strip().strip("“”\"'").strip()


def _cut(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _above(words: list[str], facts: dict[str, Any]) -> list[str]:
    facts["kind"] = "threshold"
    if not words:
        raise ValueError("after above comes a number")
    facts["above"] = _number(words[0], "above")
    rest = words[1:]
    if [word.casefold() for word in rest[:2]] == ["clear", "below"]:
        if len(rest) < 3:
            raise ValueError("after clear below comes a number")
        facts["clear_below"] = _number(rest[2], "clear below")
        rest = rest[3:]
    return rest


def _spike(words: list[str], facts: dict[str, Any]) -> list[str]:
    facts["kind"] = "spike"
    rest = words
    if rest and rest[0].casefold() in _SENSITIVITY:
        facts["sensitivity"], rest = rest[0].casefold(), rest[1:]
    if [word.casefold() for word in rest[:2]] == ["at", "least"]:
        if len(rest) < 3:
            raise ValueError("after at least comes a number")
        facts["at_least"], rest = _number(rest[2], "at least"), rest[3:]
    return rest


def _number(word: str, after: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", word):
        raise ValueError(f"after {after} comes a whole number, not {word!r}")
    return int(word)


def _clauses(words: list[str], facts: dict[str, Any]) -> None:
    while words:
        opening = words[0].casefold()
        clause = _CLAUSES.get(opening)
        if clause is None:
            raise ValueError(f"{words[0]!r} is not understood: {HOW}")
        key, is_list = clause
        if len(words) < 2:
            raise ValueError(f"after {opening} something must follow")
        if key in facts:
            raise ValueError(f"{opening} is said twice")
        facts[key] = [part for part in words[1].split(",") if part] if is_list else words[1].casefold()
        words = words[2:]


def _problem(error: Any) -> str:
    """One thing that is wrong, as a person reads it."""
    place = next((str(part) for part in reversed(error["loc"]) if part not in {"threshold", "spike", 0}), "")
    said = error["msg"].removeprefix("Value error, ")
    name = place.replace("_", " ")
    return f"{name}: {said[:1].lower()}{said[1:]}" if name and not name.isdigit() else said
