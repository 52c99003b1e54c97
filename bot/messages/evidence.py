"""How is worded what stands behind an alert: three of its jobs, and one line of likely cause?

What ModelArts told is a fact, the cause an inference and marked as one. Users are named only where they may be.
"""

from typing import assert_never

from bot.core.cause import JustCame, NotEnough, NothingWaits, PoolUnwell
from bot.core.durations import spoken
from bot.core.evidence import Evidence, ToldJob, Why
from bot.core.failure_cause import BrokenNodes, FailureCause, OneNode, OneUser, SoonOver
from bot.core.language import _, _n
from bot.core.stats import JobStatus
from bot.messages.causes import said
from bot.messages.model import Block, Bold, Code, Footnote, Paragraph, Span, When
from bot.messages.phrases import LONGEST_NAME, begun, one_line, spans

# Three of them with what is said of each must not fill a phone.
_LONGEST_JOB = 40
_RIGHT = "modelarts:pool:get"


def evidence_blocks(evidence: Evidence | None, *, with_users: bool) -> tuple[Block, ...]:
    """The likely cause, then a line for each job; nothing where nothing is known."""
    if evidence is None:
        return ()
    if evidence.refused:
        right = Code(_RIGHT)
        return (
            Footnote(
                spans("The jobs behind it are not known: the bot’s account lacks the right {right}.", right=right)
            ),
        )
    lines: list[Block] = []
    if evidence.why is not None:
        lines.append(Paragraph(_cause(evidence.why, with_users=with_users)))
    if evidence.jobs:
        lines.append(Paragraph(_heading(evidence)))
        lines += [Paragraph(_job(job, evidence.status, with_users=with_users)) for job in evidence.jobs]
    return tuple(lines)


def likely(evidence: Evidence | None, *, with_users: bool) -> str:
    """What a summary says of the cause, with the space before it; nothing where none is known."""
    if evidence is None or evidence.why is None or isinstance(evidence.why, JustCame | NotEnough | NothingWaits):
        return ""
    cause = _words(evidence.why, with_users=with_users)
    return _("{first} {more}", first="", more=_("Likely, as an inference: {cause}.", cause=cause))


def _cause(why: Why, *, with_users: bool) -> tuple[Span, ...]:
    words = _words(why, with_users=with_users)
    if isinstance(why, JustCame | PoolUnwell | NothingWaits):
        return (_("{sentence}.", sentence=begun(words)),)
    if isinstance(why, NotEnough):
        return (_("Not enough facts to say why: {reason}.", reason=words),)
    inferred = Bold(_("Likely, as an inference:"))
    return spans("{inferred} {cause}.", inferred=inferred, cause=words)


def _words(why: Why, *, with_users: bool) -> str:
    if isinstance(why, FailureCause):
        return _of_failures(why, with_users=with_users)
    return said(why, with_users=with_users)


def _of_failures(why: FailureCause, *, with_users: bool) -> str:
    match why:
        case OneNode(host=host, jobs=jobs):
            return _(
                "the last {number} failed jobs all ran on one node, {host}",
                number=jobs,
                host=one_line(host, LONGEST_NAME),
            )
        case OneUser(user=user, jobs=jobs) if with_users:
            user = one_line(user, LONGEST_NAME)
            return _("the last {number} failed jobs are all of {user}", number=jobs, user=user)
        case OneUser(jobs=jobs):
            return _("the last {number} failed jobs are all of one and the same user", number=jobs)
        case SoonOver(longest=longest, jobs=jobs):
            return _(
                "the last {number} failed jobs ran for {length} at most, so they may have failed to start: "
                "the image, the code or its data",
                number=jobs,
                length=spoken(longest),
            )
        case BrokenNodes(abnormal=abnormal, nodes=nodes):
            return _n(
                "{number} of {nodes} nodes is abnormal, and jobs may have failed with it",
                "{number} of {nodes} nodes are abnormal, and jobs may have failed with them",
                abnormal,
                nodes=nodes,
            )
        case _:
            assert_never(why)


def _heading(evidence: Evidence) -> tuple[Span, ...]:
    when = When(evidence.taken_at)
    if evidence.status is JobStatus.FAILED:
        return spans("Failed last, as of {when}:", when=when)
    shown = len(evidence.jobs)
    if evidence.number > shown:
        return spans(
            "Longest waiting, {shown} of {number}, as of {when}:", shown=shown, number=evidence.number, when=when
        )
    return spans("Longest waiting, as of {when}:", when=when)


def _job(job: ToldJob, status: JobStatus, *, with_users: bool) -> tuple[Span, ...]:
    told = [one_line(job.job_type, _LONGEST_JOB)]
    if job.cards is not None:
        told.append(_n("{number} card", "{number} cards", job.cards))
    if status is JobStatus.FAILED:
        told += [] if job.ran is None else [_("ran {length}", length=spoken(job.ran))]
    else:
        told += [] if job.waits is None else [_("waits {length}", length=spoken(job.waits))]
    if with_users and job.user:
        told.append(one_line(job.user, _LONGEST_JOB))
    name = one_line(job.name, _LONGEST_JOB) or _("unnamed")
    return (Code(name), "".join(f" · {each}" for each in told if each))
