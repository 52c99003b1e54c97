"""What is known of single jobs and of the machines of a pool?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# Resources that are counted in cards, as Kubernetes names them: nvidia.com/gpu, huawei.com/ascend-1980.
_CARDS = re.compile(r"(?:^|[./-])(?:gpu|npu|ascend)", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\s*(\d{1,6})(?:\.0+)?(?:\s|$)", re.ASCII)
# Flavors are named after what a machine holds: modelarts.vm.gpu.8v100, modelarts.bm.npu.arm.8snt9b3.d.
_FLAVOR = re.compile(r"\.(?:gpu|npu)\.(?:[a-z]+\.)?(\d{1,2})[a-z]", re.ASCII)


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
        hosts: The addresses of the machines that it runs on, where that is told.
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
    hosts: tuple[str, ...] = ()

    @property
    def cards(self) -> int | None:
        """How many accelerator cards it asks for; `None` where that is not told as a number."""
        told = [_NUMBER.match(amount) for name, amount in self.resources.items() if _CARDS.search(name)]
        numbers = [int(found[1]) for found in told if found]
        return sum(numbers) if numbers else None


@dataclass(frozen=True, slots=True)
class Workloads:
    """A page of jobs; `total` counts all that match, where ModelArts tells it (undocumented)."""

    items: tuple[Workload, ...]
    total: int | None = None

    @property
    def number(self) -> int:
        """How many jobs match, at least."""
        return max(len(self.items), self.total or 0)

    @property
    def complete(self) -> bool:
        """Whether these are all that match."""
        return self.total is not None and self.total <= len(self.items)


def cards_of_node(flavor: str) -> int | None:
    """How many cards a machine of this flavor has, as far as its name says."""
    found = _FLAVOR.search(flavor)
    return int(found[1]) if found else None
