"""What does the JSON of ListPools, ShowPool, ListWorkloads and ShowPoolRuntimeMetrics look like?

Only what a bot shows is read; a field that is absent or of another kind than documented is left out, because nothing is
decided by it. The id of a pool, the type and the status of a job are what the rest hangs on: without them the answer is
refused, save that one pool without an id does not hide the others of a list.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from bot.core.because import Because
from bot.core.stats import Pool
from bot.modelarts.errors import UnexpectedAnswer
from bot.modelarts.facts import PoolDetails, RuntimeLoad, Workload, Workloads
from bot.modelarts.wire import Count, Name, WireModel, number, numbers

log = logging.getLogger(__name__)

_DISPLAY_NAME = "os.modelarts/name"
_WORKSPACE = "os.modelarts/workspace.id"
_DESCRIPTION = "os.modelarts/description"
_TEXT_LIMIT = 1000
_MOST_HOSTS = 10_000
_NODE_STATES = ("available", "abnormal", "creating", "deleting")


def _text(value: object) -> str | None:
    """Text as it is, a number as text, anything else as not told."""
    if isinstance(value, str):
        return value[:_TEXT_LIMIT] or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): text for name, entry in value.items() if (text := _text(entry)) is not None}


def _moment(value: object) -> datetime | None:
    """A moment from ISO text or from milliseconds since 1970."""
    try:
        if isinstance(value, str) and not value.isdigit():
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        milliseconds = _whole(value)
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: object) -> int | None:
    """A whole number that is not negative; -1 is how ModelArts says that it does not know."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18 else None


def _seconds(value: object) -> timedelta | None:
    seconds = _whole(value)
    return timedelta(seconds=seconds) if seconds is not None and seconds < 10**10 else None


def _hosts(value: object) -> tuple[str, ...]:
    """The addresses of a comma list, or of a list."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(part.strip() for part in parts[:_MOST_HOSTS] if isinstance(part, str) and 0 < len(part.strip()) < 64)


Text = Annotated[str | None, BeforeValidator(_text)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_hosts)]
Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Whole = Annotated[int | None, BeforeValidator(_whole)]
Seconds = Annotated[timedelta | None, BeforeValidator(_seconds)]
Loose = Annotated[dict[str, Any], BeforeValidator(lambda value: value if isinstance(value, dict) else {})]


class Metadata(WireModel):
    """Whose element this is."""

    name: Annotated[str, Field(strict=True, min_length=1, max_length=200)]
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)
    creation: Moment = Field(default=None, alias="creationTimestamp")

    def to_pool(self) -> Pool:
        """The pool; its id stands in for a display name that it lacks."""
        return Pool(self.name, self.labels.get(_DISPLAY_NAME) or self.name)


class PoolElement(WireModel):
    """The body of ShowPool, and an element of ListPools."""

    metadata: Metadata
    spec: Loose = Field(default_factory=dict)
    status: Loose = Field(default_factory=dict)

    def to_details(self) -> PoolDetails:
        """The pool and what is known of it."""
        scopes = self.spec.get("scope")
        return PoolDetails(
            pool=self.metadata.to_pool(),
            phase=_text(self.status.get("phase")),
            kind=_text(self.spec.get("type")),
            scopes=tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else (),
            workspace_id=self.metadata.labels.get(_WORKSPACE),
            description=self.metadata.annotations.get(_DESCRIPTION, ""),
            created_at=self.metadata.creation,
            nodes=_nodes(self.status.get("resources")),
        )


class PoolList(WireModel):
    """The body of ListPools; current documents know no further page, older ones do."""

    items: list[Any] | None
    metadata: Loose = Field(default_factory=dict)

    def to_details(self) -> tuple[PoolDetails | None, ...]:
        """The pools of this page; `None` in the place of each that cannot be understood."""
        return tuple(_details(item) for item in self.items or ())

    @property
    def next_page(self) -> str | None:
        """What to ask the next page with, if there is one."""
        return _text(self.metadata.get("continue"))


def _details(item: object) -> PoolDetails | None:
    try:
        return PoolElement.model_validate(item).to_details()
    except ValidationError:
        return None


def understood(listed: Sequence[PoolDetails | None]) -> tuple[PoolDetails, ...]:
    """The pools that can be understood; the others are told of in the log.

    Raises:
        UnexpectedAnswer: There are pools, and none can be understood.
    """
    found = tuple(details for details in listed if details is not None)
    skipped = len(listed) - len(found)
    if skipped and not found:
        raise UnexpectedAnswer(
            Because("ModelArts lists pools ({number}), none of which can be understood", number=skipped)
        )
    if skipped:
        log.warning("left out %d of the %d pools that ModelArts lists: they have no id", skipped, len(listed))
    return found


class WorkloadElement(WireModel):
    """An element of ListWorkloads."""

    type: Name
    status: Name
    name: Text = None
    job_name: Text = Field(default=None, alias="jobName")
    uid: Text = None
    user: Text = Field(default=None, alias="userName")
    flavor: Text = None
    priority: Text = None
    created: Moment = Field(default=None, alias="createTime")
    waiting: Seconds = Field(default=None, alias="pendingDuration")
    running: Seconds = Field(default=None, alias="runningDuration")
    position: Whole = Field(default=None, alias="pendingPosition")
    resources: Texts = Field(default_factory=dict, alias="resourceRequirement")
    hosts: Hosts = Field(default=(), alias="hostIps")

    def to_workload(self) -> Workload:
        """The job."""
        return Workload(
            name=self.job_name or self.name or self.uid or "",
            job_type=self.type,
            status=self.status,
            uid=self.uid,
            user=self.user,
            flavor=self.flavor,
            priority=self.priority,
            created_at=self.created,
            waiting=self.waiting,
            running=self.running,
            position=self.position,
            resources=self.resources,
            hosts=self.hosts,
        )


class WorkloadList(WireModel):
    """The body of ListWorkloads."""

    items: list[WorkloadElement] | None
    total: Count | None = None

    def to_workloads(self) -> Workloads:
        """The page."""
        return Workloads(
            items=tuple(element.to_workload() for element in self.items or ()),
            total=None if self.total is None else number(self.total),
        )


class RuntimeJobs(WireModel):
    """Jobs by type; `sum` stands among the types."""

    allocated: dict[Name, Count | None] | None = None
    queue: dict[Name, Count | None] | None = None


class RuntimeTable(WireModel):
    """The part of the metrics that newer regions serve with `workload` in it."""

    workload: RuntimeJobs | None = None


class RuntimeElement(WireModel):
    """The metrics of one pool."""

    metadata: Metadata
    table: RuntimeTable | None = None


class RuntimeList(WireModel):
    """The body of ShowPoolRuntimeMetrics."""

    items: list[RuntimeElement] | None

    def to_loads(self) -> tuple[RuntimeLoad, ...] | None:
        """The load of each pool; `None` where the region counts no jobs here."""
        loads = tuple(
            RuntimeLoad(item.metadata.to_pool(), _by_type(jobs.queue), _by_type(jobs.allocated))
            for item in self.items or ()
            if item.table is not None and (jobs := item.table.workload) is not None
        )
        return loads or None


def _by_type(counts: Mapping[str, int | str | None] | None) -> dict[str, int]:
    return {job_type: count for job_type, count in numbers(counts).items() if job_type != "sum"}


def _nodes(resources: object) -> dict[str, dict[str, int]]:
    """Nodes by state and flavor; the arrays that the official SDK drops."""
    found: dict[str, dict[str, int]] = {}
    for state in _NODE_STATES if isinstance(resources, dict) else ():
        entries = resources.get(state) if isinstance(resources, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and (flavor := _text(entry.get("flavor"))):
                flavors = found.setdefault(state, {})
                flavors[flavor] = flavors.get(flavor, 0) + (_whole(entry.get("count")) or 0)
    return found
