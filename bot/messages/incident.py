"""How is an incident worded: what belongs together in a pool, in one message, and what happens to it?"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.core.alerts import ABSENT, Alert
from bot.core.durations import spoken
from bot.core.evidence import Evidence
from bot.core.gathering import Entry, News
from bot.core.incidents import Incident, Member
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
from bot.messages.alert_line import MOST_LINES, alert_line, trouble_of
from bot.messages.evidence import evidence_blocks, likely
from bot.messages.model import Block, Bold, Code, Facts, Footnote, Message, Paragraph, Span, Tone, When
from bot.messages.phrases import LONGEST_NAME, because, counted, named, one_line, utc

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
    title = f"{_headed(incident, first)}: {_names(about)} in {named(first.alert.pool)}"
    if incident.open:
        blocks: list[Block] = [lead(first.alert), Paragraph(now_because(first.alert)), *_times(incident, first)]
        blocks += [*behind, *_lines(others), facts(first.alert)]
        said = f"{figures(first.alert, now)}{likely(evidence, with_users=with_users)}"
    else:
        blocks = [Paragraph((Bold(_over(incident)),)), *_lines([first, *others]), *behind, _from_to(incident)]
        said = f"{_over(incident)}."
    return Message(
        title=title,
        summary=f"{title}. {said}{_also(others, now)}",
        tone=tone(first.alert) if incident.open or _is_well(incident) else Tone.NEUTRAL,
        blocks=(*blocks, _small_print(incident, first.alert)),
        buttons=buttons(first.alert, incident.id),
    )


def incident_entry(incident: Incident, entry: Entry, *, now: datetime) -> Message:
    """One line for the incident's thread, or for the channel too: readable without the message above it."""
    alert, times = entry.member.alert, entry.member.times
    about = f"{trouble_of(alert)} in {named(alert.pool)}"
    why = because(alert.why)
    match entry.news:
        case News.MOVED if entry.move is not None:
            return alert_entry(alert, entry.move, now=now)
        case News.MOVED | News.JOINED:
            return one_entry((Bold(f"{alert.severity.capitalize()} as well"), f": {about} · {why}"), now)
        case News.AGAIN:
            return one_entry((Bold(f"Again, for the {nth(times)} time"), f": {about} · {why}"), now)
        case News.STILL:
            seen_at = now if alert.kind == ABSENT else alert.seen_at
            lasts = f"Still open after {spoken(seen_at - alert.began_at)}"
            if times > 1:
                lasts = f"Not over, the {nth(times)} time in {spoken(now - incident.opened_at)}"
            more = sum(member.alert.open for member in incident.members) - 1
            rest = f", and {counted(more, 'alert')} more" if more else ""
            return one_entry((Bold(lasts), f": {about} ({seen_last(alert)}{peaked(alert)}){rest}"), now)
        case news:
            assert_never(news)


def nth(number: int) -> str:
    """The ordinal number: 1st, 2nd, 3rd, 4th, 11th."""
    last = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _is_well(incident: Incident) -> bool:
    """Whether all of it is over, and by readings that were well, not because nobody looks any more."""
    return all(recovered(member.alert) for member in incident.members)


def _headed(incident: Incident, first: Member) -> str:
    if incident.open:
        return headed(first.alert)
    return "Resolved" if _is_well(incident) else "Closed"


def _names(members: Sequence[Member]) -> str:
    names = [trouble_of(member.alert) for member in members]
    if len(names) <= MOST_NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"


def _over(incident: Incident) -> str:
    ended_at = incident.ended_at or incident.aloud_at
    how = "All well again" if _is_well(incident) else "Over or not watched any more"
    return f"{how} after {spoken(ended_at - incident.opened_at)}"


def _times(incident: Incident, first: Member) -> Sequence[Block]:
    if first.times == 1:
        return ()
    return (Paragraph((f"For the {nth(first.times)} time since ", When(incident.opened_at), ".")),)


def _lines(members: Sequence[Member]) -> Sequence[Block]:
    """One line for each, and how many more there are."""
    lines: list[Block] = [Paragraph(_line(member)) for member in members[:MOST_LINES]]
    if len(members) > MOST_LINES:
        lines.append(Paragraph((f"+{len(members) - MOST_LINES} more",)))
    return lines


def _line(member: Member) -> tuple[Span, ...]:
    alert = member.alert
    times = (f" · {nth(member.times)} time",) if member.times > 1 else ()
    if alert.open:
        return (*alert_line(alert, with_pool=False), *times)
    ended_at = alert.resolved_at or alert.changed_at
    took = (" · ", When(alert.began_at), " to ", When(ended_at))
    return (Bold(f"Over: {trouble_of(alert)}"), f" · {ended_with(alert)}", *took, *times)


def _from_to(incident: Incident) -> Facts:
    ended_at = incident.ended_at or incident.aloud_at
    return Facts((("Since", (When(incident.opened_at),)), ("Until", (When(ended_at),))))


def _also(others: Sequence[Member], now: datetime) -> str:
    """What a summary says of the rest."""
    still = [member.alert for member in others if member.alert.open]
    if not still:
        return ""
    said = [f"{trouble_of(alert)} since {utc(alert.began_at, now=now)}" for alert in still[:MOST_NAMED]]
    more = f" and {len(still) - MOST_NAMED} more" if len(still) > MOST_NAMED else ""
    return f" Also open: {', '.join(said)}{more}."


def _small_print(incident: Incident, first: Alert) -> Footnote:
    alerts = counted(sum(member.times for member in incident.members), "alert")
    pool_id = Code(one_line(first.pool.id, LONGEST_NAME))
    return Footnote(("Incident ", Code(one_line(incident.id, LONGEST_NAME)), " · pool ", pool_id, f" · {alerts}"))
