"""What do the messages about rules and drills look like? One example of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.routes import Place
from bot.core.rule_text import parse_rule
from bot.core.rules.model import SHIPPED, Severity, StuckRule
from bot.core.stats import Pool
from bot.core.steps import Step, Steps
from bot.core.trial import PoolTrial, Suggestion, Trial
from bot.messages.drill import drill_begun, drill_entry, drill_heard_by_nobody, drill_message
from bot.messages.model import Message
from bot.messages.rules import (
    Listed,
    kept_message,
    no_such_rule,
    removed_message,
    rules_message,
    trial_message,
)

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONG = parse_rule("Queue above 50 for 10m in train-* called long queue")
_HOSTILE = "<!channel> *b* `c` [x](http://evil.example) &amp; \u202eetirw"


def rule_examples(alert: Alert, pools: tuple[Pool, Pool], *, now: datetime) -> Mapping[str, Message]:
    """Each by its name; `alert` is one of the first of `pools`."""
    trial = _trial(alert, pools, now)
    ops, oncall = Place("slack", "#ml-platform"), Place("slack", "#ml-oncall")
    lively = replace(
        trial,
        rule=parse_rule("Queue spike high in train-*"),
        suggestion=Suggestion(parse_rule("Queue spike in train-*"), 17),
        left_out=12,
        unread=(pools[1],),
    )
    hostile = parse_rule("Queue above 5").model_copy(update={"name": _HOSTILE})
    edit = [Listed(parse_rule(f"Queue above {limit} called limit {limit}"), str(limit), limit) for limit in range(60)]
    return {
        "rules": rules_message(
            [*(Listed(rule, None, 3) for rule in SHIPPED), Listed(_LONG, "1", 7), Listed(StuckRule(name="stuck"))],
            lately=7 * _DAY,
            may_change=True,
        ),
        "rules-many": rules_message(edit, lately=7 * _DAY, may_change=True),
        "rules-read-only": rules_message([Listed(SHIPPED[0])], lately=7 * _DAY, may_change=False),
        "rules-hostile": rules_message([Listed(hostile, "1", 1, hidden=True)], lately=7 * _DAY, may_change=True),
        "rules-none": rules_message([], lately=7 * _DAY, may_change=True),
        "rule-tried": trial_message(trial, now=now, keep="/pool-alerts keep x", edit="/pool-alerts add x"),
        "rule-tried-lively": trial_message(lively, now=now),
        "rule-tried-calm": trial_message(
            replace(trial, pools=(replace(trial.pools[0], alerts=()),), suggestion=None), now=now
        ),
        "rule-tried-hostile": trial_message(replace(trial, rule=hostile), now=now),
        "rule-tried-on-nothing": trial_message(Trial(_LONG, now - 14 * _DAY, now, unread=pools), now=now),
        "rule-added": kept_message(_LONG, "1", places=(ops, oncall), is_new=True, can_undo=False),
        "rule-changed": kept_message(_LONG, "1", places=(ops,), is_new=False, can_undo=True),
        "rule-heard-by-nobody": kept_message(_LONG, "1", places=(), is_new=True, can_undo=False),
        "rule-removed": removed_message(_LONG, "1"),
        "rule-unknown-hostile": no_such_rule(_HOSTILE, {"1": "long queue"}),
        "drill": drill_message("d1", Severity.CRITICAL, pools[0], began_at=now, asked_by="slack:U1 ann"),
        "drill-over": drill_message(
            "d1", Severity.CRITICAL, None, began_at=now, asked_by="slack:U1 ann", ended_at=now + _HOUR / 60
        ),
        "drill-entry": drill_entry(began_at=now, ended_at=now + _HOUR / 60),
        "drill-begun": drill_begun([ops, oncall], over_at=now + _HOUR / 60, lasts=_HOUR / 60, now=now),
        "drill-heard-by-nobody": drill_heard_by_nobody(Severity.INFO, pools[1]),
    }


def _trial(alert: Alert, pools: tuple[Pool, Pool], now: datetime) -> Trial:
    """Twenty-four alerts in fourteen days, some of them short, the last one open."""
    start = now - 14 * _DAY
    alerts = [
        replace(
            alert,
            id=str(number),
            rule=_LONG.name,
            fired_at=start + 14 * number * _HOUR + _HOUR,
            resolved_at=start + 14 * number * _HOUR + (2 * _HOUR if number % 4 else 61 * _HOUR / 60),
            peak=52 + 3 * number,
        )
        for number in range(24)
    ]
    alerts[-1] = replace(alerts[-1], resolved_at=None, seen_at=now)
    past = Steps(_LONG.metric, None)
    past.steps += [Step(4 + 9 * (hour % 14 == 1), start + hour * _HOUR, start + hour * _HOUR) for hour in range(336)]
    tried = PoolTrial(pools[0], 20_160, start, now, tuple(alerts), past=(past,))
    calm = PoolTrial(pools[1], 20_160, start, now, ())
    calmer = Suggestion(_LONG.model_copy(update={"above": 72}), 13)
    return Trial(_LONG, start, now, (tried, calm), suggestion=calmer)
