"""When would a rule that is tried have told something? Marked below the count, in letters, for above a form.

A form shows no chart and no picture that only its reader may see, so that it is drawn with what every client has. The
two lines stand below each other; what they show is said in words and figures beside them.
"""

from datetime import datetime, timedelta

from bot.core.rules.model import ThresholdRule
from bot.core.trial import PoolTrial, Trial, told_at
from bot.messages.model import Block, Code, Paragraph, When
from bot.messages.phrases import named, spans
from bot.messages.sparkline import sparkline

# As many letters as stand in one line on a phone: half a day each, of two weeks.
PARTS = 28
_NONE, _MANY = "·", "+"


def timeline(trial: Trial) -> tuple[Block, ...]:
    """The count of the pool with the most alerts, and below it in which part of the time how many were told."""
    if not trial.alerts:
        return ()
    worst = max(trial.pools, key=lambda each: len(each.alerts))
    part = (trial.until - trial.since) / PARTS
    told = [0] * PARTS
    for alert in worst.alerts:
        told[_place(told_at(alert), trial, part)] += 1
    marks = "".join(_NONE if not number else str(number) if number < 10 else _MANY for number in told)
    where = spans(
        "{marks} alerts in {pool}, each place {hours} h, from {when} on",
        marks=Code(marks),
        pool=named(worst.pool),
        hours=round(part / timedelta(hours=1)),
        when=When(trial.since),
    )
    counted = _counted(worst, trial, part)
    return (*counted, Paragraph(where))


def _counted(pool: PoolTrial, trial: Trial, part: timedelta) -> tuple[Block, ...]:
    if not pool.past:
        return ()
    highest: list[int | None] = [None] * PARTS
    for step in pool.past[0].steps:
        if step.last < trial.since:
            continue
        for place in range(_place(step.first, trial, part), _place(step.last, trial, part) + 1):
            highest[place] = max(highest[place] or 0, step.value)
    known = [value for value in highest if value is not None]
    if not known:
        return ()
    status, bars = trial.rule.metric.value, Code(sparkline(highest))
    if isinstance(trial.rule, ThresholdRule):
        said = spans(
            "{bars} {status}, at most {highest}; the limit is {limit}",
            bars=bars,
            status=status,
            highest=max(known),
            limit=trial.rule.above,
        )
    else:
        said = spans("{bars} {status}, at most {highest}", bars=bars, status=status, highest=max(known))
    return (Paragraph(said),)


def _place(at: datetime, trial: Trial, part: timedelta) -> int:
    return min(max((at - trial.since) // part, 0), PARTS - 1)
