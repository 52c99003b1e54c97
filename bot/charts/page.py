"""Where on a picture stands what? Text, plots and the marks of a legend, by pixels from the upper left corner."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.typing import LineStyleType

from bot.charts.fonts import drawable, font

# All of it in pixels of a picture that is 960 wide; a phone shows about 390, so letters of 24 are there about ten.
LEFT, RIGHT, EDGE = 92, 46, 16
TITLE, HEADING, SMALL = 30, 27, 24
ROW = 36
TICK_ROW = 34
AIR = 18
# A usual letter is about half as wide as it is high; a Chinese one is as wide.
LETTER = 0.56
INK, GREY = "#1b2430", "#56616f"


class Page:
    """A figure whose places are pixels from its upper left corner."""

    def __init__(self, figure: Figure, width: int, height: int) -> None:
        self.figure, self.width, self.height = figure, width, height

    def write(self, x: float, y: float, text: str, pixels: int, *, bold: bool = False, color: str = INK) -> None:
        """A line of text, cut where the page ends."""
        text = cut(drawable(text), pixels, self.width - x - EDGE)
        self.figure.text(
            x / self.width, 1 - y / self.height, text, va="top", color=color, parse_math=False,
            fontproperties=font(text, pixels, bold=bold),
        )  # fmt: skip

    def axes(self, y: float, height: float) -> Axes:
        """A plot over the whole width."""
        box = (LEFT / self.width, 1 - (y + height) / self.height)
        return self.figure.add_axes((*box, (self.width - LEFT - RIGHT) / self.width, height / self.height))

    def swatch(self, y: float, color: str, pattern: str) -> None:
        """What a kind of stretch looks like, for the legend."""
        place = (EDGE / self.width, 1 - (y + 25) / self.height)
        patch = Rectangle(place, 44 / self.width, 24 / self.height, transform=self.figure.transFigure)
        self.figure.add_artist(shaded(patch, color, pattern))

    def dash(self, y: float, color: str, dash: LineStyleType) -> None:
        """What a line looks like, for the legend."""
        ends, height = [EDGE / self.width, (EDGE + 44) / self.width], 1 - (y + 13) / self.height
        line = Line2D(ends, [height, height], color=color, linestyle=dash, linewidth=2.5)
        line.set_transform(self.figure.transFigure)
        self.figure.add_artist(line)


def shaded(patch: Patch, color: str, pattern: str) -> Patch:
    """The patch in its colour and its pattern, through which a line is seen."""
    patch.set_facecolor(to_rgba(color, 0.22))
    patch.set_edgecolor(to_rgba(color, 0.6))
    patch.set_hatch(pattern)
    patch.set_hatch_linewidth(0.8)
    patch.set_linewidth(1.0)
    return patch


def width_of(text: str, pixels: float) -> float:
    """About how wide `text` is."""
    return sum(_widths(text)) * pixels


def cut(text: str, pixels: float, room: float) -> str:
    """As much of `text` as there is room for."""
    if width_of(text, pixels) <= room:
        return text
    reached = LETTER * pixels
    for place, width in enumerate(_widths(text)):
        reached += width * pixels
        if reached > room:
            return f"{text[:place]}…"
    return text


def _widths(text: str) -> Iterator[float]:
    return (1.0 if east_asian_width(letter) in "WF" else LETTER for letter in text)
