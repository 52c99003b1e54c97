"""Which numbers does the spike rule live by, and where does each come from?

Three kinds: `reasoned` from what is counted or from chance, `fact` about polling and scheduling, and `chosen` on the
recorded clusters. Those that were chosen are chosen again without each cluster in turn by `make bench-alerts-loo`,
which prints what they are worth on the cluster that was left out; docs/performance.md has its table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelConstants:
    """What a level is judged by. Durations are minutes where nothing else is said.

    Attributes:
        times: Chosen. An incident exceeds the ordinary hours by this factor: twice as bad as all but the rarest.
        chance: Reasoned. Jobs arrive at random at best: two standard deviations of a Poisson count are chance.
        jump_within: Fact. A jump is a rise within this time: a submission takes a script some minutes.
        starts_due: Reasoned. No start for so long that three were due (chance of that: e⁻³, 5 %) is evidence by itself.
        stalled: Chosen. With that evidence this share of the rise will do.
        hold: Chosen. Trouble lasts; a submission that is scheduled at once does not.
        hold_if_clear: Chosen. As long where it is `clear_case` times the limit.
        clear_case: Chosen.
        stark_case: Fact. Who reads every few seconds sees it sooner: `stark_readings` in a row that are so many times
            the limit, among which no job has started and the level has not fallen.
        stark_readings: Fact. At a reading every 20 seconds or more this changes nothing.
        served_within: Chosen. A queue that falls from its last peak at a pace which empties it so soon is being served.
        peak_within: Chosen. How far back that peak is looked for.
        still_high: Reasoned. Not over before so little of the rise is left.
        above: Reasoned. A rise that ends below the usual is a return: so many jobs above it at least.
        new: Reasoned. In the first hour of a pool's life nothing is known, hence so many times the change.
        ordinary_excess: Chosen. The share of hours that is ordinary. The excess keeps its value for many hours in a
            row, so that a single bad day takes a seventh of the week.
        ordinary_rise: Chosen. Likewise for jumps and ramps, which are over sooner.
        ramp_hours: Chosen. A slow ramp lasts three to six hours: what did not start is counted over so many.
        lately: Chosen. A queue that has stood high for so long is the usual: what alerted is known by then. Hours ago.
    """

    times: float = 2.0
    chance: float = 2.0
    jump_within: int = 25
    starts_due: float = 3.0
    stalled: float = 0.7
    hold: int = 5
    hold_if_clear: int = 3
    clear_case: float = 1.5
    stark_case: float = 3.0
    stark_readings: int = 12
    served_within: int = 60
    peak_within: int = 10
    still_high: float = 0.2
    above: int = 5
    new: float = 2.0
    ordinary_excess: float = 0.85
    ordinary_rise: float = 0.95
    ramp_hours: int = 4
    lately: tuple[int, ...] = (3, 4, 5)


@dataclass(frozen=True, slots=True)
class AddedConstants:
    """What is added to a status in which jobs end is judged by. Durations are minutes.

    Attributes:
        ordinary: Reasoned. The rarest hours do not count for more than the rarest ordinary one: an incident a day must
            not become the usual.
        times: Chosen. Standard deviations above the usual: the tails of failures are long, three would be the usual
            control limit.
        chance: Reasoned. No less than four standard deviations of a Poisson count, where there is hardly anything to
            measure a spread by.
        node_within: Fact. A failing node takes its jobs along within minutes: as many run less as have failed.
        taken_along: Chosen. This share of the failed must be missing among the running.
        node_lost: Chosen. Then this share of the limit will do.
        still_high: Chosen. Still this share of the limit is not over.
        new: Reasoned. In the first hour of a pool's life nothing is known, hence so many times the least change.
    """

    ordinary: float = 0.95
    times: float = 6.0
    chance: float = 4.0
    node_within: int = 8
    taken_along: float = 0.8
    node_lost: float = 0.8
    still_high: float = 0.7
    new: float = 1.5


LEVEL = LevelConstants()
ADDED = AddedConstants()
