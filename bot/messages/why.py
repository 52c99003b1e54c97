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
)
from bot.core.forecast import Forecast
from bot.core.inferring import head_of
from bot.core.language import N_, _, _n
from bot.core.stats import JobStatus, Pool
from bot.core.workloads import Workload
from bot.messages import jobs as of_jobs
from bot.messages.causes import said
from bot.messages.forecast import forecast_line, forecast_words
from bot.messages.model import Block, Bold, Button, Code, Footnote, Message, Paragraph, Span, Tone, Verb
from bot.messages.model import Facts as Pairs
from bot.messages.phrases import LONGEST_NAME, begun, listed, named, one_line, sentences, spans

MOST_WAITING = 5
MOST_HOLDERS = 5
_NODE_STATES = (N_("available"), N_("abnormal"), N_("creating"), N_("deleting"))


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
    blocks += [Paragraph((_("Also: {cause}.", cause=said(each, with_users=with_users)),)) for each in causes[1:]]
    if forecast is not None and (waiting is None or waiting.number):
        blocks.append(forecast_line(forecast))
    if pairs := _pairs(facts):
        blocks.append(Pairs(pairs))
    if waiting is not None and waiting.items:
        longest = waiting.items[:MOST_WAITING]
        caption = _("Who waits longest ({shown} of {number})", shown=len(longest), number=waiting.number)
        blocks.append(of_jobs.jobs_table(caption, longest, with_users=with_users, started=False))
    if facts.running is not None and facts.running.items:
        blocks.append(of_jobs.holders_table(facts.running.items, with_users=with_users, most=MOST_HOLDERS))
    blocks += of_jobs.not_told_lines(not_told)
    blocks.append(Footnote(_small_print(pool, causes[0], with_users=with_users)))
    return Message(
        title=_("Why does {pool} queue?", pool=named(pool)),
        summary=_summary(pool, facts, causes[0], forecast, with_users=with_users),
        tone=Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=(
            Button(_("Refresh"), Verb.REFRESH, f"{pool.id} why"),
            Button(_("Share"), Verb.SHARE, f"{pool.id} why"),
            Button(_("Waiting jobs"), Verb.SHOW, f"{pool.id} jobs {JobStatus.QUEUE}"),
            Button(_("Running jobs"), Verb.SHOW, f"{pool.id} jobs {JobStatus.RUNNING}"),
        ),
    )


def _lead(cause: Cause, *, with_users: bool) -> Paragraph:
    told = said(cause, with_users=with_users)
    match cause:
        case NothingWaits() | JustCame() | PoolUnwell():
            return Paragraph((Bold(_("{sentence}.", sentence=begun(told))),))
        case NotEnough():
            lead = Bold(_("Not enough facts"))
            return Paragraph(spans("{not_enough_facts} to say why: {missing}.", not_enough_facts=lead, missing=told))
        case _:
            likely = Bold(_("Likely: {cause}.", cause=told))
            return Paragraph(
                spans("{likely} This is inferred from the facts below; ModelArts does not say.", likely=likely)
            )


def _pairs(facts: Facts) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    pairs: list[tuple[str, tuple[Span, ...]]] = []
    if facts.waiting is not None:
        pairs.append((_("Waiting"), (_n("{number} job", "{number} jobs", facts.waiting.number),)))
        head = head_of(facts.waiting)
        if head is not None:
            pairs.append((_("The next job needs"), _needs(head)))
    if facts.running is not None:
        pairs.append((_("Running"), (_n("{number} job", "{number} jobs", facts.running.number),)))
    if facts.nodes is not None:
        states = {state: sum(by_flavor.values()) for state, by_flavor in facts.nodes.items()}
        told = [
            _("{number} {state}", number=states.get(state, 0), state=_(state))
            for state in _NODE_STATES
            if state in states or state == "available"
        ]
        pairs.append((_("Nodes"), (listed(told),)))
    return tuple(pairs)


def _needs(head: Workload) -> tuple[Span, ...]:
    parts = [_n("{number} card", "{number} cards", head.cards)] if head.cards is not None else []
    parts += [
        f"{one_line(name, 30)} {one_line(amount, 30)}"
        for name, amount in sorted(head.resources.items())[:4]
        if name in {"cpu", "memory"}
    ]
    amounts = listed(parts) or _("not told")
    if not head.flavor:
        return (amounts,)
    return spans("{amounts} on {flavor}", amounts=amounts, flavor=Code(one_line(head.flavor, LONGEST_NAME)))


def _small_print(pool: Pool, cause: Cause, *, with_users: bool) -> tuple[Span, ...]:
    pool_id = Code(one_line(pool.id, LONGEST_NAME))
    said_of = list(spans("Pool {pool} · jobs and nodes as ModelArts lists them now", pool=pool_id))
    if isinstance(cause, TooLarge | LargerThanNode | Full | Scattered | Quota | FreeYetWaiting):
        said_of.append(_(" · cards of a node as the flavor’s name says"))
    if not with_users:
        said_of.append(_(" · users are not named in this channel"))
    return tuple(said_of)


def _summary(pool: Pool, facts: Facts, cause: Cause, forecast: Forecast | None, *, with_users: bool) -> str:
    told = [_("{pool}:", pool=named(pool))]
    if facts.waiting is not None and facts.waiting.number:
        told.append(_n("{number} job in Queue.", "{number} jobs in Queue.", facts.waiting.number))
    match cause:
        case NotEnough():
            told.append(_("Not enough facts to say why: {missing}.", missing=said(cause, with_users=with_users)))
        case NothingWaits() | JustCame() | PoolUnwell():
            told.append(_("{sentence}.", sentence=begun(said(cause, with_users=with_users))))
        case _:
            told.append(_("Likely, as an inference: {cause}.", cause=said(cause, with_users=with_users)))
    if forecast is not None and (words := forecast_words(forecast)):
        told.append(f"{begun(words)}")
    return sentences(told)
