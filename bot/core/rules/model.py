"""What can a rule say, and how is it written?"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from bot.core.durations import Duration
from bot.core.language import _
from bot.core.stats import ENDED, WAITING, JobStatus, Pool

# Names, globs and job types are short; what is longer is a mistake.
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]
Count = Annotated[int, Field(ge=0, le=10**9)]


class Severity(StrEnum):
    """How much an alert of this rule matters, the most first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Sensitivity(StrEnum):
    """How unusual a spike must be to be told."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


# A bot that starts anew reads so much of the past: what must last for longer would never be told.
REMEMBERED = timedelta(days=7)


def _lasting(length: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= length <= REMEMBERED:
        raise ValueError("it must be from 1s to 7d, which is what a bot that starts anew looks back on")
    return length


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Name
    severity: Severity = Severity.WARNING
    # Globs over the pool's id and its display name.
    pools: Annotated[tuple[Name, ...], Field(min_length=1)] = ("*",)
    # Each type listed is judged by itself; without a list all types are judged together.
    types: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    hold_for: Duration = timedelta()
    clear_after: Duration = timedelta()
    open_at_least: Duration = timedelta()

    def covers(self, pool: Pool) -> bool:
        """Whether the rule is about `pool`."""
        return pool.named_by(self.pools)

    @property
    def subjects(self) -> tuple[str | None, ...]:
        """The job types judged one by one; `None` stands for all together."""
        return self.types or (None,)


class ThresholdRule(_Rule):
    """Breached at the first reading strictly above `above`, clear at the first below `clear_below`."""

    kind: Literal["threshold"] = "threshold"
    metric: JobStatus
    above: Count
    clear_below: Count | None = None

    @model_validator(mode="after")
    def _limits_in_order(self) -> "ThresholdRule":
        if self.clear_below is not None and self.clear_below > self.above:
            below = self.clear_below
            raise ValueError(
                _("clear_below ({below}) must not be larger than above ({above})", below=below, above=self.above)
            )
        return self


class SpikeRule(_Rule):
    """Breached when the count is far above what is usual for this pool."""

    kind: Literal["spike"] = "spike"
    metric: JobStatus
    sensitivity: Sensitivity = Sensitivity.NORMAL
    # The smallest change that is worth a message, in jobs.
    at_least: Annotated[int, Field(ge=1, le=10**9)] | None = None
    # A queue that dips for a moment is not over.
    clear_after: Duration = timedelta(minutes=5)


def _waiting(status: JobStatus) -> JobStatus:
    if status not in WAITING:
        raise ValueError(
            f"jobs that are {status} do not wait to start: choose {', '.join(WAITING[:-1])} or {WAITING[-1]}"
        )
    return status


class StuckRule(_Rule):
    """Breached when jobs wait and none has started for `after`."""

    kind: Literal["stuck"] = "stuck"
    metric: Annotated[
        JobStatus,
        AfterValidator(_waiting),
        WithJsonSchema({"type": "string", "enum": [status.value for status in WAITING]}),
    ] = JobStatus.QUEUE
    after: Annotated[Duration, AfterValidator(_lasting)] = timedelta(minutes=30)
    # So few waiting jobs are nobody's business.
    at_least: Annotated[int, Field(ge=1, le=10**9)] = 1
    # A single job that starts is not the end of it: another must start within this time.
    clear_after: Duration = timedelta(minutes=5)


def _level(status: JobStatus) -> JobStatus:
    if status in ENDED:
        raise ValueError(
            f"jobs that are {status} have ended and are counted for good or for a while: nothing to compare with"
        )
    return status


# A status that says how many jobs there are now.
Level = Annotated[
    JobStatus,
    AfterValidator(_level),
    WithJsonSchema({"type": "string", "enum": [status.value for status in JobStatus if status not in ENDED]}),
]
# Times that one count is another.
Times = Annotated[float, Field(gt=0, le=10**6, allow_inf_nan=False)]


class RatioRule(_Rule):
    """Breached while `metric` is more than `above` times `to`, and at least `at_least`."""

    kind: Literal["ratio"] = "ratio"
    metric: Level
    to: Level
    above: Times
    clear_below: Times | None = None
    # So few jobs are nobody's business, however many times nothing they are.
    at_least: Annotated[int, Field(ge=1, le=10**9)] = 1

    @model_validator(mode="after")
    def _limits_in_order(self) -> "RatioRule":
        if self.clear_below is not None and self.clear_below > self.above:
            raise ValueError(f"clear_below ({self.clear_below:g}) must not be larger than above ({self.above:g})")
        if self.metric is self.to:
            raise ValueError(f"a count is always once itself: compare {self.metric} with another status")
        return self


class AbsentRule(_Rule):
    """Breached while nothing has been read of the pool, or `metric` has not been reported, for `after`."""

    kind: Literal["absent"] = "absent"
    # Without one any reading will do.
    metric: JobStatus | None = None
    after: Annotated[Duration, AfterValidator(_lasting)] = timedelta(minutes=10)

    @model_validator(mode="after")
    def _types_of_a_metric(self) -> "AbsentRule":
        if self.metric is None and self.types is not None:
            raise ValueError("a reading is of all types: name a metric that must be reported for each of the types")
        return self


AlertRule = Annotated[
    ThresholdRule | SpikeRule | RatioRule | AbsentRule | StuckRule,
    Field(discriminator="kind"),
]

# What stands in a rule's `kind`, of every kind there is.
KINDS = frozenset(get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(AlertRule)[0]))

# What the product watches when nobody has configured anything, on every pool.
SHIPPED: tuple[ThresholdRule | SpikeRule, ...] = (
    SpikeRule(name="queue spike", metric=JobStatus.QUEUE, severity=Severity.WARNING),
    SpikeRule(name="failures spike", metric=JobStatus.FAILED, severity=Severity.CRITICAL),
)
