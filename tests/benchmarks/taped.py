"""What would a spike rule with other constants have told of recorded pools? Read once, judged often."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.rules.model import SpikeRule
from bot.core.rules.spike import AT_LEAST, STRETCH, SpikeWatch
from bot.core.rules.spike_added import AddedWatch
from bot.core.rules.spike_constants import AddedConstants, LevelConstants
from bot.core.rules.spike_level import LevelWatch
from bot.core.rules.starts import Begun
from bot.core.rules.verdict import Breach, Clear, Verdict
from bot.core.stats import ENDED, PoolStats
from bot.replay.recorded import readings

Alert = dict[str, Any]
Constants = LevelConstants | AddedConstants


@dataclass(slots=True)
class Tape:
    """What a rule's judge is given of one pool, in columns."""

    at: "array[int]" = field(default_factory=lambda: array("q"))
    count: "array[int]" = field(default_factory=lambda: array("q"))
    begun: list[Begun | None] = field(default_factory=list)

    def add(self, count: int, begun: Begun | None, at: int) -> None:
        """One more reading."""
        before = self.begun[-1] if self.begun else None
        self.at.append(at)
        self.count.append(count)
        self.begun.append(before if before == begun else begun)


class _Recorder(LevelWatch):
    """Judges nothing and keeps what it is given."""

    def __init__(self, rule: SpikeRule, tape: Tape) -> None:
        super().__init__(rule.metric, 1.0, 1)
        self._tape = tape
        self.at = 0

    def see(self, level: int, begun: Begun | None, minute: int) -> Verdict:  # noqa: ARG002 - the moment is exacter
        self._tape.add(level, begun, self.at)
        return Clear(level, "")


class _AddedRecorder(AddedWatch):
    def __init__(self, rule: SpikeRule, tape: Tape) -> None:
        super().__init__(rule.metric, 1.0, 1)
        self._tape = tape
        self.at = 0

    def see(self, count: int, minute: int) -> Verdict:  # noqa: ARG002 - the moment is exacter
        self._tape.add(count, None, self.at)
        return Clear(count, "")


def tapes(files: Iterable[Path], rule: SpikeRule) -> dict[str, Tape]:
    """What the judge of `rule` is given of each pool: by the shipped code, guards included."""
    found: dict[str, Tape] = {}
    watches: dict[str, tuple[SpikeWatch, _Recorder | _AddedRecorder]] = {}
    for stats in _all(files):
        pool = stats.pool.id
        if pool not in watches:
            found[pool] = Tape()
            made: Callable[[SpikeRule, Tape], _Recorder | _AddedRecorder]
            made = _AddedRecorder if rule.metric in ENDED else _Recorder
            recorder = made(rule, found[pool])
            watches[pool] = SpikeWatch(rule, None, recorder), recorder
        watch, recorder = watches[pool]
        recorder.at = int(stats.taken_at.timestamp())
        watch.see(stats)
    return found


def told(rule: SpikeRule, constants: Constants, recorded: dict[str, Tape]) -> list[Alert]:
    """The alerts of `rule`, were these its constants."""
    alerts = []
    for pool, tape in recorded.items():
        for start, end in _alerts(rule, _verdicts(rule, constants, tape)):
            alerts.append({"pool": pool, "metric": rule.metric.value, "start": start, "end": end})
    return alerts


def _verdicts(rule: SpikeRule, constants: Constants, tape: Tape) -> Iterator[tuple[int, Verdict]]:
    stretch, at_least = STRETCH[rule.sensitivity], rule.at_least or AT_LEAST
    if isinstance(constants, AddedConstants):
        added = AddedWatch(rule.metric, stretch, at_least, constants)
        for at, count in zip(tape.at, tape.count, strict=True):
            yield at, added.see(count, at // 60)
    else:
        level = LevelWatch(rule.metric, stretch, at_least, constants)
        for at, count, begun in zip(tape.at, tape.count, tape.begun, strict=True):
            yield at, level.see(count, begun, at // 60)


def _alerts(rule: SpikeRule, verdicts: Iterator[tuple[int, Verdict]]) -> Iterator[tuple[int, int | None]]:
    """From when to when; a rule that holds nothing opens at its first breach."""
    clear_after = rule.clear_after.total_seconds()
    began = well_since = None
    for at, verdict in verdicts:
        if isinstance(verdict, Breach):
            began, well_since = at if began is None else began, None
        elif began is not None and isinstance(verdict, Clear):
            well_since = at if well_since is None else well_since
            if at - well_since >= clear_after:
                yield began, at
                began = well_since = None
    if began is not None:
        yield began, None


def _all(files: Iterable[Path]) -> Iterator[PoolStats]:
    for file in files:
        yield from readings(file)
