"""How is an incident worded: what belongs together in a pool, in one message, and what happens to it?"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.core.alerts import ABSENT, Alert
from bot.core.durations import spoken
from bot.core.evidence import Evidence
from bot.core.gathering import Entry, News
from bot.core.incidents import Incident, Member
from bot.core.language import _, _n
from bot.messages.alert import (
    alert_entry,
    alert_message,
    buttons,
    ended_with,
    facts,
    figures,
    headed,
    lead,
    now_because,
    one_entry,
    peaked,
    recovered,
    seen_last,
    tone,
)
from bot.messages.alert_line import MOST_LINES, alert_line, trouble_of, trouble_where
from bot.messages.evidence import evidence_blocks, likely
from bot.messages.model import Block, Bold, Code, Facts, Footnote, Message, Paragraph, Span, Tone, When
from bot.messages.phrases import (
    LONGEST_NAME,
    because,
    begun,
    both,
    listed,
    named,
    one_line,
    sentences,
    severity_word,
    spans,
    utc,
)

# So many kinds of trouble are named in a title, which a phone shows in two lines.
MOST_NAMED = 2


def incident_message(
    incident: Incident, *, now: datetime, evidence: Evidence | None = None, with_users: bool = False
) -> Message:
    """The incident's one message, as it stands; of a lone alert it is the alert's.

    Args:
        incident: The incident.
        now: When it is said.
        evidence: What stood behind the alert that it is first of all about.
        with_users: Whether the users of jobs are named.
    """
    first, *others = incident.ranked()
    if not others and first.times == 1:
        return alert_message(first.alert, now=now, evidence=evidence, with_users=with_users)
    behind = evidence_blocks(evidence, with_users=with_users)
    about = [member for member in (first, *others) if member.alert.open or not incident.open]
    trouble = _("{trouble} in {pool}", trouble=_names(about), pool=named(first.alert.pool))
    title = _("{headed}: {trouble}", headed=_headed(incident, first), trouble=trouble)
    if incident.open:
        blocks: list[Block] = [lead(first.alert), Paragraph(now_because(first.alert)), *_times(incident, first)]
        blocks += [*behind, *_lines(others), facts(first.alert)]
        said = f"{figures(first.alert, now)}{likely(evidence, with_users=with_users)}"
    else:
        blocks = [Paragraph((Bold(_over(incident)),)), *_lines([first, *others]), *behind, _from_to(incident)]
        said = _("{sentence}.", sentence=_over(incident))
    return Message(
        title=title,
        summary=sentences([_("{sentence}.", sentence=title), said, *filter(None, [_also(others, now)])]),
        tone=tone(first.alert) if incident.open or _is_well(incident) else Tone.NEUTRAL,
        blocks=(*blocks, _small_print(incident, first.alert)),
        buttons=buttons(first.alert, incident.id),
    )


def incident_entry(incident: Incident, entry: Entry, *, now: datetime) -> Message:
    """One line for the incident's thread, or for the channel too: readable without the message above it."""
    alert, times = entry.member.alert, entry.member.times
    match entry.news:
        case News.MOVED if entry.move is not None:
            return alert_entry(alert, entry.move, now=now)
        case News.MOVED | News.JOINED:
            what = _("{severity} as well", severity=begun(severity_word(alert.severity)))
            return one_entry(_because(alert, what), now)
        case News.AGAIN:
            what = _("Again, for the {nth} time", nth=nth(times))
            return one_entry(_because(alert, what), now)
        case News.STILL:
            return one_entry(_still(incident, entry.member, now), now)
        case news:
            assert_never(news)


def nth(number: int) -> str:
    """The ordinal number: 1st, 2nd, 3rd, 4th, 11th."""
    if number % 100 in {11, 12, 13}:
        return _("{number}th", number=number)
    match number % 10:
        case 1:
            return _("{number}st", number=number)
        case 2:
            return _("{number}nd", number=number)
        case 3:
            return _("{number}rd", number=number)
        case _last:
            return _("{number}th", number=number)


def _is_well(incident: Incident) -> bool:
    """Whether all of it is over, and by readings that were well, not because nobody looks any more."""
    return all(recovered(member.alert) for member in incident.members)


def _headed(incident: Incident, first: Member) -> str:
    if incident.open:
        return headed(first.alert)
    return _("Resolved") if _is_well(incident) else _("Closed")


def _names(members: Sequence[Member]) -> str:
    names = [trouble_of(member.alert) for member in members]
    if len(names) <= MOST_NAMED:
        return both(names)
    return listed(names[:MOST_NAMED], len(names) - MOST_NAMED)


def _over(incident: Incident) -> str:
    ended_at = incident.ended_at or incident.aloud_at
    length = spoken(ended_at - incident.opened_at)
    if _is_well(incident):
        return _("All well again after {length}", length=length)
    return _("Over or not watched any more after {length}", length=length)


def _times(incident: Incident, first: Member) -> Sequence[Block]:
    if first.times == 1:
        return ()
    since = When(incident.opened_at)
    said = spans("For the {nth} time since {when}.", nth=nth(first.times), when=since)
    return (Paragraph(said),)


def _lines(members: Sequence[Member]) -> Sequence[Block]:
    """One line for each, and how many more there are."""
    lines: list[Block] = [Paragraph(_line(member)) for member in members[:MOST_LINES]]
    if len(members) > MOST_LINES:
        lines.append(Paragraph((_("+{number} more", number=len(members) - MOST_LINES),)))
    return lines


def _line(member: Member) -> tuple[Span, ...]:
    alert = member.alert
    times = (_(" · {nth} time", nth=nth(member.times)),) if member.times > 1 else ()
    if alert.open:
        return (*alert_line(alert, with_pool=False), *times)
    return spans(
        "{over} · {ended} · {since} to {until}{times}",
        over=Bold(_("Over: {trouble}", trouble=trouble_of(alert))),
        ended=ended_with(alert),
        since=When(alert.began_at),
        until=When(alert.resolved_at or alert.changed_at),
        times=times,
    )


def _from_to(incident: Incident) -> Facts:
    ended_at = incident.ended_at or incident.aloud_at
    return Facts(((_("Since"), (When(incident.opened_at),)), (_("Until"), (When(ended_at),))))


def _also(others: Sequence[Member], now: datetime) -> str:
    """What a summary says of the rest."""
    still = [member.alert for member in others if member.alert.open]
    if not still:
        return ""
    said = [
        _("{trouble} since {when}", trouble=trouble_of(alert), when=utc(alert.began_at, now=now))
        for alert in still[:MOST_NAMED]
    ]
    return _("Also open: {alerts}.", alerts=listed(said, max(len(still) - MOST_NAMED, 0)))


def _small_print(incident: Incident, first: Alert) -> Footnote:
    number = sum(member.times for member in incident.members)
    return Footnote(
        spans(
            "Incident {incident} · pool {pool} · {alerts}",
            incident=Code(one_line(incident.id, LONGEST_NAME)),
            pool=Code(one_line(first.pool.id, LONGEST_NAME)),
            alerts=_n("{number} alert", "{number} alerts", number),
        )
    )


def _because(alert: Alert, what: str) -> tuple[Span, ...]:
    return spans("{what}: {trouble} · {why}", what=Bold(what), trouble=trouble_where(alert), why=because(alert.why))


def _still(incident: Incident, member: Member, now: datetime) -> tuple[Span, ...]:
    """That it is not over, how it stands, and what else is open."""
    alert, times = member.alert, member.times
    seen_at = now if alert.kind == ABSENT else alert.seen_at
    lasts = _("Still open after {length}", length=spoken(seen_at - alert.began_at))
    if times > 1:
        lasted = spoken(now - incident.opened_at)
        lasts = _("Not over, the {nth} time in {length}", nth=nth(times), length=lasted)
    line = spans(
        "{what}: {trouble} ({seen}{peak})",
        what=Bold(lasts),
        trouble=trouble_where(alert),
        seen=seen_last(alert),
        peak=peaked(alert),
    )
    more = sum(each.alert.open for each in incident.members) - 1
    return (*line, _n(", and {number} alert more", ", and {number} alerts more", more)) if more else line
