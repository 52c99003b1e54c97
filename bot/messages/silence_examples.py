"""What do the messages about silences, what was done and the log look like? Their part of the examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.language import _
from bot.core.rules.model import Severity
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.core.stats import Pool
from bot.messages.acting import changed_since, done_message, too_late, undone_message
from bot.messages.form_trouble import not_taken, still_at_it, too_slow
from bot.messages.log import Done, exported_message, log_message
from bot.messages.model import Message
from bot.messages.silences import changed_message, made_message, silences_message

_HOUR = timedelta(hours=1)
_WHO = "slack:U012ABC wei"


def silence_examples(
    acknowledged: Alert, silenced: Alert, resolved: Alert, hostile: Pool, *, now: datetime
) -> Mapping[str, Message]:
    """One example of each, of one alert as it stands after what was done, as of `now`."""
    first = Silence("5e1f", Scope(("train-*",)), Sight(), now + 2 * _HOUR, "new driver on all nodes", _WHO, "", now)
    narrow = Scope(("train-a100", "infer-910b"), ("queue*",), (Severity.WARNING,), ("train",))
    second = replace(first, id="5e20", scope=narrow, until=now + 30 * _HOUR, reason="")
    bad = replace(first, scope=Scope((hostile.name[:80],), ("*<!here>*",)), reason=hostile.name)
    every = replace(first, scope=Scope())
    ended = replace(first, ended_at=now)
    note = _("That is 09:00 in {zone}, your time zone", zone="Asia/Shanghai")
    again = {"alerts": {"7": {"state": "firing"}}}, {"alerts": {"7": {"state": "silenced"}}}
    pool = silenced.pool
    done = Done(now, _WHO, "silence", "alert 7", "slack:C012ABC", pool, *again)
    entries = [
        done,
        replace(done, at=now - _HOUR, action="end silence", subject="silence 5e1f", pool=None,
                before={"pools": ["train-*"], "until": "2026-03-02T16:00:00+00:00"},
                after={"pools": ["train-*"], "until": "2026-03-02T13:00:00+00:00"}),
    ]  # fmt: skip
    strange = replace(done, actor="slack:U1 *x* <!channel>", subject="<@U1>", pool=hostile, before=None, after="{{x}}")
    return {
        "silences": silences_message([(first, 2), (second, 0)], skip=0),
        "silences-one": silences_message([(every, 1)], skip=0),
        "silences-many": silences_message([(replace(first, id=f"{n:04x}"), n) for n in range(12)], skip=5),
        "silences-none": silences_message([], skip=0),
        "silences-hostile": silences_message([(bad, 0)], skip=0),
        "silence-made": made_message(first, 2, 41, now=now),
        "silence-made-hostile": made_message(bad, 0, 42, now=now, note=note),
        "silence-ended": changed_message(ended, 43, now=now),
        "silence-extended": changed_message(second, 44, now=now),
        "done-acknowledged": done_message([acknowledged], 45, now=now),
        "done-silenced": done_message([silenced, replace(silenced, rule="long queue")], 46, now=now, note=note),
        "done-too-late": too_late(acknowledged, now=now),
        "done-too-late-over": too_late(resolved, now=now),
        "undone": undone_message([acknowledged], now=now),
        "undone-changed-since": changed_since(now=now),
        "log": log_message(entries, 38, now=now),
        "log-to-export": log_message(entries, None, now=now, may_export=True),
        "log-exported": exported_message("seq,at\n", 2, at=now, is_cut=True),
        "log-hostile": log_message([strange], None, now=now),
        "log-none": log_message([], None, now=now),
        "form-too-slow": too_slow(),
        "form-takes-time": still_at_it(),
        "form-not-taken": not_taken({"length": _("Please choose a length of time, {most} at most.", most="7d")}),
    }
