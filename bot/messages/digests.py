"""How is it worded which digests a channel gets, and what became of one?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.command import quoted
from bot.core.digest_words import Wanted
from bot.core.language import N_, _, _n
from bot.messages.form import ChoiceField, Form, Misfilled, PoolsField, Purpose, TextField, read
from bot.messages.model import Block, Bold, Button, Code, Footnote, Look, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import LONGEST_NAME, listed, one_line, spans

MOST_LISTED = 20
_WRITTEN_DAYS = (
    N_("mon-fri"),
    N_("mon"),
    N_("tue"),
    N_("wed"),
    N_("thu"),
    N_("fri"),
    N_("sat"),
    N_("sun"),
    N_("sat,sun"),
)
_DAYS = (
    ("*", N_("every day")),
    ("mon-fri", N_("Monday to Friday")),
    ("mon", N_("Mondays")),
    ("tue", N_("Tuesdays")),
    ("wed", N_("Wednesdays")),
    ("thu", N_("Thursdays")),
    ("fri", N_("Fridays")),
    ("sat", N_("Saturdays")),
    ("sun", N_("Sundays")),
)


@dataclass(frozen=True, slots=True)
class ListedDigest:
    """A digest as people are told of it.

    Attributes:
        cron, timezone: When.
        pools: Globs; `None` for all.
        next_at: When it comes next.
        id: Of one that was made in chat.
        channel: Where one of the configuration file goes, as that names it.
    """

    cron: str
    timezone: str
    pools: tuple[str, ...] | None
    next_at: datetime | None
    id: str | None = None
    channel: str = ""


def channel_digests_message(digests: Sequence[ListedDigest], *, may_change: bool) -> Message:
    """The digests of a channel, and those of the configuration file."""
    made = [each for each in digests if each.id is not None]
    blocks: list[Block] = [Paragraph(digest_line(each)) for each in digests[:MOST_LISTED]]
    if not digests:
        blocks.append(Paragraph((_("This channel gets no digest yet."),)))
    if len(digests) > MOST_LISTED:
        blocks.append(Paragraph((_("+{number} more.", number=len(digests) - MOST_LISTED),)))
    where = _("Digests of the configuration file are changed there, those made here are removed here.")
    blocks.append(Footnote((where,)))
    buttons = [Button(_("Post one now"), Verb.SAY, "/pool-digest now")]
    if may_change:
        buttons.insert(0, Button(_("Add a digest"), Verb.SAY, "/pool-digest add", Look.PRIMARY))
        buttons += [
            Button(
                _("Remove {digest}", digest=one_line(_when(each), 40)),
                Verb.SAY,
                f"/pool-digest remove {each.id}",
                Look.TUCKED,
            )
            for each in made
        ]
    return Message(
        title=_n("{number} digest", "{number} digests", len(digests)) if digests else _("No digests"),
        summary=_digests_said(digests, len(made)),
        blocks=tuple(blocks),
        buttons=tuple(buttons),
    )


def digest_added(digest: ListedDigest) -> Message:
    """It comes from now on."""
    return Message(
        title=_("The digest is planned"),
        summary=_("This channel gets a digest: {digest}, {pools}.", digest=_when(digest), pools=_about(digest)),
        blocks=(Paragraph(spans("This channel gets it: {digest}", digest=digest_line(digest))),),
        buttons=(
            Button(_("Post one now"), Verb.SAY, "/pool-digest now"),
            Button(_("Remove it"), Verb.SAY, f"/pool-digest remove {digest.id}"),
        ),
    )


def digest_removed(digest: ListedDigest) -> Message:
    """It comes no more."""
    said = _("The digest {digest} comes no more.", digest=quoted(_when(digest)))
    return Message(
        title=_("The digest is removed"),
        summary=said,
        blocks=(Paragraph((said,)),),
        buttons=(Button(_("Restore it"), Verb.SAY, f"/pool-digest restore {digest.id}"),),
    )


def digest_put(number: int) -> Message:
    """It is on its way to the channel."""
    said = _("A digest was posted here within this minute already.")
    if number:
        said = _n(
            "{number} digest will stand in this channel within seconds.",
            "{number} digests will stand in this channel within seconds.",
            number,
        )
    return Message(title=_("Digest"), summary=said, blocks=(Paragraph((said,)),))


def digest_form(*, zone: str) -> Form:
    """What to fill in for a new digest of this channel."""
    return Form(
        _("Add a digest"),
        Purpose.DIGEST,
        "",
        (
            TextField("at", _("At"), hint=_("Hours and minutes, such as 09:00."), value="09:00", longest=5),
            ChoiceField("days", _("On"), tuple((days, _(name)) for days, name in _DAYS), value="mon-fri"),
            TextField("zone", _("Time zone"), hint=_("Such as Asia/Shanghai."), value=zone or "UTC", longest=64),
            PoolsField("pools", _("Pools"), hint=_("Names, ids or globs; * for all."), value=("*",)),
        ),
        submit=_("Add"),
    )


def digest_in(typed: dict[str, str]) -> Wanted:
    """The digest that the filled-in form describes.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    values = read(digest_form(zone=""), typed)
    hour, colon, minute = str(values["at"]).partition(":")
    is_time = bool(colon) and all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hour, minute))
    if not is_time or int(hour) > 23 or int(minute) > 59:
        raise Misfilled({"at": _("Please write hours and minutes, such as 09:00.")})
    pools = values["pools"]
    globs = None if not isinstance(pools, tuple) or pools == ("*",) else pools
    return Wanted(f"{int(minute)} {int(hour)} * * {values['days']}", str(values["zone"]), globs)


def _when(digest: ListedDigest) -> str:
    """As in: 09:00 mon-fri (Asia/Shanghai)."""
    zone = one_line(digest.timezone, LONGEST_NAME)
    fields = digest.cron.split()
    if len(fields) == 5 and fields[0].isdigit() and fields[1].isdigit() and fields[2:4] == ["*", "*"]:
        days = _("every day") if fields[4] == "*" else _days(fields[4])
        time = f"{int(fields[1]):02}:{int(fields[0]):02}"
        return _("{time} {days} ({zone})", time=time, days=days, zone=zone)
    return _("{cron} ({zone})", cron=one_line(digest.cron, LONGEST_NAME), zone=zone)


def _about(digest: ListedDigest) -> str:
    if digest.pools is None:
        return _("all pools")
    return _("pools {pools}", pools=one_line(listed(digest.pools), 200))


def digest_line(digest: ListedDigest) -> tuple[Span, ...]:
    """When one comes and of which pools; of one of the configuration file also where."""
    comes = () if digest.next_at is None else spans(", next {when}", when=When(digest.next_at))
    where: tuple[Span, ...] = ()
    if digest.id is None:
        where = spans(" to {channel} by the configuration file", channel=Code(one_line(digest.channel, LONGEST_NAME)))
    return spans(
        "{digest} · {pools}{next}{where}", digest=Bold(_when(digest)), pools=_about(digest), next=comes, where=where
    )


def _digests_said(digests: Sequence[ListedDigest], made: int) -> str:
    here, of_file = _n("{number} digest made here", "{number} digests made here", made), len(digests) - made
    if not digests:
        return _("{here}, {number} in the configuration.", here=here, number=of_file)
    return _(
        "{here}, {number} in the configuration; the first: {digest}.",
        here=here,
        number=of_file,
        digest=_when(digests[0]),
    )


def _days(written: str) -> str:
    """The days of a cron expression, as far as there is a word for them."""
    return _(written) if written in _WRITTEN_DAYS else one_line(written, LONGEST_NAME)
