"""What can a rule say, and how is it written?"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.core.durations import Duration
from bot.core.stats import JobStatus, Pool

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


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    metric: JobStatus
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
    above: Count
    clear_below: Count | None = None

    @model_validator(mode="after")
    def _limits_in_order(self) -> "ThresholdRule":
        if self.clear_below is not None and self.clear_below > self.above:
            raise ValueError(f"clear_below ({self.clear_below}) must not be larger than above ({self.above})")
        return self


class SpikeRule(_Rule):
    """Breached when the count is far above what is usual for this pool."""

    kind: Literal["spike"] = "spike"
    sensitivity: Sensitivity = Sensitivity.NORMAL
    # The smallest change that is worth a message, in jobs.
    at_least: Annotated[int, Field(ge=1, le=10**9)] | None = None
    # A queue that dips for a moment is not over.
    clear_after: Duration = timedelta(minutes=5)


AlertRule = Annotated[ThresholdRule | SpikeRule, Field(discriminator="kind")]

# What the product watches when nobody has configured anything, on every pool.
SHIPPED: tuple[ThresholdRule | SpikeRule, ...] = (
    SpikeRule(name="queue spike", metric=JobStatus.QUEUE, severity=Severity.WARNING),
    SpikeRule(name="failures spike", metric=JobStatus.FAILED, severity=Severity.CRITICAL),
)
