"""Which numbers does the spike rule live by, and where does each come from?

Three kinds: `reasoned` from what is counted or from chance, `fact` about polling and scheduling, and `chosen` on the
recorded clusters. Those that were chosen are chosen again without each cluster in turn by `make bench-alerts-loo`,
which prints what they are worth on the cluster that was left out; docs/performance.md has its table.
"""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class LevelConstants:
    """What a level is judged by. Durations are minutes where nothing else is said.

    Attributes:
        times: Chosen. An incident exceeds the ordinary hours by this factor: twice as bad as all but the rarest.
        chance: Reasoned. Jobs arrive at random at best: two standard deviations of a Poisson count are chance.
        chance_starved: Chosen. Likewise for a slow ramp: arrivals and starts both vary, and come in batches.
        jump_within: Fact. A jump is a rise within this time: a submission takes a script some minutes.
        starts_due: Reasoned. No start for so long that three were due (chance of that: e⁻³, 5 %) is evidence by itself.
        overdue: Chosen. If so many were due, the rise is counted from the last start on.
        stalled: Chosen. With that evidence this share of the rise will do.
        hold: Chosen. Trouble lasts; a submission that is scheduled at once does not.
        hold_if_clear: Chosen. As long where it is `clear_case` times the limit.
        clear_case: Chosen.
        stark_case: Fact. Who reads every few seconds sees it sooner: `stark_readings` in a row that are so many times
            the limit, among which no job has started and the level has not fallen.
        stark_readings: Fact. At a reading every 20 seconds or more this changes nothing.
        served_within: Chosen. A queue that falls from its last peak at a pace which empties it so soon is being served.
        still_high: Reasoned. Not over before so little of the rise is left.
        above: Reasoned. A rise that ends below the usual is a return: so many jobs above it at least.
        new: Reasoned. In the first hour of a pool's life nothing is known, hence so many times the change.
        ordinary_excess: Chosen. The share of hours that is ordinary. The excess keeps its value for many hours in a
            row, so that a single bad day takes a seventh of the week.
        ordinary_rise: Chosen. Likewise for jumps and ramps, which are over sooner.
        ramp_hours: Chosen. A slow ramp lasts three to six hours: what did not start is counted over so many.
        lately: Chosen. A queue that stood high so many hours ago, and before, is the usual: its alert is known by then.
    """

    times: float = 2.0
    chance: float = 2.0
    chance_starved: float = 4.0
    jump_within: int = 25
    starts_due: float = 3.0
    overdue: float = 20.0
    stalled: float = 0.7
    hold: int = 5
    hold_if_clear: int = 3
    clear_case: float = 1.5
    stark_case: float = 3.0
    stark_readings: int = 12
    served_within: int = 60
    still_high: float = 0.2
    above: int = 5
    new: float = 2.0
    ordinary_excess: float = 0.85
    ordinary_rise: float = 0.95
    ramp_hours: int = 4
    lately: int = 3


@dataclass(frozen=True, slots=True)
class AddedConstants:
    """What is added to a status in which jobs end is judged by.

    Attributes:
        sudden, burst, creeping: Chosen; but the last, which is the hour that is kept. The stretches of time in which it
            is counted, in minutes: a node takes its jobs along at once, a batch or jobs that fail as they start and are
            tried again show within some minutes.
        ordinary: Chosen. The share of hours that is ordinary; a rarer one counts for no more than the rarest of these,
            for an incident a day must not become the usual.
        spreads: Reasoned. The usual control limit: three standard deviations above the mean.
        still_high: Reasoned. Not over before it is half of the limit: a burst that goes on is told once.
        new: Reasoned. In the first hour of a pool's life nothing is known, hence so many times the least change.
    """

    sudden: int = 3
    burst: int = 10
    creeping: int = 60
    ordinary: float = 0.97
    spreads: float = 3.0
    still_high: float = 0.5
    new: float = 1.5

    @property
    def within(self) -> tuple[int, ...]:
        """The stretches of time, the shortest first."""
        return _within(self.sudden, self.burst, self.creeping)


@cache
def _within(*minutes: int) -> tuple[int, ...]:
    """The same object for every pool."""
    return minutes


LEVEL = LevelConstants()
ADDED = AddedConstants()
