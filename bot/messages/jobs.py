"""How are single jobs worded, in a table and as a page of their own?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.durations import spoken
from bot.core.language import _, _n
from bot.core.stats import JobStatus, Pool
from bot.core.workloads import Workload, Workloads
from bot.messages.model import Block, Button, Cell, Code, Footnote, Message, Paragraph, Span, Table, Verb
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, named, one_line, spans

JOBS_A_PAGE = 10
JOBS_OF_EACH = 5
_LONGEST_CELL = 40
# Of jobs that have not started people ask who has waited longest; of all others which are the newest.
LONGEST_FIRST = frozenset({JobStatus.QUEUE, JobStatus.PENDING, JobStatus.CREATING})
_OFFERED = (JobStatus.QUEUE, JobStatus.RUNNING, JobStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a pool's jobs in one status: how many were left out before them, and how many there are on each page."""

    status: JobStatus
    jobs: Workloads
    number: int = 1

    @property
    def before(self) -> int:
        """How many come before these."""
        return (self.number - 1) * JOBS_A_PAGE

    @property
    def goes_on(self) -> bool:
        """Whether there are more after these; a full page of an unknown number may have a next one."""
        if self.jobs.total is None:
            return len(self.jobs.items) >= JOBS_A_PAGE
        return self.before + len(self.jobs.items) < self.jobs.total


def jobs_table(caption: str, jobs: Sequence[Workload], *, with_users: bool, started: bool) -> Table:
    """Jobs with what they ask for and how long they wait or ran; a dash is what ModelArts does not tell."""
    header = [_("Job"), _("Type"), _("Cards"), *([_("Waited"), _("Ran")] if started else [_("Waits")])]
    rows: list[list[Cell]] = []
    for job in jobs:
        row: list[Cell] = [job_name(job), one_line(job.job_type, _LONGEST_CELL), job.cards, _length(job.waiting)]
        if started:
            row.append(_length(job.running))
        if with_users:
            row.insert(1, user_name(job.user))
        rows.append(row)
    if with_users:
        header.insert(1, _("User"))
    return Table(caption, tuple(header), tuple(tuple(row) for row in rows))


def job_name(job: Workload) -> str:
    """What people call the job."""
    return one_line(job.name, _LONGEST_CELL) or one_line(job.uid or "", _LONGEST_CELL) or _("unnamed")


def user_name(user: str | None) -> str | None:
    """Who started a job, where that is told."""
    return one_line(user, _LONGEST_CELL) or None if user else None


def _length(length: timedelta | None) -> str | None:
    return None if length is None else spoken(length)


def jobs_message(
    pool: Pool, pages: Sequence[Page], *, with_users: bool, one_status: bool, not_told: Mapping[str, str]
) -> Message:
    """The jobs of a pool.

    Args:
        pool: The pool.
        pages: What was asked for, each status by itself; those that could not be had are missing.
        with_users: Whether people are named.
        one_status: Whether jobs in one status were asked for, page by page, and not an overview.
        not_told: What could not be had, and why.
    """
    blocks: list[Block] = []
    said: list[str] = []
    for page in pages:
        told = _heading(page)
        said.append(told)
        if page.jobs.items:
            started = page.status not in LONGEST_FIRST
            blocks.append(jobs_table(told, page.jobs.items, with_users=with_users, started=started))
        else:
            blocks.append(Paragraph((_("{sentence}.", sentence=told),)))
    blocks += not_told_lines(not_told)
    said += [_("{what} could not be had", what=what) for what in not_told]
    blocks.append(Footnote(_small_print(pool, with_users=with_users)))
    return Message(
        title=_("Jobs of {pool}", pool=named(pool)),
        summary=_("{pool}: {what}.", pool=named(pool), what=_("; ").join(said) or _("nothing is known of its jobs")),
        blocks=tuple(blocks),
        buttons=_buttons(pool, pages[0] if one_status and pages else None),
    )


def not_told_lines(not_told: Mapping[str, str]) -> list[Block]:
    """What is not known, each with the reason; nothing is put in its place."""
    return [
        Paragraph((_("Not known: {what}. {why}", what=what, why=_sentence(why)),)) for what, why in not_told.items()
    ]


def _sentence(why: str) -> str:
    said = one_line(why, LONGEST_WHY).rstrip(".。")
    return _("{sentence}.", sentence=f"{said[:1].upper()}{said[1:]}") if said else ""


def _heading(page: Page) -> str:
    number, shown = page.jobs.number, len(page.jobs.items)
    if not shown:
        if page.number == 1:
            return _("No jobs in {status}", status=page.status)
        return _("No more jobs in {status}", status=page.status)
    order = _("longest waiting first") if page.status in LONGEST_FIRST else _("newest first")
    if page.before or shown < number:
        first, last = page.before + 1, page.before + shown
        places = f"{first}" if first == last else f"{first}–{last}"
        if page.jobs.total is not None:
            return _(
                "{status} {places} of {number}, {order}", status=page.status, places=places, number=number, order=order
            )
        return _("{status} {places}, {order}", status=page.status, places=places, order=order)
    return (
        _("{status} {places}, {order}", status=page.status, places=shown, order=order)
        if shown > 1
        else f"{page.status} 1"
    )


def _small_print(pool: Pool, *, with_users: bool) -> tuple[Span, ...]:
    hidden = "" if with_users else _(" · users are not named in this channel")
    pool_id = Code(one_line(pool.id, LONGEST_NAME))
    return spans("Pool {pool} · as ModelArts lists them now{hidden}", pool=pool_id, hidden=hidden)


def _buttons(pool: Pool, page: Page | None) -> tuple[Button, ...]:
    found: list[Button] = []
    if page is not None:
        asked = f"{pool.id} jobs {page.status}"
        if page.number > 1:
            found.append(Button(_("Previous"), Verb.REFRESH, f"{asked} {page.number - 1}"))
        if page.goes_on:
            found.append(Button(_("Next"), Verb.REFRESH, f"{asked} {page.number + 1}"))
        found.append(Button(_("Refresh"), Verb.REFRESH, f"{asked} {page.number}"))
    else:
        found.append(Button(_("Refresh"), Verb.REFRESH, f"{pool.id} jobs"))
    others = [status for status in _OFFERED if page is None or status is not page.status]
    found += [Button(_("All in {status}", status=status), Verb.SHOW, f"{pool.id} jobs {status}") for status in others]
    return (*found, Button(_("Why"), Verb.SHOW, f"{pool.id} why"))


def holders_table(jobs: Sequence[Workload], *, with_users: bool, most: int) -> Table:
    """Who holds the most: by user, or where people are not named, by job type."""
    groups: dict[str | None, list[Workload]] = {}
    for job in jobs:
        key = user_name(job.user) if with_users else one_line(job.job_type, _LONGEST_CELL)
        groups.setdefault(key, []).append(job)
    ranked = sorted(groups.items(), key=lambda group: (-_cards(group[1]), -len(group[1]), group[0] or ""))
    rows = tuple(
        (who, len(theirs), _cards(theirs) or None, _length(max(job.running or timedelta() for job in theirs)))
        for who, theirs in ranked[:most]
    )
    running = _n("{number} running job", "{number} running jobs", len(jobs))
    by = _("Who holds the capacity, by user") if with_users else _("Who holds the capacity, by job type")
    if len(ranked) > most:
        first = _("{what}, the first {shown} of {number}", what=by, shown=most, number=len(ranked))
    else:
        first = by
    caption = _("{what} ({running})", what=first, running=running)
    return Table(caption, (_("User") if with_users else _("Type"), _("Jobs"), _("Cards"), _("Longest runs")), rows)


def _cards(jobs: Sequence[Workload]) -> int:
    return sum(job.cards or 0 for job in jobs)
