"""How is the plot of an answer drawn as a picture, and told in words? Imported only by who draws one."""

from bot.charts.drawing import drawn
from bot.charts.model import Limit, Line, Panel, Picture, Span
from bot.charts.words import described
from bot.messages.model import Plot


def drawn_and_told(plot: Plot) -> tuple[bytes, str]:
    """The plot as PNG, and what it shows in words."""
    picture = _picture(plot)
    return drawn(picture), described(picture)


def _picture(plot: Plot) -> Picture:
    return Picture(
        plot.title,
        plot.start,
        plot.end,
        [
            Panel(
                row.heading,
                [Line(curve.label, curve.points) for curve in row.curves],
                [Span(shade.what, shade.start, shade.end, shade.text) for shade in row.shades],
                [Limit(level.value, level.label) for level in row.levels],
            )
            for row in plot.rows
        ],
        plot.note,
    )
