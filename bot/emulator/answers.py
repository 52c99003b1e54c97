"""In which of the forms that the documents leave open are the statistics told?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from bot.emulator.traces import STATUSES

FINISHED = ("Completed", "Terminated", "Failed")
_SPARSE_TRAIN = ("Pending", "Queue", "Running")

TypeCounts = Mapping[str, Mapping[str, int]]


class Finished(StrEnum):
    """What Completed, Terminated and Failed count; no document says."""

    RECORDED = "recorded"  # as the trace or scenario has it
    CUMULATIVE = "cumulative"  # all there ever were
    RETAINED = "retained"  # those of the last `retained_for`
    SPARSE = "sparse"  # as recorded, but train reports Pending, Queue and Running alone


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a statistics answer.

    Attributes:
        finished: What the finished statuses count.
        retained_for: How long a finished job is counted when `finished` is RETAINED.
        total: Whether `statistics.total` is the sum of jobs or the number of items.
        omit_empty_types: Whether a job type without jobs is left out.
        zeros: Whether a status without jobs is told as 0; otherwise its key is left out.
        modern_infer: Whether half of `infer` is told as `x-infer`, and a `warmUpTask` is there.
        unknown_status: A further status key with one job, such as `Preempted`.
        numeric_strings: Whether counts are strings, as one edition of the documents has it.
        root: The key of the answer; one edition calls it `statics`.
        empty_items: How a pool without any jobs tells its items.
    """

    finished: Finished = Finished.RECORDED
    retained_for: timedelta = timedelta(hours=24)
    total: Literal["sum", "length"] = "sum"
    omit_empty_types: bool = True
    zeros: bool = True
    modern_infer: bool = False
    unknown_status: str | None = None
    numeric_strings: bool = False
    root: Literal["statistics", "statics"] = "statistics"
    empty_items: Literal["list", "null", "missing"] = "list"


def statistics_body(counts: TypeCounts, shape: Shape) -> dict[str, object]:
    """The body of ShowWorkloadStatistics for `counts`, in `shape`."""
    counts = _modern(counts) if shape.modern_infer else counts
    items: list[dict[str, object]] = []
    jobs = 0
    for kind, reported in counts.items():
        status = _told(kind, reported, shape)
        total = sum(status.values())
        if total == 0 and shape.omit_empty_types:
            continue
        jobs += total
        items.append({"type": kind, "total": _number(total, shape), "status": _numbers(status, shape)})
    body: dict[str, object] = {"total": _number(jobs if shape.total == "sum" else len(items), shape)}
    if items or shape.empty_items == "list":
        body["items"] = items
    elif shape.empty_items == "null":
        body["items"] = None
    return {shape.root: body}


def _told(kind: str, reported: Mapping[str, int], shape: Shape) -> dict[str, int]:
    keys = [status for status in STATUSES if status in reported]
    keys += [status for status in reported if status not in STATUSES]
    if shape.finished is Finished.SPARSE and kind == "train":
        keys = [status for status in _SPARSE_TRAIN if status in reported]
    told = {status: reported[status] for status in keys if shape.zeros or reported[status]}
    if shape.unknown_status:
        told[shape.unknown_status] = 1
    return told


def _modern(counts: TypeCounts) -> TypeCounts:
    split = {kind: dict(reported) for kind, reported in counts.items()}
    if "infer" in split:
        newer = {status: count // 2 for status, count in split["infer"].items()}
        split["infer"] = {status: count - newer[status] for status, count in split["infer"].items()}
        split["x-infer"] = newer
    split["warmUpTask"] = {"Creating": 1}
    return split


def _number(value: int, shape: Shape) -> int | str:
    return str(value) if shape.numeric_strings else value


def _numbers(counts: Mapping[str, int], shape: Shape) -> dict[str, int | str]:
    return {status: _number(count, shape) for status, count in counts.items()}
