"""Does an alert carry a small chart of its count, and come without one where there is none?"""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from bot.core.alerts import ABSENT, Alert
from bot.core.stats import JobStatus
from bot.jobs.recent import recent_chart
from bot.messages.model import Chart
from bot.store import samples
from bot.store.engine import reading, writing
from tests.building import MINUTE, NOON, POOL, an_alert, stats
from tests.jobs.test_telling import OPS, Told
from tests.messages.reading import only


def keep(engine: Engine, queues: Sequence[int]) -> None:
    """A reading a minute until noon."""
    with writing(engine) as db:
        samples.save_many(
            db,
            (
                stats(NOON - (len(queues) - 1 - place) * MINUTE, train={"Queue": queue}, infer={"Queue": 1})
                for place, queue in enumerate(queues)
            ),
        )


def drawn(engine: Engine, alert: Alert) -> Chart | None:
    with reading(engine) as db:
        return recent_chart(db, alert, now=NOON)


def test_an_alert_is_told_with_a_small_chart_of_its_count(engine: Engine) -> None:
    keep(engine, [3] * 20 + [90])
    told = Told(engine)

    told.read(Queue=90)

    [message] = told.chat.standing.values()
    assert message.blocks[1] == only(message, Chart)
    assert only(message, Chart).title == "Queue until 12:00 UTC"
    assert OPS.channel in {posted.channel for posted in told.chat.standing}


def test_the_chart_is_of_the_job_type_that_the_alert_is_about(engine: Engine) -> None:
    keep(engine, [3, 4, 90])

    charts = [drawn(engine, an_alert()), drawn(engine, an_alert(job_type="train"))]

    assert [chart and chart.series[0].values for chart in charts] == [(4, 5, 91), (3, 4, 90)]


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(an_alert(metric=None, kind=ABSENT), id="about no count"),
        pytest.param(an_alert(metric=JobStatus.QUEUE, kind=ABSENT), id="about a count that is not read"),
        pytest.param(an_alert(metric=JobStatus.FAILED), id="whose count was never reported"),
    ],
)
def test_an_alert_without_a_count_to_draw_has_no_chart(engine: Engine, alert: Alert) -> None:
    keep(engine, [3, 4, 90])

    assert drawn(engine, alert) is None


def test_one_or_two_readings_are_no_chart(engine: Engine) -> None:
    keep(engine, [3, 90])

    assert drawn(engine, an_alert()) is None


def test_a_chart_shows_six_hours_and_no_more_points_than_slack_draws(engine: Engine) -> None:
    keep(engine, [500] + [3] * 400)

    chart = drawn(engine, an_alert(pool=POOL))

    assert chart is not None
    assert len(chart.labels) <= 20
    assert "500" not in chart.summary
