"""What is to be seen in a picture."""

import io
import random
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from bot.charts.axes import time_ticks
from bot.charts.drawing import LARGEST, drawn
from bot.charts.fonts import BOX, drawable
from bot.charts.letters import pictured
from bot.charts.model import Limit, Line, Mark, Panel, Picture, Point, Size, Span
from bot.charts.words import counted, described
from bot.core.language import Language, speaking
from tests.building import MINUTE, NOON

DAY = timedelta(days=1)


def queue(values: Sequence[float | None]) -> Line:
    """A queue, minute by minute."""
    points: list[Point] = [(NOON + number * MINUTE, value) for number, value in enumerate(values)]
    return Line("Queue", points)


def picture(*panels: Panel, title: str = "train-a100", note: str = "") -> Picture:
    """Two hours of it."""
    return Picture(title, NOON, NOON + 120 * MINUTE, panels, note)


CALM = Panel("", [queue([5] * 60 + [80] * 30 + [5] * 31)])


def pixels(seen: Picture, size: Size | None = None) -> Image.Image:
    """As it looks."""
    return Image.open(io.BytesIO(drawn(seen, size))).convert("RGB")


def colours(seen: Picture) -> int:
    """How many pixels are neither white nor grey."""
    found = pixels(seen).getcolors(1 << 24) or ()
    return sum(count for count, rgb in found if isinstance(rgb, tuple) and max(rgb) - min(rgb) > 40)


def black_and_white(image: Image.Image) -> bytes:
    """Which of its pixels are darker than the middle."""
    grey = image.tobytes()
    middle = (min(grey) + max(grey)) / 2
    return bytes(255 * (each > middle) for each in grey)


def test_a_picture_is_a_png_of_the_size_that_was_asked_for() -> None:
    one = pixels(picture(CALM), Size(width=800, plot=150))
    two = pixels(picture(CALM, CALM), Size(width=800, plot=150))

    assert (one.width, two.width) == (800, 800)
    assert one.height + 150 <= two.height <= one.height + 250


def test_threads_that_draw_at_once_do_not_disturb_each_other() -> None:
    pictures = [picture(CALM, title=f"pool {number}") for number in range(6)]

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(drawn, pictures)) == [drawn(each) for each in pictures]


def test_a_picture_carries_its_words() -> None:
    with Image.open(io.BytesIO(drawn(picture(CALM, title="训练")))) as image:
        image.load()
        assert image.info["Description"] == described(picture(CALM, title="训练"))


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert drawn(picture(CALM)) == drawn(picture(CALM))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"spans": [Span("queue spike", NOON + 60 * MINUTE, None)]}, id="a stretch that is not over"),
        pytest.param({"limits": [Limit(50, "above 50")]}, id="a limit"),
        pytest.param({"marks": [Mark(NOON + 30 * MINUTE, "silenced")]}, id="a moment"),
        pytest.param({"heading": "theta"}, id="a heading"),
        pytest.param({"lines": [*CALM.lines, replace(CALM.lines[0], label="Pending")]}, id="a second line"),
    ],
)
def test_everything_that_is_told_is_drawn(changed: dict[str, object]) -> None:
    with_it = replace(CALM, **changed)  # type: ignore[arg-type] # any field of the dataclass

    assert drawn(picture(with_it)) != drawn(picture(CALM))


def test_kinds_of_stretches_differ_by_pattern_and_not_by_colour_alone() -> None:
    kinds = [Span(str(kind), NOON, NOON + 119 * MINUTE) for kind in range(5)]
    seen = pixels(picture(replace(CALM, spans=kinds))).convert("L")

    # The swatches of the legend, one below the other, in nothing but black and white.
    swatches = [seen.crop((18, 109 + 36 * row, 58, 129 + 36 * row)) for row in range(5)]
    patterns = [black_and_white(each) for each in swatches]
    assert len(set(patterns)) == 5
    assert all(set(pattern) == {0, 255} for pattern in patterns)


def test_a_stretch_of_a_minute_is_seen_in_a_picture_of_a_month() -> None:
    month = Picture("a", NOON, NOON + 30 * DAY, [Panel("", [])])
    short = Span("a", NOON + 10 * DAY, NOON + 10 * DAY + MINUTE)

    legend = replace(month, panels=[Panel("", [], [replace(short, start=NOON - DAY, end=NOON - DAY)])])
    assert colours(replace(month, panels=[Panel("", [], [short])])) >= colours(legend) > 0


def test_where_nothing_was_read_there_is_no_line() -> None:
    gap = [5.0] * 40 + [None] * 40 + [5.0] * 41

    assert colours(picture(Panel("", [queue(gap)]))) < 0.8 * colours(picture(Panel("", [queue([5] * 121)])))


def test_a_single_reading_is_seen() -> None:
    assert colours(picture(Panel("", [queue([None] * 50 + [5])]))) > 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("训练集群", id="Chinese"),
        pytest.param("学習・훈련", id="Japanese and Korean"),
        pytest.param("مجموعة", id="right to left"),
        pytest.param("🚀 pool 🚀", id="emoji"),
        pytest.param("a$b_{c}^2$ \\frac{1}{0} %s {x}", id="what mathematics is written in"),
        pytest.param("\u202e\u0000\ud800\ufffe\n\n\t", id="what no font can draw"),
        pytest.param("", id="nothing"),
        pytest.param("long " * 200, id="far too long"),
    ],
)
def test_no_name_breaks_a_picture(name: str) -> None:
    panel = Panel(
        name,
        [Line(name, CALM.lines[0].points), Line("b", CALM.lines[0].points)],
        [Span(name, NOON, NOON + 5 * MINUTE, name)],
        [Limit(20, name)],
        [Mark(NOON + MINUTE, name)],
    )

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pixels(picture(panel, title=name, note=name)).width == 960


def test_what_cannot_be_drawn_is_a_box() -> None:
    assert drawable("a\u202eb\nc\ud800") == f"a{BOX}b c{BOX}"


def test_our_own_words_in_a_picture_are_never_boxes() -> None:
    panel = replace(CALM, spans=[Span("stuck", NOON, None)])
    with speaking(pictured(Language.CHINESE)):
        words = [counted("stuck", panel.spans), *(text for _, text in time_ticks(NOON, NOON + 2 * DAY))]
    with speaking(Language.CHINESE):
        # What no font here has would be warned of.
        assert colours(picture(panel)) > 0

    assert pictured(Language.ENGLISH) is Language.ENGLISH
    assert not any(BOX in drawable(each) for each in words)


def test_a_picture_without_any_row_says_its_title() -> None:
    assert pixels(picture(title="no alert")).height < 150


def test_no_picture_is_larger_than_it_may_be() -> None:
    noise = random.Random(7)
    panels = [Panel(f"pool {n}", [queue([noise.expovariate(1) for _ in range(20_000)])]) for n in range(6)]

    assert len(drawn(Picture("noise", NOON, NOON + 20_000 * MINUTE, panels))) <= LARGEST
