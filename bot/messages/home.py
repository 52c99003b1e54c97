"""What does a person see at a glance: their pools, what is open, what is silenced, what comes, what they chose?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.durations import spoken
from bot.core.language import Language, _, _n, spoken_language
from bot.core.mine import LONGEST_CHOICE, MINE
from bot.core.silences import Silence
from bot.core.spoken import HOME
from bot.core.stats import JobStatus, PoolStats
from bot.messages.alert import buttons as alert_buttons
from bot.messages.alert_line import alert_line, telling
from bot.messages.all_pools import pools_table, worst_first
from bot.messages.digests import ListedDigest, digest_line
from bot.messages.form import Form, PoolsField, Purpose
from bot.messages.model import Bold, Button, Code, Facts, Footnote, Message, Paragraph, Span, Verb, When
from bot.messages.page import Entry, Page, Section
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, named, one_line, spans
from bot.messages.silences import EXTEND, silence_line

MOST_POOLS = 10
MOST_ALERTS = 10
MOST_SILENCES = 5
MOST_DIGESTS = 10
MOST_SHOW_BUTTONS = 3
_LANGUAGES = {Language.ENGLISH: "English", Language.CHINESE: "简体中文"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person may see, as of `now`.

    Attributes:
        readings: The last reading of each of their pools. `pools`: how many pools there are to be seen at all.
        mine: The globs that they chose; none for all pools.
        alerts: The open alerts that people were told of, of their pools. `elsewhere`: how many there are of others.
        silences: Each with how many open alerts it keeps quiet.
        digests: With the name of the channel that gets it; `None` where it is not known which channels are theirs.
        zone: The time zone that they live in; empty when it is not known.
        trends: Queue over the last hours by the pool's id.
        trouble: Why something of this cannot be told now.
    """

    now: datetime
    readings: Sequence[PoolStats] = ()
    pools: int = 0
    mine: tuple[str, ...] = ()
    alerts: Sequence[Alert] = ()
    elsewhere: int = 0
    silences: Sequence[tuple[Silence, int]] = ()
    digests: Sequence[tuple[str, ListedDigest]] | None = ()
    zone: str = ""
    trends: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    trouble: str = ""


def home_page(seen: Seen) -> Page:
    """The page. The worst stands first: what does not fit is cut at the end."""
    told = telling(seen.alerts)
    return Page(
        _("Home"),
        _summary(seen, told),
        (
            *_trouble(seen),
            _pools(seen),
            _alerts(told, seen.elsewhere),
            _silences(seen.silences),
            *(() if seen.digests is None else (_digests(seen.digests),)),
            _settings(seen),
        ),
        (
            Button(_("Open alerts"), Verb.SAY, POOL_ALERTS),
            Button(_("Silences"), Verb.SAY, f"{POOL_ALERTS} silences"),
            _choose(),
            _refresh(),
        ),
    )


def mine_form(mine: Sequence[str]) -> Form:
    """What to fill in to choose one's own pools."""
    hint = _("Names, ids, or parts of them with *; commas between them. Empty for all pools.")
    pools = PoolsField(MINE, _("My pools"), hint, tuple(mine), optional=True)
    note = _("Home and /pool-stats begin with them. A name without * stands for all that begin with it.")
    return Form(_("My pools"), Purpose.MY_POOLS, "", (pools,), blocks=(Paragraph((note,)),))


def mine_chosen(mine: Sequence[str]) -> Message:
    """It is kept which pools are theirs."""
    if not mine:
        said = _("Home and /pool-stats begin with all pools again.")
        return Message(_("All pools"), said, blocks=(Paragraph((said,)),), buttons=(_choose(),))
    said = _("Home and /pool-stats begin with {pools}.", pools=_list(mine))
    every: tuple[Span, ...] = spans("All pools: {command}", command=Code(f"{POOL_STATS} *"))
    show = Button(_("Show them"), Verb.SHOW, " ".join(mine))
    return Message(_("My pools"), said, blocks=(Paragraph((said,)), Footnote(every)), buttons=(show, _choose()))


def too_many_mine() -> str:
    """Why a choice of pools is not taken."""
    return _("That is too long: at most {number} characters in all, please. Say it with *.", number=LONGEST_CHOICE)


def only_mine() -> Footnote:
    """Below a list that begins with somebody's own pools."""
    return Footnote(spans("Only your own pools. All: {command}", command=Code(f"{POOL_STATS} *")))


def _trouble(seen: Seen) -> tuple[Section, ...]:
    if not seen.trouble:
        return ()
    said = spans(
        "{what} {why}", what=Bold(_("Not everything can be shown now:")), why=one_line(seen.trouble, LONGEST_WHY)
    )
    return (Section("", (Entry((Paragraph(said),)),)),)


def _pools(seen: Seen) -> Section:
    ranked = worst_first(seen.readings, seen.alerts)
    title = _("My pools: {pools}", pools=_list(seen.mine)) if seen.mine else _("Pools")
    more = (Button(_("All pools"), Verb.SHOW, "*"),) if seen.mine else ()
    if not ranked:
        entry = Entry((Paragraph((_no_pools(seen),)),), (_choose(), *more, _refresh()))
        return Section(title, (entry,))
    shown = ranked[:MOST_POOLS]
    names = [named(stats.pool) for stats in shown]
    show = tuple(
        Button(name, Verb.SHOW, stats.pool.id)
        for stats, name in zip(shown[:MOST_SHOW_BUTTONS], names, strict=False)
        if names.count(name) == 1
    )
    rest = len(ranked) - len(shown)
    following = (Button(_("+{number} more", number=rest), Verb.SHOW, " ".join(seen.mine)),) if rest else ()
    oldest = min(ranked, key=lambda stats: stats.taken_at).taken_at
    age = spans(
        "The oldest reading is {age} old, from {when}",
        age=spoken(max(seen.now - oldest, timedelta())),
        when=When(oldest),
    )
    blocks = (pools_table(shown, seen.trends), Footnote(age))
    return Section(title, (Entry(blocks, (*show, *following, *more, _choose(), _refresh())),))


def _no_pools(seen: Seen) -> str:
    if seen.mine and seen.pools:
        return _("None of the pools is named so.")
    if seen.pools:
        return _("No pool has been read yet.")
    return _("There are no pools that you may see.")


def _alerts(told: Sequence[Alert], elsewhere: int) -> Section:
    entries = [
        Entry((Paragraph(alert_line(alert, with_pool=True)),), alert_buttons(alert, alert.id))
        for alert in told[:MOST_ALERTS]
    ]
    if not told:
        entries.append(_said(_("Nothing is open.")))
    if len(told) > MOST_ALERTS:
        more = Button(_("Open alerts"), Verb.SAY, POOL_ALERTS)
        entries.append(_said(_("+{number} more", number=len(told) - MOST_ALERTS), more))
    if elsewhere:
        more = Button(_("Open alerts"), Verb.SAY, POOL_ALERTS)
        about = _n("{number} more is open in other pools.", "{number} more are open in other pools.", elsewhere)
        entries.append(_said(about, more))
    return Section(_("Open alerts"), tuple(entries))


def _silences(silences: Sequence[tuple[Silence, int]]) -> Section:
    entries = [
        Entry(
            (Paragraph(silence_line(silence, quiet)),),
            (
                Button(_("End"), Verb.END_SILENCE, silence.id),
                Button(_("2 h longer"), Verb.EXTEND_SILENCE, f"{silence.id} {EXTEND}"),
            ),
        )
        for silence, quiet in silences[:MOST_SILENCES]
    ]
    make = Button(_("Silence…"), Verb.SAY, f"{POOL_ALERTS} silence")
    if not silences:
        entries.append(_said(_("Nothing is silenced."), make))
    elif len(silences) > MOST_SILENCES:
        more = Button(_("Silences"), Verb.SAY, f"{POOL_ALERTS} silences")
        entries.append(_said(_("+{number} more", number=len(silences) - MOST_SILENCES), more, make))
    return Section(_("Silences"), tuple(entries))


def _digest(channel: str, digest: ListedDigest) -> Paragraph:
    called = Code(one_line(channel, LONGEST_NAME))
    return Paragraph(spans("{channel}: {digest}", channel=called, digest=digest_line(digest)))


def _digests(digests: Sequence[tuple[str, ListedDigest]]) -> Section:
    entries = [Entry((_digest(channel, each),)) for channel, each in digests[:MOST_DIGESTS]]
    if not digests:
        entries.append(_said(_("None of your channels gets a digest.")))
    if len(digests) > MOST_DIGESTS:
        entries.append(_said(_("+{number} more", number=len(digests) - MOST_DIGESTS)))
    how = spans("A new one is made in the channel that shall get it: {command}", command=Code(f"{POOL_DIGEST} add"))
    return Section(_("Digests of your channels"), (*entries, Entry((Footnote(how),))))


def _settings(seen: Seen) -> Section:
    zone = one_line(seen.zone, LONGEST_NAME) or _("not known; UTC is used")
    facts = Facts(
        (
            (_("My pools"), (_list(seen.mine) if seen.mine else _("all"),)),
            (_("Language"), (_LANGUAGES[spoken_language()],)),
            (_("Time zone"), (zone,)),
        )
    )
    how = _("Language and time zone are those of your profile. Write to me here, mention me, or type /pool-stats help.")
    return Section(_("Settings"), (Entry((facts, Footnote((how,))), (_choose(),)),))


def _said(text: str, *buttons: Button) -> Entry:
    return Entry((Paragraph((text,)),), buttons)


def _choose() -> Button:
    return Button(_("Choose my pools"), Verb.SAY, f"{POOL_STATS} {MINE}")


def _refresh() -> Button:
    return Button(_("Refresh"), Verb.SAY, HOME)


def _list(globs: Sequence[str]) -> str:
    return one_line(", ".join(globs), LONGEST_WHY)


def _summary(seen: Seen, told: Sequence[Alert]) -> str:
    sums = {
        status: sum(stats.count(status) or 0 for stats in seen.readings)
        for status in (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)
    }
    pools = _n("{number} pool", "{number} pools", len(seen.readings))
    alerts = _n("{number} open alert", "{number} open alerts", len(told))
    silences = _n("{number} silence", "{number} silences", len(seen.silences))
    counts = ", ".join(f"{status} {number}" for status, number in sums.items())
    return _(
        "{pools}: {counts} in all. {alerts}, {silences}.", pools=pools, counts=counts, alerts=alerts, silences=silences
    )
