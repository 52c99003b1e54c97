"""A picture for those who cannot see it."""

from bot.charts.model import Limit, Line, Mark, Panel, Picture, Span
from bot.charts.words import LONGEST, described
from bot.core.language import Language, speaking
from tests.building import MINUTE, NOON


def two_hours(*panels: Panel, note: str = "") -> Picture:
    """From noon on."""
    return Picture("2 alerts on 1 of 3 pools", NOON, NOON + 120 * MINUTE, panels, note)


def test_the_words_have_the_figures_of_the_picture() -> None:
    line = Line("Queue", [(NOON, 5), (NOON + MINUTE, 80), (NOON + 2 * MINUTE, None), (NOON + 3 * MINUTE, 7)])
    spans = [Span("spike", NOON + MINUTE, NOON + 31 * MINUTE, "80"), Span("spike", NOON + 90 * MINUTE, None)]
    panel = Panel("theta · Queue", [line], spans, [Limit(50, "above 50 (long queue)")], [Mark(NOON, "silenced")])

    assert described(two_hours(panel, note="1 more row")) == (
        "2 alerts on 1 of 3 pools. From 2026-03-02 12:00 to 2026-03-02 14:00 UTC. "
        "theta · Queue: Queue between 5 and 80, highest at 2026-03-02 12:01, last 7. "
        "spike: 2 times, longest 30 min, 1 not over: from 2026-03-02 12:01 to 2026-03-02 12:31 (80), "
        "from 2026-03-02 13:30 on. "
        "Limit: above 50 (long queue). silenced at 2026-03-02 12:00. 1 more row."
    )


def test_a_line_without_a_reading_and_one_that_never_moves_are_told() -> None:
    said = described(two_hours(Panel("", [Line("Queue", [(NOON, None)]), Line("Failed", [(NOON, 3), (NOON, 3)])])))

    assert "Queue: nothing was read." in said
    assert "Failed 3 all the time." in said


def test_the_words_are_chinese_where_that_is_spoken() -> None:
    span = Span("stuck", NOON, None)
    with speaking(Language.CHINESE):
        said = described(two_hours(Panel("Queue", [Line("theta", [(NOON, 3), (NOON + MINUTE, 9)])], [span])))

    assert said == (
        "2 alerts on 1 of 3 pools。时间范围：2026-03-02 12:00 至 2026-03-02 14:00 UTC。"
        "Queue：theta 在 3 到 9 之间，2026-03-02 12:01 最高，最新为 9。"
        "stuck：1 次，尚未恢复：自 2026-03-02 12:00 起。"
    )


def test_the_words_are_cut_to_what_slack_takes() -> None:
    panels = [Panel(f"pool {number}", [Line("Queue", [(NOON, 1)])]) for number in range(200)]

    assert len(described(two_hours(*panels))) <= LONGEST
    assert described(two_hours(*panels)).endswith(" …")
