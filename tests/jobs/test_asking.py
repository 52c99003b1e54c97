"""What people get who ask for some pools, for a chart, or for pools side by side."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.core.access import Access, Grant
from bot.core.alerts import State
from bot.core.command import POOL_STATS, Asker
from bot.core.rules.model import AlertRule
from bot.core.stats import JobStatus, Pool, PoolStats
from bot.emulator.server import Emulator
from bot.jobs.answer import Answering, answer
from bot.jobs.prune import Kept, prune
from bot.messages.model import Chart, Message, Table, Verb, to_json
from bot.modelarts.client import ModelArts
from bot.store import alerts, samples, trends
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, an_alert, long_queue, stats
from tests.messages.reading import lines, only, presses, text

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Desk:
    """Somebody who answers, about three training pools and one of research."""

    def __init__(self, emulator: Emulator, modelarts: ModelArts, engine: Engine) -> None:
        self.emulator, self.modelarts, self.engine = emulator, modelarts, engine
        self.access = Access()
        self.rules: tuple[AlertRule, ...] = ()
        counts = {"train-a100": 7, "train-h100": 1, "train-v100": 0, "research": 3}
        made = [emulator.set_counts(name, {"train": {"Queue": queue}}) for name, queue in counts.items()]
        self.pools = {each.name: Pool(each.id, each.name) for each in made}
        self.pool = self.pools["train-a100"]

    def ask(self, words: str, *, channel: str = "C1", now: datetime = NOON) -> Message:
        known = Answering(self.modelarts, self.engine, self.access, wanted=lambda _: True, rules=self.rules)
        return answer(POOL_STATS, words, Asker("slack", "T1", channel, "U1"), known, now=now)

    def keep(self, readings: Iterable[PoolStats]) -> None:
        with writing(self.engine) as db:
            samples.save_many(db, readings)

    def read(self, *queues: int, every: timedelta = HOUR, until: datetime = NOON, pool: Pool | None = None) -> None:
        """Readings of the queue, the last of them just before `until`."""
        of = pool or self.pool
        times = [until - every * (len(queues) - place) for place in range(len(queues))]
        self.keep(stats(at, of, train={"Queue": queue}) for at, queue in zip(times, queues, strict=True))


@pytest.fixture
def desk(emulator: Emulator, modelarts: ModelArts, engine: Engine) -> Desk:
    return Desk(emulator, modelarts, engine)


def names(message: Message) -> list[object]:
    return [row[0] for row in only(message, Table).rows]


def test_a_glob_asks_for_some_pools(desk: Desk) -> None:
    message = desk.ask("TRAIN-?100")

    assert names(message) == ["train-a100", "train-h100", "train-v100"]
    assert message.title == "3 pools like “TRAIN-?100”"


def test_all_that_a_word_may_mean_are_one_press_away(desk: Desk) -> None:
    assert (Verb.SHOW, "train*") in presses(desk.ask("train"))
    assert names(desk.ask("train*")) == ["train-a100", "train-h100", "train-v100"]


def test_a_glob_that_names_nothing_is_told_so(desk: Desk) -> None:
    assert "No pool is named like “infer-*”" in desk.ask("infer-*").summary


def test_all_pools_have_bars_of_the_last_hours(desk: Desk) -> None:
    desk.read(0, 14, 7, every=30 * MINUTE)

    table = only(desk.ask(""), Table)

    assert table.header[:3] == ("Pool", "Queue", "Queue, 6 h")
    assert table.rows[0][:3] == ("train-a100", 7, "·········▁█▅")
    assert [row[2] for row in table.rows[1:]] == [None, None, None]


def test_a_pool_one_may_not_see_is_in_no_list_page_or_bar(desk: Desk) -> None:
    desk.access = Access(grants=(Grant(("train-*",), ("slack:C9",)),))

    assert names(desk.ask("*")) == ["research"]
    assert "No pool is named like" in desk.ask("train*").summary
    assert len(names(desk.ask("*", channel="C9"))) == 4


@pytest.mark.parametrize("words", ["{}", "{} chart 7d", "compare {} research"])
def test_a_hidden_pool_is_answered_exactly_as_one_that_does_not_exist(desk: Desk, words: str) -> None:
    desk.access = Access(grants=(Grant(("train-*",), ("slack:C9",)),))

    hidden, missing = desk.ask(words.format("train-a100")), desk.ask(words.format("train-b100"))

    assert to_json(hidden).replace("train-a100", "X") == to_json(missing).replace("train-b100", "X")


def test_a_hidden_pool_is_not_in_the_way_of_one_that_may_be_seen(desk: Desk) -> None:
    desk.access = Access(grants=(Grant(("train-a*", "train-v*"), ("slack:C9",)),))

    assert desk.ask("train").title == "train-h100"
    assert [label.label for label in desk.ask("trian-h100").buttons][:1] == ["train-h100"]


def test_what_was_meant_is_suggested_for_the_same_question(desk: Desk) -> None:
    ids = {name: pool.id for name, pool in desk.pools.items()}

    assert presses(desk.ask("trian-a100 chart 7d"))[0] == (Verb.SHOW, f"{ids['train-a100']} chart 7d")
    assert presses(desk.ask("compare research trian-a100"))[0] == (
        Verb.SHOW,
        f"compare research {ids['train-a100']} 24h",
    )


def test_a_chart_shows_readings_limits_and_alerts(desk: Desk) -> None:
    desk.read(*range(12), 90, 4)
    desk.rules = (long_queue(50), long_queue(9, pools=["infer-*"]))
    with writing(desk.engine) as db:
        alerts.save(db, an_alert(pool=desk.pool, began_at=NOON - 2 * HOUR))
        over = {"state": State.RESOLVED, "resolved_at": NOON - 8 * DAY}
        alerts.save(db, an_alert(id="old", pool=desk.pool, began_at=NOON - 9 * DAY, **over))
        alerts.save(db, an_alert(id="of another", pool=desk.pools["research"], began_at=NOON - 2 * HOUR))

    message = desk.ask("train-a100 chart")

    assert "Queue 0 to 90, highest at 10:00 UTC, last 4" in message.summary
    assert "1 alert." in message.summary
    assert "Limits: Queue above 50 (long queue)." in lines(message)
    plot = only(message, Chart).plot
    assert plot is not None
    assert (NOON - 2 * HOUR, 90.0) in plot.rows[0].curves[0].points
    assert [shade.start for shade in plot.rows[0].shades] == [NOON - 2 * HOUR]


def test_a_chart_needs_no_modelarts_but_for_the_name(desk: Desk) -> None:
    desk.read(1, 2, 3, 4)
    desk.ask("")
    desk.emulator.misbehave("status", status=503, times=9)

    assert "Queue 1 to 4" in desk.ask("train-a100 chart").summary


def test_a_month_is_told_by_the_hour_where_readings_are_forgotten(desk: Desk) -> None:
    desk.read(3, 95, 3, 3, until=NOON - 10 * DAY)
    desk.read(5, 5, 5, 5)
    prune(desk.engine, now=NOON, keep=Kept(readings=2 * DAY, hourly=90 * DAY, history=90 * DAY), clock_skew=None)

    message = desk.ask("train-a100 chart 30d")

    assert "Queue 3 to 95" in message.summary
    assert "only the highest of each hour is kept" in text(message)


def test_no_reading_of_a_long_time_is_lost_in_a_chart(desk: Desk) -> None:
    queues = [1] * 3000
    queues[1234] = 77
    desk.read(*queues, every=3 * MINUTE)

    message = desk.ask("train-a100 chart 7d")

    assert "Queue 1 to 77" in message.summary
    chart = only(message, Chart)
    assert max(value for value in chart.series[0].values if value is not None) == 77
    assert chart.plot is not None
    assert len(chart.plot.rows[0].curves[0].points) <= 2000


def test_pools_are_compared_by_their_counts_now_and_their_queues(desk: Desk) -> None:
    desk.read(1, 2, 3, 9)
    desk.read(4, 4, 4, 4, pool=desk.pools["research"])

    message = desk.ask("compare train-a100 RESEARCH 7d")

    table = only(message, Table)
    assert table.header == ("Status", "train-a100", "research")
    assert table.rows[0] == ("Queue", 7, 3)
    assert [series.name for series in only(message, Chart).series] == ["train-a100", "research"]


def test_one_pool_by_two_names_cannot_be_compared_with_itself(desk: Desk) -> None:
    assert "hese are names of one pool, train-a100" in desk.ask(f"compare train-a {desk.pool.id}").summary


def test_an_outage_while_comparing_can_be_tried_again_as_it_was_asked(desk: Desk) -> None:
    desk.ask("")
    desk.emulator.misbehave("status", status=503, route="statistics", times=9)

    message = desk.ask("compare train-a100 research")

    assert presses(message) == [(Verb.REFRESH, "compare train-a100 research 24h")]


def test_the_highest_of_each_part_of_the_time_is_taken_over_all_types(desk: Desk) -> None:
    desk.keep([
        stats(NOON - 3 * MINUTE, desk.pool, train={"Queue": 1}, infer={"Queue": 2}),
        stats(NOON - 2 * MINUTE, desk.pool, train={"Queue": 5}),
        stats(NOON - 1 * MINUTE, desk.pool, train={"Running": 5}),
    ])  # fmt: skip

    with reading(desk.engine) as db:
        ids = [pool.id for pool in desk.pools.values()]
        found = trends.highest(db, ids, JobStatus.QUEUE, since=NOON - 6 * MINUTE, until=NOON, parts=3)

    assert found == {desk.pool.id: [None, 3, 5]}
