"""Facts of every kind, for tests that hold for all of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.core.alerts import Alert, Event, Move, State
from bot.core.because import Because
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from tests.building import NOON

YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)

# What every database can keep: no NUL, no half of a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
names = st.sampled_from(["train", "infer", "notebook"]) | texts
counts = st.integers(0, 10**9)
moments = st.integers(0, 10**17).map(lambda microseconds: YEAR_2000 + timedelta(microseconds=microseconds))
whys = texts | st.builds(
    Because,
    st.just("{status} {count} in {length}"),
    status=texts,
    count=st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    length=st.timedeltas(timedelta(), timedelta(days=999)),
)
type_counts = st.builds(
    TypeCounts,
    st.dictionaries(st.sampled_from(JobStatus), counts),
    st.dictionaries(texts, counts, max_size=2),
    st.none() | counts,
)
types = st.dictionaries(names, type_counts, max_size=5)


def readings(pool: Pool) -> st.SearchStrategy[list[PoolStats]]:
    """Readings of one pool at different seconds, oldest first."""
    offsets = st.lists(st.integers(0, 10**6), unique=True, max_size=6).map(sorted)

    def made(seconds: list[int]) -> st.SearchStrategy[list[PoolStats]]:
        at = [NOON + timedelta(seconds=second) for second in seconds]
        return st.tuples(*(st.builds(PoolStats, st.just(pool), st.just(moment), types) for moment in at)).map(list)

    return offsets.flatmap(made)


def alerts(alert_id: str) -> st.SearchStrategy[Alert]:
    """Alerts with this id, in every state."""
    maybe = st.none() | moments
    return st.builds(
        Alert,
        id=st.just(alert_id),
        rule=st.just(f"rule {alert_id}"),
        metric=st.none() | st.sampled_from(JobStatus),
        severity=st.sampled_from(Severity),
        pool=st.builds(Pool, texts, texts),
        job_type=st.none() | texts,
        state=st.sampled_from(State),
        began_at=moments,
        changed_at=moments,
        seen_at=moments,
        value=counts,
        peak=counts,
        why=whys,
        fired_at=maybe,
        resolved_at=maybe,
        clear_since=maybe,
        stale_since=maybe,
        held_by=st.none() | texts,
        silenced_until=maybe,
    )


moves = st.builds(
    Move,
    at=moments,
    event=st.sampled_from(Event),
    before=st.sampled_from(State),
    after=st.sampled_from(State),
    why=whys,
    actor=texts,
)
