"""What is said when something cannot be done? Every error has an answer that says what it means and what to do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.core.command import quoted
from bot.core.stats import Pool, PoolStats
from bot.messages.model import Block, Button, Code, Footnote, Look, Message, Paragraph, Span, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, either, headline, named, one_line, utc

MOST_NEAREST = 3
MOST_CHOICES = 10

_CREDENTIALS = (
    "Asking again does not help and can lock the key for everyone who uses it. "
    "Whoever runs the bot has to check its access key, its project and its clock."
)
_RIGHTS = (
    "Whoever manages the account has to grant it the right modelarts:pool:get, "
    "and modelarts:pool:list to find pools by name."
)
_SENSE = "No count is shown rather than a wrong one. Try again; if it stays, whoever runs the bot has to look."


class Kind(StrEnum):
    """Why ModelArts gave no answer, named for what the reader can do."""

    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    BAD_CREDENTIALS = "bad credentials"
    NOT_ALLOWED = "not allowed"
    UNEXPECTED = "unexpected"


def its_id(pool: Pool) -> str:
    """What to type to be shown the pool."""
    return pool.id


def unknown_pool(name: str, nearest: Sequence[Pool], *, asking: Callable[[Pool], str] = its_id) -> Message:
    """There is no such pool, with the nearest ones as buttons that ask, with what `asking` gives, what was meant."""
    asked = quoted(one_line(name, LONGEST_NAME))
    near = list(nearest[:MOST_NEAREST])
    names = [named(pool) for pool in near]
    blocks: list[Block] = [Paragraph((f"There is no pool {asked}.",))]
    if near:
        blocks.append(Paragraph((f"Did you mean {either(names)}?",)))
    blocks.append(
        Paragraph(
            ("Name a pool by its name, its id or a unique beginning of one; ", Code("/pool-stats"), " lists them.")
        )
    )
    return Message(
        title="No such pool",
        summary=f"There is no pool {asked}.{f' Did you mean {either(names)}?' if near else ''}",
        tone=Tone.WARNING,
        blocks=tuple(blocks),
        buttons=(*_shows(near, asking), Button("All pools", Verb.SHOW, "")),
    )


def ambiguous_pool(name: str, choices: Sequence[Pool], *, asking: Callable[[Pool], str] = its_id) -> Message:
    """Several pools answer to the name; each is a button that asks with what `asking` gives."""
    asked = quoted(one_line(name, LONGEST_NAME))
    shown = list(choices[:MOST_CHOICES])
    more = f" and {len(choices) - len(shown)} more" if len(choices) > len(shown) else ""
    blocks: list[Block] = [Paragraph((f"{len(choices)} pools answer to {asked}. Which one do you mean?",))]
    blocks += [Paragraph((named(pool), " · ", Code(one_line(pool.id, LONGEST_NAME)))) for pool in shown]
    if more:
        blocks.append(Paragraph((f"+{len(choices) - len(shown)} more: type more of the name.",)))
    return Message(
        title="Which pool?",
        summary=f"{len(choices)} pools answer to {asked}: {', '.join(named(pool) for pool in shown)}{more}.",
        blocks=tuple(blocks),
        buttons=(*_shows(shown, asking), *_all_of_them(name, len(choices))),
    )


def _all_of_them(name: str, number: int) -> tuple[Button, ...]:
    """The counts of all that the name is the beginning of."""
    typed = name.strip()
    if not typed or len(typed) > LONGEST_NAME or any(c.isspace() or c in "*?[" for c in typed):
        return ()
    return (Button(f"All {number} in one table", Verb.SHOW, f"{typed}*"),)


def _shows(pools: Sequence[Pool], asking: Callable[[Pool], str]) -> tuple[Button, ...]:
    """A button for each pool; those of the same name are told apart by their ids."""
    names = [named(pool) for pool in pools]
    return tuple(
        Button(name if names.count(name) == 1 else one_line(pool.id, LONGEST_NAME), Verb.SHOW, asking(pool))
        for pool, name in zip(pools, names, strict=True)
    )


def modelarts_trouble(
    kind: Kind,
    why: str,
    *,
    now: datetime,
    pool: str | None = None,
    again: str | None = None,
    request_id: str | None = None,
    error_code: str | None = None,
    last: PoolStats | None = None,
) -> Message:
    """ModelArts gave no answer.

    Args:
        kind: Why, in general.
        why: What happened, for people, without secrets.
        now: The time of the answer.
        pool: What was asked for; `None` for all pools.
        again: What to ask when it is tried again, where that is not the pool's name.
        request_id: ModelArts' id of the request, for a support ticket.
        error_code: ModelArts' or the gateway's code.
        last: The last reading that is known; it is told as old.
    """
    title, what_to_do = _advice(kind)
    said = _sentence(one_line(why, LONGEST_WHY))
    blocks: list[Block] = [Paragraph((said,)), Paragraph((what_to_do,))]
    if last is not None:
        blocks.append(Paragraph(("The last reading is from ", When(last.taken_at), f": {_figures(last)}.")))
    if details := _details(pool, error_code, request_id):
        blocks.append(Footnote(details))
    old = f" The last reading is from {utc(last.taken_at, now=now)}: {_figures(last)}." if last is not None else ""
    subject = (pool or "") if again is None else again
    about = f" (pool {one_line(pool, LONGEST_NAME)})" if pool else ""
    return Message(
        title=title,
        summary=f"{title}{about}: {said}{old}",
        tone=Tone.CRITICAL if kind is Kind.BAD_CREDENTIALS else Tone.WARNING,
        blocks=tuple(blocks),
        # Refused credentials are not to be tried again by the dozen.
        buttons=() if kind is Kind.BAD_CREDENTIALS else (Button("Try again", Verb.REFRESH, subject, Look.PRIMARY),),
    )


def _advice(kind: Kind) -> tuple[str, str]:
    """The title, and what the reader can do."""
    match kind:
        case Kind.UNAVAILABLE:
            return "ModelArts cannot be reached", "This is no news about the pool. Try again in a minute."
        case Kind.THROTTLED:
            return (
                "ModelArts asks us to slow down",
                "Too many requests were made with this account. Try again in a minute.",
            )
        case Kind.BAD_CREDENTIALS:
            return "ModelArts refuses the bot’s credentials", _CREDENTIALS
        case Kind.NOT_ALLOWED:
            return "The bot may not read this", _RIGHTS
        case Kind.UNEXPECTED:
            return "ModelArts gave an answer that makes no sense", _SENSE
        case _:
            assert_never(kind)


def _figures(last: PoolStats) -> str:
    return headline(last) if last.jobs else "no jobs at all"


def _sentence(text: str) -> str:
    """The text of an error as a sentence. A name at its beginning stays as it is written."""
    first, _, _ = text.partition(" ")
    said = begun(text) if first.isalpha() and first.islower() else text
    return said if said.endswith((".", "?", "…")) else f"{said}."


def _details(pool: str | None, error_code: str | None, request_id: str | None) -> tuple[Span, ...]:
    spans: list[Span] = []
    for label, value in (("pool", pool), ("error code", error_code), ("request id", request_id)):
        if value:
            spans += [f"{' · ' if spans else ''}{label} ", Code(one_line(value, LONGEST_NAME))]
    return tuple(spans)


def own_failure(why: str) -> Message:
    """Something on our side failed."""
    said = _sentence(one_line(why, LONGEST_WHY))
    return Message(
        title="That went wrong on our side",
        summary=f"That went wrong on our side: {said}",
        tone=Tone.WARNING,
        blocks=(
            Paragraph((said,)),
            Paragraph(("Try again; if it stays, whoever runs the bot finds more in its log.",)),
        ),
    )


def cannot_do(why: str) -> Message:
    """What a button asked for cannot be done any more."""
    said = _sentence(one_line(why, LONGEST_WHY))
    return Message(title="Not possible", summary=f"Not possible: {said}", blocks=(Paragraph((said,)),))


def failed() -> Message:
    """Something on our side failed in a way that nobody foresaw."""
    return Message("", "That did not work: something went wrong on my side. Please try again.")


def busy() -> Message:
    """So much is waiting that a question or a press is not taken."""
    return Message(
        "", "I have more waiting than I can do right now, so this was not done. Please try again in a minute."
    )
