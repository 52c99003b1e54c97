"""How is it worded why the jobs of a pool wait? What ModelArts told is a fact, the reason an inference."""

from collections.abc import Mapping, Sequence

from bot.core.cause import (
    Cause,
    Facts,
    FreeYetWaiting,
    Full,
    JustCame,
    LargerThanNode,
    NotEnough,
    NothingWaits,
    PoolUnwell,
    Quota,
    Scattered,
    TooLarge,
    head_of,
)
from bot.core.forecast import Forecast
from bot.core.stats import JobStatus, Pool
from bot.core.workloads import Workload
from bot.messages import jobs as of_jobs
from bot.messages.causes import said
from bot.messages.forecast import forecast_line, forecast_words
from bot.messages.model import Block, Bold, Button, Code, Footnote, Message, Paragraph, Span, Tone, Verb
from bot.messages.model import Facts as Pairs
from bot.messages.phrases import LONGEST_NAME, begun, counted, named, one_line

MOST_WAITING = 5
MOST_HOLDERS = 5
_NODE_STATES = ("available", "abnormal", "creating", "deleting")


def why_message(
    pool: Pool,
    facts: Facts,
    causes: Sequence[Cause],
    *,
    forecast: Forecast | None,
    with_users: bool,
    not_told: Mapping[str, str],
) -> Message:
    """Why the jobs of `pool` wait.

    Args:
        pool: The pool.
        facts: What ModelArts told.
        causes: What follows, the likeliest first.
        forecast: When those who wait will have started; `None` where the past could not be read.
        with_users: Whether people are named.
        not_told: What could not be had, and why.
    """
    waiting = facts.waiting
    blocks: list[Block] = [_lead(causes[0], with_users=with_users)]
    blocks += [Paragraph((f"Also: {said(each, with_users=with_users)}.",)) for each in causes[1:]]
    if forecast is not None and (waiting is None or waiting.number):
        blocks.append(forecast_line(forecast))
    if pairs := _pairs(facts):
        blocks.append(Pairs(pairs))
    if waiting is not None and waiting.items:
        longest = waiting.items[:MOST_WAITING]
        caption = f"Who waits longest ({len(longest)} of {waiting.number})"
        blocks.append(of_jobs.jobs_table(caption, longest, with_users=with_users, started=False))
    if facts.running is not None and facts.running.items:
        blocks.append(of_jobs.holders_table(facts.running.items, with_users=with_users, most=MOST_HOLDERS))
    blocks += of_jobs.not_told_lines(not_told)
    blocks.append(Footnote(_small_print(pool, causes[0], with_users=with_users)))
    return Message(
        title=f"Why does {named(pool)} queue?",
        summary=_summary(pool, facts, causes[0], forecast, with_users=with_users),
        tone=Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=(
            Button("Refresh", Verb.REFRESH, f"{pool.id} why"),
            Button("Share", Verb.SHARE, f"{pool.id} why"),
            Button("Waiting jobs", Verb.SHOW, f"{pool.id} jobs {JobStatus.QUEUE}"),
            Button("Running jobs", Verb.SHOW, f"{pool.id} jobs {JobStatus.RUNNING}"),
        ),
    )


def _lead(cause: Cause, *, with_users: bool) -> Paragraph:
    told = said(cause, with_users=with_users)
    match cause:
        case NothingWaits() | JustCame() | PoolUnwell():
            return Paragraph((Bold(f"{begun(told)}."),))
        case NotEnough():
            return Paragraph((Bold("Not enough facts"), f" to say why: {told}."))
        case _:
            return Paragraph(
                (Bold(f"Likely: {told}."), " This is inferred from the facts below; ModelArts does not say.")
            )


def _pairs(facts: Facts) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    pairs: list[tuple[str, tuple[Span, ...]]] = []
    if facts.waiting is not None:
        pairs.append(("Waiting", (counted(facts.waiting.number, "job"),)))
        head = head_of(facts.waiting)
        if head is not None:
            pairs.append(("The next job needs", _needs(head)))
    if facts.running is not None:
        pairs.append(("Running", (counted(facts.running.number, "job"),)))
    if facts.nodes is not None:
        states = {state: sum(by_flavor.values()) for state, by_flavor in facts.nodes.items()}
        told = [f"{states.get(state, 0)} {state}" for state in _NODE_STATES if state in states or state == "available"]
        pairs.append(("Nodes", (", ".join(told),)))
    return tuple(pairs)


def _needs(head: Workload) -> tuple[Span, ...]:
    parts = [counted(head.cards, "card")] if head.cards is not None else []
    parts += [
        f"{one_line(name, 30)} {one_line(amount, 30)}"
        for name, amount in sorted(head.resources.items())[:4]
        if name in {"cpu", "memory"}
    ]
    flavor: tuple[Span, ...] = (" on ", Code(one_line(head.flavor, LONGEST_NAME))) if head.flavor else ()
    return (", ".join(parts) or "not told", *flavor)


def _small_print(pool: Pool, cause: Cause, *, with_users: bool) -> tuple[Span, ...]:
    spans: list[Span] = [
        "Pool ",
        Code(one_line(pool.id, LONGEST_NAME)),
        " · jobs and nodes as ModelArts lists them now",
    ]
    if isinstance(cause, TooLarge | LargerThanNode | Full | Scattered | Quota | FreeYetWaiting):
        spans.append(" · cards of a node as the flavor’s name says")
    if not with_users:
        spans.append(" · users are not named in this channel")
    return tuple(spans)


def _summary(pool: Pool, facts: Facts, cause: Cause, forecast: Forecast | None, *, with_users: bool) -> str:
    told = [f"{named(pool)}:"]
    if facts.waiting is not None and facts.waiting.number:
        told.append(f"{counted(facts.waiting.number, 'job')} in Queue.")
    match cause:
        case NotEnough():
            told.append(f"Not enough facts to say why: {said(cause, with_users=with_users)}.")
        case NothingWaits() | JustCame() | PoolUnwell():
            told.append(f"{begun(said(cause, with_users=with_users))}.")
        case _:
            told.append(f"Likely, as an inference: {said(cause, with_users=with_users)}.")
    if forecast is not None and (words := forecast_words(forecast)):
        told.append(f"{begun(words)}")
    return " ".join(told)
