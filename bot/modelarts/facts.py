"""What else did ModelArts say: about pools, single jobs and the load of all pools at once?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.stats import Pool


@dataclass(frozen=True, slots=True)
class PoolDetails:
    """A resource pool as ListPools and ShowPool describe it.

    Attributes:
        pool: Its id and display name.
        phase: Such as `Running`, `Creating`, `Abnormal`, `Deleting`, `Error`; new ones appear.
        kind: `Dedicate` (so spelled) or `Logical`.
        scopes: What it is for: `Train`, `Infer`, `Notebook`.
        workspace_id: The workspace, `"0"` being the default one.
        description: What a person wrote about it.
        created_at: When it was created.
        nodes: Nodes by state (`available`, `abnormal`, `creating`, `deleting`) and flavor.
    """

    pool: Pool
    phase: str | None = None
    kind: str | None = None
    scopes: tuple[str, ...] = ()
    workspace_id: str | None = None
    description: str = ""
    created_at: datetime | None = None
    nodes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workload:
    """One job of a pool.

    Attributes:
        name: The name its user gave it, or the internal one where there is none.
        job_type: `train`, `infer`, `notebook`, `x-infer`, or a newer one.
        status: As ModelArts spells it; one of the nine, or a newer one.
        uid: Its identifier.
        user: Who started it, where that is told.
        flavor: What it runs on, where that is told.
        priority: Its priority in the queue, as text because that is how it is told.
        created_at: When it was submitted.
        waiting: How long it has been pending.
        running: How long it has been running.
        position: Its place in the queue; `None` where it has none or ModelArts does not know it.
        resources: What it asks for, such as `{"cpu": "1 Cores"}`.
    """

    name: str
    job_type: str
    status: str
    uid: str | None = None
    user: str | None = None
    flavor: str | None = None
    priority: str | None = None
    created_at: datetime | None = None
    waiting: timedelta | None = None
    running: timedelta | None = None
    position: int | None = None
    resources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workloads:
    """A page of jobs; `total` counts all that match, where ModelArts tells it (undocumented)."""

    items: tuple[Workload, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class RuntimeLoad:
    """How many jobs of each type a pool runs and queues, from the one question that covers all pools.

    Attributes:
        pool: The pool.
        queued: Jobs waiting, by type.
        allocated: Jobs that have their resources, by type.
    """

    pool: Pool
    queued: Mapping[str, int]
    allocated: Mapping[str, int]
