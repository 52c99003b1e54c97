"""How is it worded which digests a channel gets, and what became of one?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.command import quoted
from bot.core.digest_words import Wanted
from bot.messages.form import ChoiceField, Form, Misfilled, PoolsField, Purpose, TextField, read
from bot.messages.model import Block, Bold, Button, Code, Footnote, Look, Message, Paragraph, Span, Verb, When
from bot.messages.phrases import LONGEST_NAME, counted, one_line

MOST_LISTED = 20
_DAYS = (
    ("*", "every day"),
    ("mon-fri", "Monday to Friday"),
    *((day, name) for day, name in zip(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
        strict=True,
    )),
)  # fmt: skip


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
    blocks: list[Block] = [Paragraph(_line(each)) for each in digests[:MOST_LISTED]]
    if not digests:
        blocks.append(Paragraph(("This channel gets no digest yet.",)))
    if len(digests) > MOST_LISTED:
        blocks.append(Paragraph((f"+{len(digests) - MOST_LISTED} more.",)))
    blocks.append(Footnote(("Digests of the configuration file are changed there, those made here are removed here.",)))
    buttons = [Button("Post one now", Verb.SAY, "/pool-digest now")]
    if may_change:
        buttons.insert(0, Button("Add a digest", Verb.SAY, "/pool-digest add", Look.PRIMARY))
        buttons += [
            Button(f"Remove {one_line(_when(each), 40)}", Verb.SAY, f"/pool-digest remove {each.id}", Look.TUCKED)
            for each in made
        ]
    first = f"; the first: {_when(digests[0])}" if digests else ""
    return Message(
        title=counted(len(digests), "digest") if digests else "No digests",
        summary=f"{counted(len(made), 'digest')} made here, {len(digests) - len(made)} in the configuration{first}.",
        blocks=tuple(blocks),
        buttons=tuple(buttons),
    )


def digest_added(digest: ListedDigest) -> Message:
    """It comes from now on."""
    return Message(
        title="The digest is planned",
        summary=f"This channel gets a digest: {_when(digest)}, {_about(digest)}.",
        blocks=(Paragraph(("This channel gets it: ", *_line(digest))),),
        buttons=(
            Button("Post one now", Verb.SAY, "/pool-digest now"),
            Button("Remove it", Verb.SAY, f"/pool-digest remove {digest.id}"),
        ),
    )


def digest_removed(digest: ListedDigest) -> Message:
    """It comes no more."""
    said = f"The digest {quoted(_when(digest))} comes no more."
    return Message(
        title="The digest is removed",
        summary=said,
        blocks=(Paragraph((said,)),),
        buttons=(Button("Restore it", Verb.SAY, f"/pool-digest restore {digest.id}"),),
    )


def digest_put(number: int) -> Message:
    """It is on its way to the channel."""
    said = f"{counted(number, 'digest')} will stand in this channel within seconds." if number else (
        "A digest was posted here within this minute already."
    )  # fmt: skip
    return Message(title="Digest", summary=said, blocks=(Paragraph((said,)),))


def digest_form(*, zone: str) -> Form:
    """What to fill in for a new digest of this channel."""
    return Form(
        "Add a digest",
        Purpose.DIGEST,
        "",
        (
            TextField("at", "At", hint="Hours and minutes, such as 09:00.", value="09:00", longest=5),
            ChoiceField("days", "On", _DAYS, value="mon-fri"),
            TextField("zone", "Time zone", hint="Such as Asia/Shanghai.", value=zone or "UTC", longest=64),
            PoolsField("pools", "Pools", hint="Names, ids or globs; * for all.", value=("*",)),
        ),
        submit="Add",
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
        raise Misfilled({"at": "Please write hours and minutes, such as 09:00."})
    pools = values["pools"]
    globs = None if not isinstance(pools, tuple) or pools == ("*",) else pools
    return Wanted(f"{int(minute)} {int(hour)} * * {values['days']}", str(values["zone"]), globs)


def _when(digest: ListedDigest) -> str:
    """As in: 09:00 mon-fri (Asia/Shanghai)."""
    zone = one_line(digest.timezone, LONGEST_NAME)
    fields = digest.cron.split()
    if len(fields) == 5 and fields[0].isdigit() and fields[1].isdigit() and fields[2:4] == ["*", "*"]:
        days = "every day" if fields[4] == "*" else one_line(fields[4], LONGEST_NAME)
        return f"{int(fields[1]):02}:{int(fields[0]):02} {days} ({zone})"
    return f"{one_line(digest.cron, LONGEST_NAME)} ({zone})"


def _about(digest: ListedDigest) -> str:
    return "all pools" if digest.pools is None else f"pools {one_line(', '.join(digest.pools), 200)}"


def _line(digest: ListedDigest) -> tuple[Span, ...]:
    where: tuple[Span, ...] = (" to ", Code(one_line(digest.channel, LONGEST_NAME)), " by the configuration file")
    comes: tuple[Span, ...] = () if digest.next_at is None else (", next ", When(digest.next_at))
    return (Bold(_when(digest)), f" · {_about(digest)}", *comes, *(where if digest.id is None else ()))
