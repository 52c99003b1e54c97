"""What does it cost to draw the chart of one pool, and how large is it?"""

import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.charts.drawing import drawn
from bot.charts.model import Limit, Line, Panel, Picture, Point, Span
from bot.charts.words import described
from tests.benchmarks.figures import Report, in_turn, repeated

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def measure(*, minutes: int = 10_080, rounds: int = 7, charts: int = 3) -> Report:
    """A week of one pool, read every minute, beside matplotlib's own line of the same points in its usual form."""
    report = Report(f"chart: {minutes:,} readings of one pool as PNG, 960 pixels wide, CPU")
    picture = chart_of(minutes)
    points = picture.panels[0].lines[0].points

    work = {"ours": lambda: drawn(picture), "plain": lambda: plainly(points), "words": lambda: described(picture)}
    found = in_turn({name: repeated(each, charts) for name, each in work.items()}, rounds=rounds, units=charts)
    report.add("floor: matplotlib's Figure, one line, savefig", found["plain"], "ms/chart")
    report.add("drawn: a line, its alerts, a limit, a legend", found["ours"], "ms/chart", floor=found["plain"])
    report.add("described: the same in words", found["words"], "ms/chart", floor=found["plain"])
    size = len(drawn(picture))
    report.count("its size", size / 1000, "KB", floor=len(plainly(points)) / 1000)
    return report


def chart_of(minutes: int) -> Picture:
    """A restless queue with two spikes, one of which is not over."""
    chance = random.Random(5)
    spikes = (range(minutes // 3, minutes // 3 + minutes // 25), range(minutes - minutes // 50, minutes))
    counts = [
        int(chance.expovariate(1 / 20)) + (400 if any(minute in spike for spike in spikes) else 0)
        for minute in range(minutes)
    ]
    points: list[Point] = [(NOON + minute * MINUTE, count) for minute, count in enumerate(counts)]
    first, last = spikes
    spans = [
        Span("queue spike", NOON + first[0] * MINUTE, NOON + first[-1] * MINUTE, "412"),
        Span("queue spike", NOON + last[0] * MINUTE, None, "405"),
    ]
    panel = Panel("", [Line("Queue", points)], spans, [Limit(200, "above 200 (long queue)")])
    return Picture("train-a100 · Queue", NOON, NOON + minutes * MINUTE, [panel])


def plainly(points: Sequence[Point]) -> bytes:
    """The same line as a straight script draws it."""
    figure = Figure(figsize=(9.6, 4.0), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([at for at, _ in points], [count for _, count in points])  # type: ignore[arg-type] # dates are taken too
    axes.set_title("train-a100")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
