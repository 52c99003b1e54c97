"""What else did ModelArts say: about pools, single jobs and the load of all pools at once?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.stats import Pool
from bot.core.workloads import Workload, Workloads

__all__ = ["PoolDetails", "RuntimeLoad", "Workload", "Workloads"]


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
