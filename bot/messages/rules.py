"""How are rules worded: which there are, what one would have told, and what became of it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.command import quoted
from bot.core.durations import spoken
from bot.core.language import N_, Language, _, _n, speaking, spoken_language
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
from bot.messages.phrases import LONGEST_NAME, listed, named, one_line, spans
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
    about = f"{rule.kind} {rule.metric or ''}".strip()
    return one_line(f"{about} in {', '.join(rule.pools)}", 200)


def rules_message(rules: Sequence[Listed], *, lately: timedelta, may_change: bool) -> Message:
    """Every rule: those of the configuration file, which are only read here, and those made in chat."""
    made = [each for each in rules if each.id is not None]
    rows: list[tuple[Cell, ...]] = [
        (
            one_line(each.rule.name, LONGEST_NAME),
            said_of(each.rule),
            _(each.rule.severity.value),
            each.fired,
            _made_in(each),
        )
        for each in rules[:MOST_RULES]
    ]
    fired = _("Alerts in {time}", time=spoken(lately))
    header = (_("Rule"), _("Alerts when"), _("Severity"), fired, _("Made in"))
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(_("Rules"), header, tuple(rows)))
    else:
        blocks.append(Paragraph((_("There are no rules: nothing is watched."),)))
    if len(rules) > MOST_RULES:
        more = len(rules) - MOST_RULES
        blocks.append(Paragraph((_n("+{number} more rules.", "+{number} more rules.", more),)))
    if any(each.hidden for each in made):
        blocks.append(Paragraph((_("A rule of the configuration file has the name of one that is not used."),)))
    blocks.append(Footnote((_("Rules of the configuration file are changed there, all others here."),)))
    number = _n("{number} rule", "{number} rules", len(rules))
    calmest = _("{rules}, {made} of them made in chat", rules=number, made=len(made))
    busiest = max(rules, key=lambda each: each.fired, default=None)
    if busiest is not None:
        calmest = _(
            "{rules}; the most alerts in {time}: {rule}, {number}",
            rules=calmest,
            time=spoken(lately),
            rule=_name(busiest.rule),
            number=busiest.fired,
        )
    return Message(
        title=number,
        summary=_("{sentence}.", sentence=calmest),
        blocks=tuple(blocks),
        buttons=_list_buttons(made) if may_change else (),
    )


def _made_in(listed: Listed) -> str:
    if listed.id is None:
        return _("file")
    return _("chat, not used") if listed.hidden else _("chat")


def _list_buttons(made: Sequence[Listed]) -> tuple[Button, ...]:
    found = [Button(_("Add a rule"), Verb.SAY, "/pool-alerts add", Look.PRIMARY)]
    for each in made[:MOST_WITH_BUTTONS]:
        name = one_line(each.rule.name, 40)
        found.append(Button(_("Edit {rule}", rule=name), Verb.SAY, f"/pool-alerts edit {each.id}", Look.TUCKED))
        found.append(Button(_("Remove {rule}", rule=name), Verb.SAY, f"/pool-alerts remove {each.id}", Look.TUCKED))
    return tuple(found)


def trial_message(
    trial: Trial,
    *,
    now: datetime,
    keep: str | None = None,
    edit: str | None = None,
    pictured: Language | None = None,
) -> Message:
    """What the rule would have told, and which limit would be calmer.

    Args:
        trial: What was found.
        now: The time of the answer.
        keep: The words that keep the rule as it is; `None` where the asker may not.
        edit: The words that open it as a form.
        pictured: The language of the words in its picture, where it is not the spoken one.
    """
    buttons: list[Button] = []
    if keep is not None:
        buttons.append(Button(_("Keep this rule"), Verb.SAY, keep, Look.PRIMARY))
    if edit is not None:
        buttons.append(Button(_("Change it"), Verb.SAY, edit))
    return Message(
        title=_(
            "{rule}: {what}",
            rule=_name(trial.rule),
            what=_how_many(trial) if trial.pools else _("nothing to try it on"),
        ),
        summary=_("{rule}: {what}", rule=said_of(trial.rule), what=_followed_by(_sentence(trial), _at_another(trial))),
        blocks=(*trial_blocks(trial), *_chart(trial, now, pictured or spoken_language()), *_small_print(trial)),
        buttons=tuple(buttons),
    )


def trial_blocks(trial: Trial, marked: Sequence[Block] = ()) -> tuple[Block, ...]:
    """What the rule would have told; `marked` shows when, where there is no chart, in the place of how many a day."""
    blocks: list[Block] = [Paragraph((Code(said_of(trial.rule)),)), Paragraph((Bold(_sentence(trial)),))]
    calmer = _at_another(trial)
    if calmer:
        blocks.append(Paragraph((calmer,)))
    alerts = trial.alerts
    if alerts:
        bars, first = _a_day(trial)
        a_day = Paragraph(spans("Alerts a day since {when}: {bars}", when=When(first), bars=Code(bars)))
        blocks += marked or (a_day,)
        blocks += [Paragraph(_moment(alert)) for alert in alerts[-MOST_MOMENTS:]]
        if len(alerts) > MOST_MOMENTS:
            blocks.append(Paragraph((_("+{number} before these.", number=len(alerts) - MOST_MOMENTS),)))
    blocks += _not_looked_at(trial)
    return tuple(blocks)


def _followed_by(sentence: str, another: str) -> str:
    return _("{sentence} {another}", sentence=sentence, another=another) if another else sentence


def _sentence(trial: Trial) -> str:
    """As in: 7 alerts in 14 days on 2 of 3 pools, 3 of them shorter than 5 minutes."""
    if not trial.pools:
        return _("Nothing was read of a pool that this rule covers, so nothing can be said.")
    alerts, pools = trial.alerts, trial.pools
    short = sum(lasted(alert) < SHORT for alert in alerts if alert.resolved_at is not None)
    all_pools = _n("{number} pool", "{number} pools", len(pools))
    if alerts:
        some = sum(bool(each.alerts) for each in pools)
        said = _("{alerts} on {number} of {pools}", alerts=_how_many(trial), number=some, pools=all_pools)
    else:
        said = _("{alerts} on {pools}", alerts=_how_many(trial), pools=all_pools)
    if short and len(alerts) > 1:
        said = _("{alerts}, {number} of them shorter than 5 minutes", alerts=said, number=short)
    elif short:
        said = _("{alerts}, for less than 5 minutes", alerts=said)
    still = sum(alert.open for alert in alerts)
    if still and len(alerts) > 1:
        said = _("{alerts}, {number} still open", alerts=said, number=still)
    elif still:
        said = _("{alerts}, and it would still be open", alerts=said)
    return _("{sentence}.", sentence=said)


def _how_many(trial: Trial) -> str:
    return _("{alerts} in {time}", alerts=_alerts(len(trial.alerts)), time=_length(trial.looked_at))


def _alerts(number: int) -> str:
    return _n("{number} alert", "{number} alerts", number) if number else _("no alert")


def _length(length: timedelta) -> str:
    """So many days, where it is days."""
    days = round(length / DAY)
    if days > 1:
        return _n("{number} day", "{number} days", days)
    return _("{hours} h", hours=round(length / HOUR)) if length > HOUR else spoken(length)


def _at_another(trial: Trial) -> str:
    """What the suggestion would have told, as a sentence that follows."""
    calmer = trial.suggestion
    if calmer is None or calmer.rule == trial.rule:
        return ""
    told = _alerts(calmer.alerts)
    match calmer.rule:
        case ThresholdRule(above=above):
            return _("At {limit} it would be {alerts}, at most one a day.", limit=above, alerts=told)
        case SpikeRule(sensitivity=sensitivity):
            if calmer.alerts <= trial.one_a_day:
                how = N_("With sensitivity {sensitivity} it would be {alerts}, at most one a day.")
            else:
                how = N_("With sensitivity {sensitivity} it would be {alerts}, still more than one a day.")
            return _(how, sensitivity=_(sensitivity.value), alerts=told)


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
    about: tuple[Span, ...] = (Bold(named(alert.pool)),)
    if alert.job_type:
        about = spans("{pool} ({type} jobs)", pool=about, type=one_line(alert.job_type, LONGEST_NAME))
    over = _("for {time}", time=spoken(lasted(alert))) if alert.resolved_at is not None else _("not over yet")
    when = When(told_at(alert))
    return spans("{when} · {pool} · {over}, at most {peak}", when=when, pool=about, over=over, peak=alert.peak)


def _not_looked_at(trial: Trial) -> list[Block]:
    said: list[str] = []
    if trial.left_out:
        said.append(
            _n(
                "{number} pool more could not be looked at in the time",
                "{number} pools more could not be looked at in the time",
                trial.left_out,
            )
        )
    if trial.unread:
        names = listed([named(pool) for pool in trial.unread[:3]])
        if len(trial.unread) > 3:
            names = _("{some} and {number} more", some=names, number=len(trial.unread) - 3)
        said.append(_("nothing was read of {pools}", pools=names))
    return [Paragraph((_("Left out: {what}.", what=_("; ").join(said)),))] if said else []


def _chart(trial: Trial, now: datetime, pictured: Language) -> tuple[Block, ...]:
    """The count of the pool with the most alerts."""
    if not trial.pools:
        return ()
    worst: PoolTrial = max(trial.pools, key=lambda each: len(each.alerts))
    if not worst.past:
        return ()
    points = [(at, step.value) for step in worst.past[0].steps for at in (step.first, step.last) if at >= trial.since]
    metric = trial.rule.metric.value
    drawn = trend_chart(_("{status} of {pool}", status=metric, pool=named(worst.pool)), points, now=now)
    if drawn is None:
        return ()
    with speaking(pictured):
        same = trend_chart(_("{status} of {pool}", status=metric, pool=named(worst.pool)), points, now=now)
        return (replace(drawn, plot=_plot((same or drawn).title, worst, points, trial)),)


def _plot(title: str, pool: PoolTrial, points: Sequence[Point], trial: Trial) -> Plot:
    """The same in full, with the moments marked at which people would have been told, and the limit."""
    rule, metric = trial.rule, trial.rule.metric.value
    levels = (
        (Level(rule.above, _("{status} above {limit}", status=metric, limit=rule.above)),)
        if isinstance(rule, ThresholdRule)
        else ()
    )
    shades = tuple(
        Shade(_name(rule), told_at(each), each.resolved_at, _("peak {number}", number=each.peak))
        for each in pool.alerts
    )
    row = PlotRow(metric, (Curve(metric, tuple(points)),), shades, levels)
    return Plot(title, trial.since, trial.until, (row,), is_finer=True)


def _small_print(trial: Trial) -> tuple[Block, ...]:
    judged = sum(each.readings for each in trial.pools)
    if not judged:
        return ()
    readings = f"{judged:,}"
    words = N_("{readings} readings judged as they are live, from {when} on.")
    return (Footnote(spans(words, readings=readings, when=When(trial.since))),)


def kept_message(rule: ChatRule, rule_id: str, *, places: Sequence[Place], is_new: bool, can_undo: bool) -> Message:
    """The rule is in use from the next reading on, and who hears of it."""
    where = listed([one_line(str(place), LONGEST_NAME) for place in places])
    if where:
        heard = _("Its alerts are told in {places}.", places=where)
    else:
        heard = _("No route is about its alerts: nobody hears of them.")
    done = _("watched from the next reading on") if is_new else _("changed, from the next reading on")
    buttons = [Button(_("Change it"), Verb.SAY, f"/pool-alerts edit {rule_id}")]
    if can_undo:
        buttons.append(Button(_("Undo"), Verb.SAY, f"/pool-alerts undo {rule_id}"))
    buttons += [
        Button(_("Remove"), Verb.SAY, f"/pool-alerts remove {rule_id}"),
        Button(_("All rules"), Verb.SAY, "/pool-alerts rules"),
    ]
    return Message(
        title=_("Rule {rule} is added", rule=_name(rule)) if is_new else _("Rule {rule} is changed", rule=_name(rule)),
        summary=_(
            "Rule {rule} is {done}: {says}. {heard}",
            rule=quoted(_name(rule)),
            done=done,
            says=said_of(rule),
            heard=heard,
        ),
        tone=Tone.NEUTRAL if where else Tone.WARNING,
        blocks=(Paragraph(spans("{rule} is {done}.", rule=Code(said_of(rule)), done=done)), Paragraph((heard,))),
        buttons=tuple(buttons),
    )


def removed_message(rule: ChatRule, rule_id: str) -> Message:
    """The rule is not in use any more."""
    name = _name(rule)
    then = _("What is open because of it ends with the next reading.")
    gone = spans("{rule} is watched no more. {then}", rule=Code(said_of(rule)), then=then)
    return Message(
        title=_("Rule {rule} is removed", rule=name),
        summary=_("Rule {rule} is removed. {then}", rule=quoted(name), then=then),
        blocks=(Paragraph(gone),),
        buttons=(
            Button(_("Restore it"), Verb.SAY, f"/pool-alerts restore {rule_id}"),
            Button(_("All rules"), Verb.SAY, "/pool-alerts rules"),
        ),
    )


def no_such_rule(name: str, near: Mapping[str, str]) -> Message:
    """There is none of that name made in chat; `near` are those that may be meant, name by id."""
    asked = quoted(one_line(name, LONGEST_NAME))
    said = _(
        "There is no rule {name} that was made in chat. Those of the configuration file are changed there.", name=asked
    )
    return Message(
        title=_("No such rule"),
        summary=said,
        tone=Tone.WARNING,
        blocks=(Paragraph((said,)),),
        buttons=(
            *(
                Button(_("Edit {rule}", rule=one_line(each, 40)), Verb.SAY, f"/pool-alerts edit {id_}")
                for id_, each in near.items()
            ),
            Button(_("All rules"), Verb.SAY, "/pool-alerts rules"),
        ),
    )


def _name(rule: AlertRule) -> str:
    return one_line(rule.name, LONGEST_NAME)
