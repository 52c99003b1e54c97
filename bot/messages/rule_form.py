"""With which form is a rule made or changed, and which rule does a filled-in form describe?"""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.core.rule_text import ChatRule, checked_rule
from bot.core.rules.model import Sensitivity, Severity, SpikeRule, ThresholdRule
from bot.core.stats import JobStatus
from bot.core.trial import Trial
from bot.messages.form import (
    ChoiceField,
    DurationField,
    Form,
    FormField,
    Misfilled,
    NumberField,
    PoolsField,
    Purpose,
    TextField,
    Value,
    read,
)
from bot.messages.model import Block, Paragraph
from bot.messages.rules import trial_blocks

_KINDS = (("threshold", "above a fixed limit"), ("spike", "far above what is usual there"))
_MOST_JOBS = 10**9


def rule_form(rule: ChatRule | None, *, rule_id: str = "") -> Form:
    """What to fill in for a new rule, or for another one in the place of that with `rule_id`."""
    said = "First you see what the rule would have done in the last 14 days; nothing is saved yet."
    intro: Block = Paragraph((said,))
    return Form(_title(rule_id), Purpose.TRY_RULE, rule_id, _fields(rule), submit="Try it", blocks=(intro,))


def tried_form(trial: Trial, *, rule_id: str = "") -> Form:
    """The same with what the rule would have done; sent as it is, it is saved."""
    subject = f"{rule_id} {fingerprint(trial.rule)}"
    fields = _fields(trial.rule, trial)
    return Form(_title(rule_id), Purpose.KEEP_RULE, subject, fields, submit="Save", blocks=trial_blocks(trial))


def fingerprint(rule: ChatRule) -> str:
    """Tells the rule that was tried from one that was changed since."""
    return hashlib.sha256(rule.model_dump_json().encode()).hexdigest()[:16]


def rule_in(typed: Mapping[str, str]) -> ChatRule:
    """The rule that the filled-in form describes.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    values = read(rule_form(None), typed)
    is_limit = values["kind"] == "threshold"
    if is_limit and values["above"] is None:
        raise Misfilled({"above": "A rule with a fixed limit needs the limit."})
    facts: dict[str, Any] = {
        "kind": values["kind"],
        "name": values["name"],
        "metric": values["metric"],
        "severity": values["severity"],
        "pools": values["pools"] or ("*",),
        "types": _types(values["types"]),
    }
    facts |= {"hold_for": values["hold_for"]} if values["hold_for"] is not None else {}
    if is_limit:
        facts |= {"above": values["above"], "clear_below": values["clear_below"]}
    else:
        facts |= {"sensitivity": values["sensitivity"], "at_least": values["at_least"]}
    try:
        return checked_rule(facts)
    except ValueError as error:
        said = str(error)
        place = next((name for name in ("clear_below", "pools", "types") if said.startswith((name, name[:-1]))), "name")
        raise Misfilled({place: said}) from error


def _title(rule_id: str) -> str:
    return "Change a rule" if rule_id else "Add a rule"


def _types(value: Value) -> tuple[str, ...] | None:
    named = tuple(name for part in str(value or "").split(",") if (name := part.strip()))
    return named or None


def _fields(rule: ChatRule | None, trial: Trial | None = None) -> tuple[FormField, ...]:
    limit = rule if isinstance(rule, ThresholdRule) else None
    spike = rule if isinstance(rule, SpikeRule) else None
    return (
        TextField("name", "Name", value=rule.name if rule else "", longest=80),
        ChoiceField(
            "metric",
            "Jobs that are",
            tuple((status.value, status.value) for status in JobStatus),
            value=(rule.metric if rule else JobStatus.QUEUE).value,
        ),
        ChoiceField("kind", "Alert when they are", _KINDS, value=rule.kind if rule else "threshold"),
        NumberField(
            "above",
            "Limit",
            hint=_calmer(trial) or "For a fixed limit: alert when there are more.",
            value=limit.above if limit else None,
            optional=True,
            most=_MOST_JOBS,
        ),
        NumberField(
            "clear_below",
            "Over when below",
            hint="For a fixed limit; without one, as soon as the limit is not exceeded any more.",
            value=limit.clear_below if limit else None,
            optional=True,
            most=_MOST_JOBS,
        ),
        ChoiceField(
            "sensitivity",
            "Sensitivity",
            tuple((each.value, each.value) for each in Sensitivity),
            hint="For what is unusual.",
            value=(spike.sensitivity if spike else Sensitivity.NORMAL).value,
        ),
        NumberField(
            "at_least",
            "By at least so many jobs",
            hint="For what is unusual: the smallest change that is worth a message.",
            value=spike.at_least if spike else None,
            optional=True,
            least=1,
            most=_MOST_JOBS,
        ),
        DurationField(
            "hold_for",
            "For at least",
            hint="Such as 10m; without it the first reading counts.",
            value=(rule.hold_for or None) if rule else None,
            optional=True,
        ),
        PoolsField("pools", "Pools", hint="Names, ids or globs.", value=rule.pools if rule else ("*",)),
        TextField(
            "types",
            "Job types",
            hint="Such as train, infer: each is judged by itself. Without any, all are judged together.",
            value=", ".join(rule.types or ()) if rule else "",
            optional=True,
        ),
        ChoiceField(
            "severity",
            "Severity",
            tuple((each.value, each.value) for each in Severity),
            value=(rule.severity if rule else Severity.WARNING).value,
        ),
    )


def _calmer(trial: Trial | None) -> str:
    calmer = trial.suggestion if trial is not None else None
    if trial is None or calmer is None or calmer.rule == trial.rule or not isinstance(calmer.rule, ThresholdRule):
        return ""
    return f"{calmer.rule.above} would make it at most one alert a day."
