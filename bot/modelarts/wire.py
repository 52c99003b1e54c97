"""What does the JSON of ModelArts' job statistics look like, and which of it can be believed?

The documents disagree with each other, so the shape is read tolerantly: `statistics` or `statics`, numbers or numeric
strings, status maps with any subset of the keys, missing or null items, types and statuses nobody has heard of. The
numbers are not: whatever cannot be a count of jobs refuses the whole answer, because a wrong number is worse than none.

https://support.huaweicloud.com/intl/en-us/api-modelarts/ShowWorkloadStatistics.html
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from bot.core.because import Because, Why
from bot.core.language import N_
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.modelarts.errors import UnexpectedAnswer
from bot.modelarts.text import shown

MOST_JOBS = 10**9
_MOST_ENTRIES = 100

# Integers are taken as they are, text only when it is digits; no floats, no booleans, nothing below zero.
Count = Annotated[
    Annotated[int, Field(strict=True, ge=0, le=MOST_JOBS)]
    | Annotated[str, Field(strict=True, pattern=r"^ {0,4}[0-9]{1,10} {0,4}$")],
    Field(union_mode="left_to_right"),
]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=100)]

Model = TypeVar("Model", bound=BaseModel)

_KNOWN = {status.value: status for status in JobStatus}


class WireModel(BaseModel):
    """A part of an answer. Keys that we do not know are none of our business."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class WorkloadStatistics(WireModel):
    """The jobs of one type."""

    type: Name
    total: Count | None = None
    status: Annotated[dict[Name, Count | None], Field(max_length=_MOST_ENTRIES)] | None = None

    def to_counts(self) -> TypeCounts:
        """The counts by status; a status that is null or absent was not reported."""
        known: dict[JobStatus, int] = {}
        unknown: dict[str, int] = {}
        for name, count in (self.status or {}).items():
            if count is None:
                continue
            if (status := _KNOWN.get(name)) is not None:
                known[status] = number(count)
            else:
                unknown[name] = number(count)
        return TypeCounts(known, unknown, None if self.total is None else number(self.total))


class Statistics(WireModel):
    """All types; `total` is the number of jobs in the one published example and of items in the table's words."""

    total: Count | None = None
    items: Annotated[list[WorkloadStatistics | None], Field(max_length=_MOST_ENTRIES)] | None = None


class StatisticsAnswer(WireModel):
    """The body of a 200; the European documents spell the key `statics`."""

    statistics: Statistics | None = Field(default=None, validation_alias=AliasChoices("statistics", "statics"))
    error_code: Any = Field(default=None, validation_alias=AliasChoices("error_code", "errorCode"))

    def to_stats(self, pool: Pool, taken_at: datetime) -> PoolStats:
        """The reading that the answer is.

        Raises:
            UnexpectedAnswer: It is an error in spite of its status, says nothing, speaks of jobs without naming any, or
                of the same type twice (adding the two up might count jobs twice, choosing one might lose some).
        """
        if self.error_code not in (None, ""):
            raise UnexpectedAnswer(
                Because("ModelArts answered 200 with the error {code}", code=shown(str(self.error_code)))
            )
        if self.statistics is None:
            raise UnexpectedAnswer(Because("ModelArts' answer cannot be understood: it has no statistics"))
        said = self.statistics
        # A null among the items names no type, so it takes no count away from those that are named.
        items = [item for item in said.items or () if item is not None]
        types: dict[str, TypeCounts] = {}
        for item in items:
            if item.type in types:
                raise UnexpectedAnswer(
                    Because("ModelArts counted the jobs of type {type} twice in one answer", type=shown(item.type))
                )
            types[item.type] = item.to_counts()
        if not items and said.total is not None and number(said.total) > 0:
            raise UnexpectedAnswer(Because("ModelArts spoke of jobs in total but listed none"))
        # An empty list is a statement; nothing, or nothing but nulls, is none.
        if not items and said.total is None and said.items != []:
            raise UnexpectedAnswer(Because("ModelArts' statistics have neither a total nor items"))
        return PoolStats(pool, taken_at, types)


def read_statistics(body: bytes, pool: Pool, taken_at: datetime) -> PoolStats:
    """The reading in `body`.

    Raises:
        UnexpectedAnswer: It cannot be understood, or not be believed.
    """
    return parsed(StatisticsAnswer, body).to_stats(pool, taken_at)


def parsed(model: type[Model], body: bytes) -> Model:
    """`body` as `model`.

    Raises:
        UnexpectedAnswer: It is not of that shape; the text says where, and quotes nothing.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        why = Because("ModelArts' answer cannot be understood: {why}", why=_complaint(error, body))
        raise UnexpectedAnswer(why) from None


def number(count: int | str) -> int:
    """A count that came as a number or as its digits.

    Raises:
        UnexpectedAnswer: It is too large to be true.
    """
    value = int(count)
    if value > MOST_JOBS:
        raise UnexpectedAnswer(
            Because("ModelArts' answer cannot be understood: it counts more than 1,000,000,000 jobs")
        )
    return value


def numbers(counts: Mapping[str, int | str | None] | None) -> dict[str, int]:
    """The counts that were reported."""
    return {name: number(count) for name, count in (counts or {}).items() if count is not None}


def _complaint(error: ValidationError, body: bytes) -> Why:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if problem["type"] == "json_invalid":
        return _looks_like(body)
    place = ".".join(shown(str(part), limit=40, quoted=False) for part in problem["loc"])
    if any(count in str(problem["loc"]) for count in ("constrained-int", "constrained-str")):
        place = ".".join(part for part in place.split(".") if not part.startswith("constrained-"))
        return Because("{place} is not a number of jobs", place=place)
    return f"{place}: {problem['msg'].lower()}" if place else problem["msg"].lower()


# What a body is, told by how it begins; a captive portal or a proxy answers 200 with a page of its own.
_BEGINNINGS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (N_("it is empty"), lambda body: not body.strip()),
    (N_("it is a web page, which a proxy or portal may have put in its place"), lambda body: body.lstrip()[:1] == b"<"),
    (N_("it is cut off or is not JSON"), lambda _: True),
)


def _looks_like(body: bytes) -> Because:
    return Because(next(told for told, fits in _BEGINNINGS if fits(body)))
