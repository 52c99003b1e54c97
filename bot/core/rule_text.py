"""How is a rule written in one line of chat: Queue above 50 for 10m in train-*?"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.core.durations import duration_text
from bot.core.language import N_, _
from bot.core.rules.model import AlertRule, Severity, SpikeRule, ThresholdRule
from bot.core.stats import JobStatus

# The kinds that are made in chat; the others need the configuration file.
ChatRule = ThresholdRule | SpikeRule

HOW = N_(
    "write such as “Queue above 50 for 10m in train-*” or “Failed spike low”; after that may follow clear below 40, "
    "for 10m, in <pools>, of <job types>, as <severity> and, at the end, called <name>"
)
LONGEST = 80

_METRICS = {status.value.casefold(): status for status in JobStatus}
_SENSITIVITY = ("low", "normal", "high")
# What a value that does not fit must be, by pydantic's name of the problem; its figures are put in.
_MUST_BE = {
    "enum": N_("input should be {expected}"),
    "literal_error": N_("input should be {expected}"),
    "string_too_long": N_("string should have at most {max_length} characters"),
    "string_too_short": N_("string should have at least {min_length} characters"),
    "string_pattern_mismatch": N_("a space at the beginning or at the end is not allowed"),
    "too_short": N_("there should be at least {min_length}"),
    "greater_than_equal": N_("input should be greater than or equal to {ge}"),
    "less_than_equal": N_("input should be less than or equal to {le}"),
}
# The words that may follow, each with one value: what they are called in a rule, and whether a list is meant.
_CLAUSES = {"for": ("hold_for", False), "in": ("pools", True), "of": ("types", True), "as": ("severity", False)}


class BadRule(ValueError):  # noqa: N818 - named for what the caller was given
    """Facts that make no rule; `place` is the first of them that does not fit, as far as it is one."""

    def __init__(self, said: str, place: str) -> None:
        super().__init__(said)
        self.place = place


def parse_rule(text: str) -> ChatRule:
    """The rule that `text` says; without a name it is called what it says.

    Raises:
        ValueError: It says none; the sentence tells what to write.
    """
    said, named, name = _partition(text)
    words = re.sub(r"\s*,\s*", ",", said).split()
    if len(words) < 2:
        raise ValueError(_("that is no rule: {how}", how=_(HOW)))
    metric = _METRICS.get(words[0].casefold())
    if metric is None:
        raise ValueError(
            _(
                "{word} is not a status: begin with one of {statuses}",
                word=repr(words[0]),
                statuses=", ".join(JobStatus),
            )
        )
    facts: dict[str, Any] = {"metric": metric.value}
    match words[1].casefold():
        case "above":
            rest = _above(words[2:], facts)
        case "spike":
            rest = _spike(words[2:], facts)
        case other:
            raise ValueError(
                _("after {status} comes above or spike, not {word}: {how}", status=metric, word=repr(other), how=_(HOW))
            )
    _clauses(rest, facts)
    if named and not name:
        raise ValueError(_("after called comes the name"))
    return checked_rule({**facts, "name": name or _cut(said)})


@cache
def _rule() -> TypeAdapter[AlertRule]:
    """Made when it is first used: that takes as long as importing a dozen files."""
    return TypeAdapter(AlertRule)


def checked_rule(facts: Mapping[str, Any]) -> ChatRule:
    """The rule that consists of these facts, as the configuration file would write them.

    Raises:
        BadRule: They make no rule, or one of a kind that is not made in chat.
    """
    try:
        rule = _rule().validate_python(dict(facts))
    except ValidationError as error:
        problems = error.errors(include_url=False)[:3]
        raise BadRule("; ".join(_problem(each) for each in problems), _place(problems[0])) from error
    if isinstance(rule, ThresholdRule | SpikeRule):
        return rule
    raise BadRule(_("rules of the kind {kind} are written in the configuration file", kind=rule.kind), "kind")


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
        raise ValueError(_("after {word} comes a number", word="above"))
    facts["above"] = _number(words[0], "above")
    rest = words[1:]
    if [word.casefold() for word in rest[:2]] == ["clear", "below"]:
        if len(rest) < 3:
            raise ValueError(_("after {word} comes a number", word="clear below"))
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
            raise ValueError(_("after {word} comes a number", word="at least"))
        facts["at_least"], rest = _number(rest[2], "at least"), rest[3:]
    return rest


def _number(word: str, after: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", word):
        raise ValueError(_("after {before} comes a whole number, not {word}", before=after, word=repr(word)))
    return int(word)


def _clauses(words: list[str], facts: dict[str, Any]) -> None:
    while words:
        opening = words[0].casefold()
        clause = _CLAUSES.get(opening)
        if clause is None:
            raise ValueError(_("{word} is not understood: {how}", word=repr(words[0]), how=_(HOW)))
        key, is_list = clause
        if len(words) < 2:
            raise ValueError(_("after {word} something must follow", word=opening))
        if key in facts:
            raise ValueError(_("{word} is said twice", word=opening))
        facts[key] = [part for part in words[1].split(",") if part] if is_list else words[1].casefold()
        words = words[2:]


def _problem(error: Any) -> str:
    """One thing that is wrong, as a person reads it."""
    template = _MUST_BE.get(error["type"])
    said = _(template, **error.get("ctx", {})) if template else error["msg"].removeprefix("Value error, ")
    name = _place(error).replace("_", " ")
    return _("{name}: {problem}", name=name, problem=f"{said[:1].lower()}{said[1:]}") if name else said


def _place(error: Any) -> str:
    """Which of the facts it is about; none where it is about how they go together."""
    place = next((str(part) for part in reversed(error["loc"]) if part not in {"threshold", "spike", 0}), "")
    return "" if place.isdigit() else place
