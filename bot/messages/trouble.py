"""What is said when something cannot be done? Every error has an answer that says what it means and what to do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.core import because
from bot.core.because import Why
from bot.core.command import quoted
from bot.core.language import N_, _, _n
from bot.core.stats import Pool, PoolStats
from bot.messages.model import Block, Button, Code, Footnote, Look, Message, Paragraph, Span, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, either, headline, listed, named, one_line, spans, utc

MOST_NEAREST = 3
MOST_CHOICES = 10

_CREDENTIALS = N_(
    "Asking again does not help and can lock the key for everyone who uses it. "
    "Whoever runs the bot has to check its access key, its project and its clock."
)
_RIGHTS = N_(
    "Whoever manages the account has to grant it the right modelarts:pool:get, "
    "and modelarts:pool:list to find pools by name."
)
_SENSE = N_("No count is shown rather than a wrong one. Try again; if it stays, whoever runs the bot has to look.")


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
    said = _("There is no pool {name}.", name=asked)
    blocks: list[Block] = [Paragraph((said,))]
    if near:
        meant = _("Did you mean {pools}?", pools=either(names))
        blocks.append(Paragraph((meant,)))
        said = _("{sentence} {another}", sentence=said, another=meant)
    how = N_("Name a pool by its name, its id or a unique beginning of one; {command} lists them.")
    blocks.append(Paragraph(spans(how, command=Code("/pool-stats"))))
    return Message(
        title=_("No such pool"),
        summary=said,
        tone=Tone.WARNING,
        blocks=tuple(blocks),
        buttons=(*_shows(near, asking), Button(_("All pools"), Verb.SHOW, "")),
    )


def ambiguous_pool(name: str, choices: Sequence[Pool], *, asking: Callable[[Pool], str] = its_id) -> Message:
    """Several pools answer to the name; each is a button that asks with what `asking` gives."""
    asked = quoted(one_line(name, LONGEST_NAME))
    shown = list(choices[:MOST_CHOICES])
    more = len(choices) - len(shown)
    which = _n(
        "{number} pool answers to {name}. Which one do you mean?",
        "{number} pools answer to {name}. Which one do you mean?",
        len(choices),
        name=asked,
    )
    blocks: list[Block] = [Paragraph((which,))]
    blocks += [Paragraph((named(pool), " · ", Code(one_line(pool.id, LONGEST_NAME)))) for pool in shown]
    if more:
        blocks.append(Paragraph((_("+{number} more: type more of the name.", number=more),)))
    names = listed([named(pool) for pool in shown])
    if more:
        names = _("{some} and {number} more", some=names, number=more)
    return Message(
        title=_("Which pool?"),
        summary=_n(
            "{number} pool answers to {name}: {pools}.",
            "{number} pools answer to {name}: {pools}.",
            len(choices),
            name=asked,
            pools=names,
        ),
        blocks=tuple(blocks),
        buttons=(*_shows(shown, asking), *_all_of_them(name, len(choices))),
    )


def _all_of_them(name: str, number: int) -> tuple[Button, ...]:
    """The counts of all that the name is the beginning of."""
    typed = name.strip()
    if not typed or len(typed) > LONGEST_NAME or any(c.isspace() or c in "*?[" for c in typed):
        return ()
    return (Button(_("All {number} in one table", number=number), Verb.SHOW, f"{typed}*"),)


def _shows(pools: Sequence[Pool], asking: Callable[[Pool], str]) -> tuple[Button, ...]:
    """A button for each pool; those of the same name are told apart by their ids."""
    names = [named(pool) for pool in pools]
    return tuple(
        Button(name if names.count(name) == 1 else one_line(pool.id, LONGEST_NAME), Verb.SHOW, asking(pool))
        for pool, name in zip(pools, names, strict=True)
    )


def modelarts_trouble(
    kind: Kind,
    why: Why,
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
    said = _sentence(one_line(because.said(why), LONGEST_WHY))
    blocks: list[Block] = [Paragraph((said,)), Paragraph((what_to_do,))]
    summary = _("{what}: {why}", what=title, why=said)
    if pool:
        summary = _("{what} (pool {pool}): {why}", what=title, pool=one_line(pool, LONGEST_NAME), why=said)
    if last is not None:
        figures, of_then = _figures(last), N_("The last reading is from {when}: {figures}.")
        blocks.append(Paragraph(spans(of_then, when=When(last.taken_at), figures=figures)))
        old = _(of_then, when=utc(last.taken_at, now=now), figures=figures)
        summary = _("{sentence} {another}", sentence=summary, another=old)
    if details := _details(pool, error_code, request_id):
        blocks.append(Footnote(details))
    subject = (pool or "") if again is None else again
    return Message(
        title=title,
        summary=summary,
        tone=Tone.CRITICAL if kind is Kind.BAD_CREDENTIALS else Tone.WARNING,
        blocks=tuple(blocks),
        # Refused credentials are not to be tried again by the dozen.
        buttons=() if kind is Kind.BAD_CREDENTIALS else (Button(_("Try again"), Verb.REFRESH, subject, Look.PRIMARY),),
    )


def _advice(kind: Kind) -> tuple[str, str]:
    """The title, and what the reader can do."""
    match kind:
        case Kind.UNAVAILABLE:
            return _("ModelArts cannot be reached"), _("This is no news about the pool. Try again in a minute.")
        case Kind.THROTTLED:
            return (
                _("ModelArts asks us to slow down"),
                _("Too many requests were made with this account. Try again in a minute."),
            )
        case Kind.BAD_CREDENTIALS:
            return _("ModelArts refuses the bot’s credentials"), _(_CREDENTIALS)
        case Kind.NOT_ALLOWED:
            return _("The bot may not read this"), _(_RIGHTS)
        case Kind.UNEXPECTED:
            return _("ModelArts gave an answer that makes no sense"), _(_SENSE)
        case _:
            assert_never(kind)


def _figures(last: PoolStats) -> str:
    return headline(last) if last.jobs else _("no jobs at all")


def _sentence(text: str) -> str:
    """The text of an error as a sentence. A name at its beginning stays as it is written."""
    first = text.partition(" ")[0]
    said = begun(text) if first.isalpha() and first.islower() else text
    return said if said.endswith((".", "?", "…", "。", "？")) else _("{sentence}.", sentence=said)


def _details(pool: str | None, error_code: str | None, request_id: str | None) -> tuple[Span, ...]:
    said: tuple[Span, ...] = ()
    for words, value in (
        (N_("pool {name}"), pool),
        (N_("error code {name}"), error_code),
        (N_("request id {name}"), request_id),
    ):
        if value:
            each = spans(words, name=Code(one_line(value, LONGEST_NAME)))
            said = spans("{some} · {more}", some=said, more=each) if said else each
    return said


def own_failure(why: Why) -> Message:
    """Something on our side failed."""
    said = _sentence(one_line(because.said(why), LONGEST_WHY))
    return Message(
        title=_("That went wrong on our side"),
        summary=_("That went wrong on our side: {why}", why=said),
        tone=Tone.WARNING,
        blocks=(
            Paragraph((said,)),
            Paragraph((_("Try again; if it stays, whoever runs the bot finds more in its log."),)),
        ),
    )


def cannot_do(why: Why) -> Message:
    """What a button asked for cannot be done any more."""
    said = _sentence(one_line(because.said(why), LONGEST_WHY))
    return Message(_("Not possible"), _("Not possible: {why}", why=said), blocks=(Paragraph((said,)),))


def failed() -> Message:
    """Something on our side failed in a way that nobody foresaw."""
    return Message("", _("That did not work: something went wrong on my side. Please try again."))


def restarting() -> Message:
    """What was asked was cut off, because the bot stops."""
    return Message("", _("I am being restarted, so this was not done. Please ask again in a moment."))


def busy() -> Message:
    """So much is waiting that a question or a press is not taken."""
    return Message(
        "", _("I have more waiting than I can do right now, so this was not done. Please try again in a minute.")
    )
