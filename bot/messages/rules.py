"""How are rules worded: which there are, what one would have told, and what became of it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.command import quoted
from bot.core.durations import spoken
from bot.core.routes import Place
from bot.core.rule_text import ChatRule, rule_text
from bot.core.rules.model import AlertRule, SpikeRule, ThresholdRule
from bot.core.trial import DAY, SHORT, PoolTrial, Trial, lasted, told_at
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Cell,
    Code,
    Curve,
    Footnote,
    Level,
    Look,
    Message,
    Paragraph,
    Plot,
    PlotRow,
    Shade,
    Span,
    Table,
    Tone,
    Verb,
    When,
)
from bot.messages.phrases import LONGEST_NAME, counted, named, one_line
from bot.messages.sparkline import sparkline
from bot.messages.trend import Point, trend_chart

MOST_RULES = 40
# Buttons for more rules than that would be a wall; the others are edited and removed in words.
MOST_WITH_BUTTONS = 8
MOST_MOMENTS = 8
MOST_DAYS = 31
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule as people see it in a list.

    Attributes:
        rule: What it says.
        id: Of one that was made in chat; `None` for one of the configuration file.
        fired: How many alerts of it were told lately.
        hidden: Whether a rule of the configuration file has its name, so that it is not used.
    """

    rule: AlertRule
    id: str | None = None
    fired: int = 0
    hidden: bool = False


def said_of(rule: AlertRule) -> str:
    """What the rule says, in a line."""
    if isinstance(rule, ThresholdRule | SpikeRule):
        return one_line(rule_text(rule), 200)
    return one_line(f"{rule.kind} {rule.metric or ''}".strip() + f" in {', '.join(rule.pools)}", 200)


def rules_message(rules: Sequence[Listed], *, lately: timedelta, may_change: bool) -> Message:
    """Every rule: those of the configuration file, which are only read here, and those made in chat."""
    made = [each for each in rules if each.id is not None]
    rows: list[tuple[Cell, ...]] = [
        (
            one_line(each.rule.name, LONGEST_NAME),
            said_of(each.rule),
            each.rule.severity.value,
            each.fired,
            "file" if each.id is None else "chat, not used" if each.hidden else "chat",
        )
        for each in rules[:MOST_RULES]
    ]
    header = ("Rule", "Alerts when", "Severity", f"Alerts in {spoken(lately)}", "Made in")
    blocks: list[Block] = []
    if rows:
        blocks.append(Table("Rules", header, tuple(rows)))
    else:
        blocks.append(Paragraph(("There are no rules: nothing is watched.",)))
    if len(rules) > MOST_RULES:
        blocks.append(Paragraph((f"+{len(rules) - MOST_RULES} more rules.",)))
    if any(each.hidden for each in made):
        blocks.append(Paragraph(("A rule of the configuration file has the name of one that is not used.",)))
    blocks.append(Footnote(("Rules of the configuration file are changed there, all others here.",)))
    calmest = f"{counted(len(rules), 'rule')}, {len(made)} of them made in chat"
    busiest = max(rules, key=lambda each: each.fired, default=None)
    most = f"; the most alerts in {spoken(lately)}: {_name(busiest.rule)}, {busiest.fired}" if busiest else ""
    return Message(
        title=counted(len(rules), "rule"),
        summary=f"{calmest}{most}.",
        blocks=tuple(blocks),
        buttons=_list_buttons(made) if may_change else (),
    )


def _list_buttons(made: Sequence[Listed]) -> tuple[Button, ...]:
    found = [Button("Add a rule", Verb.SAY, "/pool-alerts add", Look.PRIMARY)]
    for each in made[:MOST_WITH_BUTTONS]:
        name = one_line(each.rule.name, 40)
        found.append(Button(f"Edit {name}", Verb.SAY, f"/pool-alerts edit {each.id}", Look.TUCKED))
        found.append(Button(f"Remove {name}", Verb.SAY, f"/pool-alerts remove {each.id}", Look.TUCKED))
    return tuple(found)


def trial_message(trial: Trial, *, now: datetime, keep: str | None = None, edit: str | None = None) -> Message:
    """What the rule would have told, and which limit would be calmer.

    Args:
        trial: What was found.
        now: The time of the answer.
        keep: The words that keep the rule as it is; `None` where the asker may not.
        edit: The words that open it as a form.
    """
    buttons: list[Button] = []
    if keep is not None:
        buttons.append(Button("Keep this rule", Verb.SAY, keep, Look.PRIMARY))
    if edit is not None:
        buttons.append(Button("Change it", Verb.SAY, edit))
    return Message(
        title=f"{_name(trial.rule)}: {_how_many(trial) if trial.pools else 'nothing to try it on'}",
        summary=f"{said_of(trial.rule)}: {_sentence(trial)}{_at_another(trial)}",
        blocks=(*trial_blocks(trial), *_chart(trial, now), *_small_print(trial)),
        buttons=tuple(buttons),
    )


def trial_blocks(trial: Trial) -> tuple[Block, ...]:
    """What the rule would have told, for above a form."""
    blocks: list[Block] = [Paragraph((Code(said_of(trial.rule)),)), Paragraph((Bold(_sentence(trial)),))]
    calmer = _at_another(trial)
    if calmer:
        blocks.append(Paragraph((calmer.strip(),)))
    alerts = trial.alerts
    if alerts:
        bars, first = _a_day(trial)
        blocks.append(Paragraph(("Alerts a day since ", When(first), ": ", Code(bars))))
        blocks += [Paragraph(_moment(alert)) for alert in alerts[-MOST_MOMENTS:]]
        if len(alerts) > MOST_MOMENTS:
            blocks.append(Paragraph((f"+{len(alerts) - MOST_MOMENTS} before these.",)))
    blocks += _not_looked_at(trial)
    return tuple(blocks)


def _sentence(trial: Trial) -> str:
    """As in: 7 alerts in 14 days on 2 of 3 pools, 3 of them shorter than 5 minutes."""
    if not trial.pools:
        return "Nothing was read of a pool that this rule covers, so nothing can be said."
    alerts, pools = trial.alerts, trial.pools
    short = sum(lasted(alert) < SHORT for alert in alerts if alert.resolved_at is not None)
    said = f"{_how_many(trial)} on {sum(bool(each.alerts) for each in pools)} of {counted(len(pools), 'pool')}"
    if not alerts:
        said = f"{_how_many(trial)} on {counted(len(pools), 'pool')}"
    if short:
        said += f", {short} of them shorter than 5 minutes" if len(alerts) > 1 else ", for less than 5 minutes"
    still = sum(alert.open for alert in alerts)
    if still:
        said += f", {still} still open" if len(alerts) > 1 else ", and it would still be open"
    return f"{said}."


def _how_many(trial: Trial) -> str:
    number = len(trial.alerts)
    return f"{'no alert' if not number else counted(number, 'alert')} in {_length(trial.looked_at)}"


def _length(length: timedelta) -> str:
    """So many days, where it is days."""
    days = round(length / DAY)
    if days > 1:
        return f"{days} days"
    return f"{round(length / HOUR)} h" if length > HOUR else spoken(length)


def _at_another(trial: Trial) -> str:
    """What the suggestion would have told, as a sentence that follows."""
    calmer = trial.suggestion
    if calmer is None or calmer.rule == trial.rule:
        return ""
    told = "no alert" if not calmer.alerts else counted(calmer.alerts, "alert")
    match calmer.rule:
        case ThresholdRule(above=above):
            return f" At {above} it would be {told}, at most one a day."
        case SpikeRule(sensitivity=sensitivity):
            is_calm = " at most one a day" if calmer.alerts <= trial.one_a_day else " still more than one a day"
            return f" With sensitivity {sensitivity.value} it would be {told},{is_calm}."


def _a_day(trial: Trial) -> tuple[str, datetime]:
    """A bar for each day, the last one up to the end, and when the first begins."""
    days = min(MOST_DAYS, max(1, -(-(trial.until - trial.since) // DAY)))
    told = [0] * days
    for alert in trial.alerts:
        ago = (trial.until - told_at(alert)) // DAY
        if 0 <= ago < days:
            told[days - 1 - ago] += 1
    return sparkline(told), trial.until - days * DAY


def _moment(alert: Alert) -> tuple[Span, ...]:
    about = f" ({one_line(alert.job_type, LONGEST_NAME)} jobs)" if alert.job_type else ""
    over = f"for {spoken(lasted(alert))}" if alert.resolved_at is not None else "not over yet"
    return (When(told_at(alert)), " · ", Bold(named(alert.pool)), f"{about} · {over}, at most {alert.peak}")


def _not_looked_at(trial: Trial) -> list[Block]:
    said: list[str] = []
    if trial.left_out:
        said.append(f"{counted(trial.left_out, 'pool')} more could not be looked at in the time")
    if trial.unread:
        names = ", ".join(named(pool) for pool in trial.unread[:3])
        more = f" and {len(trial.unread) - 3} more" if len(trial.unread) > 3 else ""
        said.append(f"nothing was read of {names}{more}")
    return [Paragraph((f"Left out: {'; '.join(said)}.",))] if said else []


def _chart(trial: Trial, now: datetime) -> tuple[Block, ...]:
    """The count of the pool with the most alerts."""
    if not trial.pools:
        return ()
    worst: PoolTrial = max(trial.pools, key=lambda each: len(each.alerts))
    if not worst.past:
        return ()
    points = [(at, step.value) for step in worst.past[0].steps for at in (step.first, step.last) if at >= trial.since]
    metric = trial.rule.metric.value
    drawn = trend_chart(f"{metric} of {named(worst.pool)}", points, now=now)
    return () if drawn is None else (replace(drawn, plot=_plot(drawn.title, worst, points, trial)),)


def _plot(title: str, pool: PoolTrial, points: Sequence[Point], trial: Trial) -> Plot:
    """The same in full, with the moments marked at which people would have been told, and the limit."""
    rule, metric = trial.rule, trial.rule.metric.value
    levels = (Level(rule.above, f"{metric} above {rule.above}"),) if isinstance(rule, ThresholdRule) else ()
    shades = tuple(Shade(_name(rule), told_at(each), each.resolved_at, f"peak {each.peak}") for each in pool.alerts)
    row = PlotRow(metric, (Curve(metric, tuple(points)),), shades, levels)
    return Plot(title, trial.since, trial.until, (row,), is_finer=True)


def _small_print(trial: Trial) -> tuple[Block, ...]:
    judged = sum(each.readings for each in trial.pools)
    if not judged:
        return ()
    return (Footnote((f"{judged:,} readings judged as they are live, from ", When(trial.since), " on.")),)


def kept_message(rule: ChatRule, rule_id: str, *, places: Sequence[Place], is_new: bool, can_undo: bool) -> Message:
    """The rule is in use from the next reading on, and who hears of it."""
    where = ", ".join(one_line(str(place), LONGEST_NAME) for place in places)
    heard = f"Its alerts are told in {where}." if where else "No route is about its alerts: nobody hears of them."
    done = "watched from the next reading on" if is_new else "changed, from the next reading on"
    buttons = [Button("Change it", Verb.SAY, f"/pool-alerts edit {rule_id}")]
    if can_undo:
        buttons.append(Button("Undo", Verb.SAY, f"/pool-alerts undo {rule_id}"))
    buttons += [
        Button("Remove", Verb.SAY, f"/pool-alerts remove {rule_id}"),
        Button("All rules", Verb.SAY, "/pool-alerts rules"),
    ]
    return Message(
        title=f"Rule {_name(rule)} is {'added' if is_new else 'changed'}",
        summary=f"Rule {quoted(_name(rule))} is {done}: {said_of(rule)}. {heard}",
        tone=Tone.NEUTRAL if where else Tone.WARNING,
        blocks=(Paragraph((Code(said_of(rule)), f" is {done}.")), Paragraph((heard,))),
        buttons=tuple(buttons),
    )


def removed_message(rule: ChatRule, rule_id: str) -> Message:
    """The rule is not in use any more."""
    name = _name(rule)
    then = "What is open because of it ends with the next reading."
    return Message(
        title=f"Rule {name} is removed",
        summary=f"Rule {quoted(name)} is removed. {then}",
        blocks=(Paragraph((Code(said_of(rule)), f" is watched no more. {then}")),),
        buttons=(
            Button("Restore it", Verb.SAY, f"/pool-alerts restore {rule_id}"),
            Button("All rules", Verb.SAY, "/pool-alerts rules"),
        ),
    )


def no_such_rule(name: str, near: Mapping[str, str]) -> Message:
    """There is none of that name made in chat; `near` are those that may be meant, name by id."""
    asked = quoted(one_line(name, LONGEST_NAME))
    said = f"There is no rule {asked} that was made in chat. Those of the configuration file are changed there."
    return Message(
        title="No such rule",
        summary=said,
        tone=Tone.WARNING,
        blocks=(Paragraph((said,)),),
        buttons=(
            *(Button(f"Edit {one_line(each, 40)}", Verb.SAY, f"/pool-alerts edit {id_}") for id_, each in near.items()),
            Button("All rules", Verb.SAY, "/pool-alerts rules"),
        ),
    )


def _name(rule: AlertRule) -> str:
    return one_line(rule.name, LONGEST_NAME)
