"""What is a pool called? Ids and display names as ModelArts forms them."""

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime

DEFAULT_PROJECT_ID = "0123456789abcdef0123456789abcdef"

# ListWorkloads, ShowPool, ShowPoolMonitor: 36 to 63 characters, lower case, digits, hyphens.
POOL_ID = re.compile(r"[a-z][a-z0-9-]{34,61}[a-z0-9]")
_ID_TAIL = re.compile(r"-(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
_HEX_32 = re.compile(r"[0-9a-f]{32}")
_DISPLAY_MIN, _DISPLAY_MAX = 4, 30  # the documents allow 32; two less leave room for "-<project id>" in 63


@dataclass(frozen=True, slots=True)
class Pool:
    """One dedicated resource pool as the stand-in knows it.

    Attributes:
        id: What the API calls `pool_name` (`metadata.name`).
        name: The display name.
        key: What the trace or scenario calls it.
        abnormal: How many of its machines are out of order.
    """

    id: str
    name: str
    key: str
    flavor: str = "modelarts.vm.gpu.8v100"
    cards: int = 64
    gpus_per_node: int = 8
    phase: str = "Running"
    abnormal: int = 0
    created_at: datetime = datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)

    @property
    def nodes(self) -> int:
        """How many machines the pool has."""
        return max(1, -(-self.cards // self.gpus_per_node))

    @property
    def available(self) -> int:
        """How many of them can be used."""
        return max(0, self.nodes - self.abnormal)


def is_pool_id(text: str) -> bool:
    """Whether `text` has the form of a pool id."""
    return POOL_ID.fullmatch(text) is not None


def pool_named(key: str, *, project_id: str, taken: Container[str] = (), cards: int = 64) -> Pool:
    """A pool for what a trace calls `key`.

    A key that already is a pool id stays as it is; any other becomes a display name, and the id is
    `<display name>-<project id>`, the form most often seen. `taken` are the ids already given away.
    """
    if is_pool_id(key):
        return Pool(key, display_name(_ID_TAIL.sub("", key)), key, cards=cards)
    name = display_name(key)
    if f"{name}-{_id_tail(project_id)}" in taken:
        name = f"{name[: _DISPLAY_MAX - 7].rstrip('-')}-{_digest(key, 6)}"
    return Pool(f"{name}-{_id_tail(project_id)}", name, key, cards=cards)


def display_name(text: str) -> str:
    """`text` as a display name: 4 to 30 of lower-case letters, digits and hyphens, beginning with a letter."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if not name:
        return f"pool-{_digest(text, 8)}"
    if not name[0].isalpha():
        name = f"pool-{name}"
    name = name[:_DISPLAY_MAX].rstrip("-")
    return name if len(name) >= _DISPLAY_MIN else f"{name}-pool"


def _id_tail(project_id: str) -> str:
    return project_id if _HEX_32.fullmatch(project_id) else _digest(project_id, 32)


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
