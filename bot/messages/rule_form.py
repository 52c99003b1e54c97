"""With which form is a rule made or changed, and which rule does a filled-in form describe?"""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.core.language import N_, _
from bot.core.rule_text import BadRule, ChatRule, checked_rule
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
from bot.messages.rule_timeline import timeline
from bot.messages.rules import trial_blocks

_KINDS = (("threshold", N_("above a fixed limit")), ("spike", N_("far above what is usual there")))
_SEVERITIES = (
    (Severity.CRITICAL, N_("critical")),
    (Severity.WARNING, N_("warning")),
    (Severity.INFO, N_("info")),
)
_SENSITIVITIES = (
    (Sensitivity.LOW, N_("low")),
    (Sensitivity.NORMAL, N_("normal")),
    (Sensitivity.HIGH, N_("high")),
)
_MOST_JOBS = 10**9


def rule_form(rule: ChatRule | None, *, rule_id: str = "") -> Form:
    """What to fill in for a new rule, or for another one in the place of that with `rule_id`."""
    said = _("First you see what the rule would have done in the last 14 days; nothing is saved yet.")
    intro: Block = Paragraph((said,))
    return Form(_title(rule_id), Purpose.TRY_RULE, rule_id, _fields(rule), submit=_("Try it"), blocks=(intro,))


def tried_form(trial: Trial, *, rule_id: str = "") -> Form:
    """The same with what the rule would have done; sent as it is, it is saved."""
    subject = f"{rule_id} {fingerprint(trial.rule)}"
    fields = _fields(trial.rule, trial)
    blocks = trial_blocks(trial, timeline(trial))
    return Form(_title(rule_id), Purpose.KEEP_RULE, subject, fields, submit=_("Save"), blocks=blocks)


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
        raise Misfilled({"above": _("A rule with a fixed limit needs the limit.")})
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
    except BadRule as error:
        # How facts go together is about the limits alone.
        place = error.place or "clear_below"
        raise Misfilled({place if place in facts else "name": str(error)}) from error


def _title(rule_id: str) -> str:
    return _("Change a rule") if rule_id else _("Add a rule")


def _types(value: Value) -> tuple[str, ...] | None:
    named = tuple(name for part in str(value or "").split(",") if (name := part.strip()))
    return named or None


def _fields(rule: ChatRule | None, trial: Trial | None = None) -> tuple[FormField, ...]:
    limit = rule if isinstance(rule, ThresholdRule) else None
    spike = rule if isinstance(rule, SpikeRule) else None
    return (
        TextField("name", _("Name"), value=rule.name if rule else "", longest=80),
        ChoiceField(
            "metric",
            _("Jobs that are"),
            tuple((status.value, status.value) for status in JobStatus),
            value=(rule.metric if rule else JobStatus.QUEUE).value,
        ),
        ChoiceField(
            "kind",
            _("Alert when they are"),
            tuple((kind, _(said)) for kind, said in _KINDS),
            value=rule.kind if rule else "threshold",
        ),
        NumberField(
            "above",
            _("Limit"),
            hint=_calmer(trial) or _("For a fixed limit: alert when there are more."),
            value=limit.above if limit else None,
            optional=True,
            most=_MOST_JOBS,
        ),
        NumberField(
            "clear_below",
            _("Over when below"),
            hint=_("For a fixed limit; without one, as soon as the limit is not exceeded any more."),
            value=limit.clear_below if limit else None,
            optional=True,
            most=_MOST_JOBS,
        ),
        ChoiceField(
            "sensitivity",
            _("Sensitivity"),
            tuple((each.value, _(word)) for each, word in _SENSITIVITIES),
            hint=_("For what is unusual."),
            value=(spike.sensitivity if spike else Sensitivity.NORMAL).value,
        ),
        NumberField(
            "at_least",
            _("By at least so many jobs"),
            hint=_("For what is unusual: the smallest change that is worth a message."),
            value=spike.at_least if spike else None,
            optional=True,
            least=1,
            most=_MOST_JOBS,
        ),
        DurationField(
            "hold_for",
            _("For at least"),
            hint=_("Such as 10m; without it the first reading counts."),
            value=(rule.hold_for or None) if rule else None,
            optional=True,
        ),
        PoolsField("pools", _("Pools"), hint=_("Names, ids or globs."), value=rule.pools if rule else ("*",)),
        TextField(
            "types",
            _("Job types"),
            hint=_("Such as train, infer: each is judged by itself. Without any, all are judged together."),
            value=", ".join(rule.types or ()) if rule else "",
            optional=True,
        ),
        ChoiceField(
            "severity",
            _("Severity"),
            tuple((each.value, _(word)) for each, word in _SEVERITIES),
            value=(rule.severity if rule else Severity.WARNING).value,
        ),
    )


def _calmer(trial: Trial | None) -> str:
    calmer = trial.suggestion if trial is not None else None
    if trial is None or calmer is None or calmer.rule == trial.rule or not isinstance(calmer.rule, ThresholdRule):
        return ""
    return _("{limit} would make it at most one alert a day.", limit=calmer.rule.above)
