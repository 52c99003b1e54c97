"""How does a picture look? PNG, by matplotlib's Agg without its global state; import this only to draw.

Colour never carries a meaning alone: every kind of stretch has a pattern, every line a dash, every limit its words.
"""

import io
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType
from PIL import Image, PngImagePlugin

from bot.charts.axes import count_text, count_ticks, time_ticks
from bot.charts.fonts import drawable, font
from bot.charts.letters import pictured
from bot.charts.model import Panel, Picture, Size, Span
from bot.charts.page import (
    AIR,
    EDGE,
    GREY,
    HEADING,
    INK,
    LEFT,
    RIGHT,
    ROW,
    SMALL,
    TICK_ROW,
    TITLE,
    Page,
    shaded,
    width_of,
)
from bot.charts.thinning import runs, thinned
from bot.charts.words import counted, described, grouped
from bot.core.language import _, speaking, spoken_language

DPI = 100
# A stretch is never drawn narrower than this, for it would not be seen.
_NARROWEST = 4
_GRID = "#d5dae0"
_LIMIT: LineStyleType = (0, (6, 4))
_MARK: LineStyleType = (0, (2, 3))
_LINES: tuple[tuple[str, LineStyleType], ...] = (
    ("#1f4e9c", "-"),
    ("#b3541e", "--"),
    ("#23745b", ":"),
    ("#6d3f8f", "-."),
)
_SPANS = (("#c8452e", "///"), ("#8a6d00", "\\\\\\"), ("#6d3f8f", "..."), ("#23745b", "xxx"), ("#56616f", "---"))
# In bytes; a picture that would be larger gets fewer colours, at the cost of smooth edges.
LARGEST = 200_000
_COLOURS = ((255, 6), (32, 9), (8, 9))
# Fonts and the search for them are shared by all figures.
_ONE_AT_A_TIME = threading.Lock()


def drawn(picture: Picture, size: Size | None = None) -> bytes:
    """The picture as PNG, with its words as the description in it; the same picture gives the same bytes."""
    with _ONE_AT_A_TIME:
        _by_its_own_style()
        with speaking(pictured(spoken_language())):
            canvas = _canvas(picture, size or Size())
        return _packed(canvas, described(picture))


@cache
def _by_its_own_style() -> None:
    """Forget what a matplotlibrc of this machine says, once."""
    matplotlib.rcdefaults()


def _canvas(picture: Picture, size: Size) -> FigureCanvasAgg:
    heights = [_height(panel, size) for panel in picture.panels]
    top = EDGE + 2 * ROW + AIR
    rows = max((text.count("\n") + 1 for _, text in time_ticks(picture.start, picture.end)), default=0)
    foot = (rows if picture.panels else 0) * TICK_ROW + (ROW + AIR if picture.note else 0) + EDGE
    height = top + sum(heights) + foot
    figure = Figure(figsize=(size.width / DPI, height / DPI), dpi=DPI, facecolor="white")
    page = Page(figure, size.width, height)
    page.write(EDGE, EDGE, picture.title, TITLE, bold=True)
    page.write(EDGE, EDGE + ROW + 4, _period(picture.start, picture.end), SMALL, color=GREY)
    looks = _looks(picture)
    for number, panel in enumerate(picture.panels):
        _panel(page, panel, picture, looks, top + sum(heights[:number]), size, last=number == len(heights) - 1)
    if picture.note:
        page.write(EDGE, height - EDGE - ROW, picture.note, SMALL, color=GREY)
    return FigureCanvasAgg(figure)


def _looks(picture: Picture) -> Mapping[str, tuple[str, str]]:
    """Colour and pattern of every kind of stretch, the same in all rows."""
    kinds = grouped([span for panel in picture.panels for span in panel.spans])
    return {kind: _SPANS[number % len(_SPANS)] for number, kind in enumerate(kinds)}


def _height(panel: Panel, size: Size) -> int:
    lines = len(panel.lines) if len(panel.lines) > 1 else 0
    rows = bool(panel.heading) + lines + len(grouped(panel.spans)) + len(panel.limits) + len(panel.marks)
    return rows * ROW + size.plot + AIR * 2


def _panel(
    page: Page,
    panel: Panel,
    picture: Picture,
    looks: Mapping[str, tuple[str, str]],
    y: float,
    size: Size,
    *,
    last: bool,
) -> None:
    if panel.heading:
        page.write(EDGE, y, panel.heading, HEADING, bold=True)
        y += ROW
    y = _legend(page, panel, looks, y)
    axes = page.axes(y + AIR / 2, size.plot)
    columns = page.width - LEFT - RIGHT
    seconds = (picture.end - picture.start).total_seconds() or 1.0
    top = _framed(axes, panel, picture, seconds, last=last)
    _spans(axes, panel, picture, looks, seconds / columns, top)
    for number, line in enumerate(panel.lines):
        color, dash = _LINES[number % len(_LINES)]
        for run in runs(thinned(line.points, picture.start, picture.end, columns)):
            x = [(at - picture.start).total_seconds() for at, _ in run]
            if len(run) == 1:
                axes.plot(x, [run[0][1]], color=color, marker="o", markersize=4)
            axes.plot(x, [value for _, value in run], color=color, linestyle=dash, linewidth=1.8, zorder=3)
    _limits_and_marks(axes, panel, picture)


def _legend(page: Page, panel: Panel, looks: Mapping[str, tuple[str, str]], y: float) -> float:
    """Explain all that is drawn, but a line that is the only one; where the next row begins."""
    for number, line in enumerate(panel.lines if len(panel.lines) > 1 else ()):
        page.dash(y, *_LINES[number % len(_LINES)])
        page.write(EDGE + 56, y, line.label, SMALL)
        y += ROW
    for kind, spans in grouped(panel.spans).items():
        page.swatch(y, *looks[kind])
        page.write(EDGE + 56, y, counted(kind, spans), SMALL)
        y += ROW
    levels = [(_LIMIT, limit.label) for limit in panel.limits]
    moments = [(_MARK, f"{mark.label}, {mark.at:%Y-%m-%d %H:%M}") for mark in panel.marks]
    for dash, words in (*levels, *moments):
        page.dash(y, INK, dash)
        page.write(EDGE + 56, y, words, SMALL)
        y += ROW
    return y


def _framed(axes: Axes, panel: Panel, picture: Picture, seconds: float, *, last: bool) -> float:
    """Set the ticks and the grid; how high the axis goes."""
    values = [value for line in panel.lines for _, value in line.points if value is not None]
    most = max([1.0, *values, *(limit.value for limit in panel.limits)])
    # Room for what stands above a stretch.
    top = most * (1.32 if panel.spans else 1.12)
    axes.set_xlim(0, seconds)
    axes.set_ylim(0, top)
    counts = count_ticks(most)
    axes.set_yticks(counts, [count_text(count) for count in counts], fontproperties=font("", SMALL), color=GREY)
    ticks = list(time_ticks(picture.start, picture.end))
    places = [(at - picture.start).total_seconds() for at, _ in ticks]
    axes.set_xticks(places, [text if last else "" for _, text in ticks], fontproperties=font("", SMALL), color=GREY)
    axes.tick_params(length=0, pad=8)
    axes.grid(color=_GRID, linewidth=1)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    return top


def _spans(
    axes: Axes, panel: Panel, picture: Picture, looks: Mapping[str, tuple[str, str]], pixel: float, top: float
) -> None:
    """Shade the stretches, and write above each what is known of it where there is room."""
    end = (picture.end - picture.start).total_seconds()
    reached = 0.0
    for span in sorted(panel.spans, key=lambda each: each.start):
        left, right = _edges(span, picture.start, end, pixel)
        shaded(axes.axvspan(left, right, zorder=1.5), *looks[span.kind])
        text = drawable(span.text)
        half = width_of(text, SMALL) * pixel / 2
        middle = min(max((left + right) / 2, half), end - half)
        if text and middle - half >= reached:
            axes.text(
                middle, top * 0.98, text, ha="center", va="top", color=INK, zorder=5, parse_math=False,
                fontproperties=font(text, SMALL, bold=True), bbox=_PLATE,
            )  # fmt: skip
            reached = middle + half + 6 * pixel


# What lies under letters, so that a line behind them does not make them unreadable.
_PLATE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}


def _edges(span: Span, start: datetime, end: float, pixel: float) -> tuple[float, float]:
    left = min(max((span.start - start).total_seconds(), 0.0), end)
    right = end if span.end is None else min(max((span.end - start).total_seconds(), 0.0), end)
    missing = _NARROWEST * pixel - (right - left)
    return (left - missing / 2, right + missing / 2) if missing > 0 else (left, right)


def _limits_and_marks(axes: Axes, panel: Panel, picture: Picture) -> None:
    """Only the lines: words on top of them would hide what they are about."""
    for limit in panel.limits:
        axes.axhline(limit.value, color=INK, linestyle=_LIMIT, linewidth=1.6, zorder=2.5)
    for mark in panel.marks:
        at = (mark.at - picture.start).total_seconds()
        axes.axvline(at, color=INK, linestyle=_MARK, linewidth=1.8, zorder=2.5)


def _period(start: datetime, end: datetime) -> str:
    same = f"{start:%Y-%m-%d}" == f"{end:%Y-%m-%d}"
    until = f"{end:{'%H:%M' if same else '%Y-%m-%d %H:%M'}}"
    return _("{since} to {until} UTC", since=f"{start:%Y-%m-%d %H:%M}", until=until)


def _packed(canvas: FigureCanvasAgg, words: str) -> bytes:
    """The pixels as a PNG of few colours, which is a third as large; of fewer where it would be too large."""
    # matplotlib gives no types for these two.
    canvas.draw()  # type: ignore[no-untyped-call]
    seen = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    pixels = Image.frombuffer("RGBA", canvas.get_width_height(), seen, "raw", "RGBA", 0, 1)
    plain = pixels.convert("RGB")
    told = PngImagePlugin.PngInfo()
    # https://www.w3.org/TR/png-3/#11keywords
    told.add_itxt("Description", words.encode("utf-8", "replace").decode("utf-8"))
    packed = b""
    for colours, effort in _COLOURS:
        out = io.BytesIO()
        few = plain.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(out, format="PNG", compress_level=effort, pnginfo=told)
        packed = out.getvalue()
        if len(packed) <= LARGEST:
            break
    return packed
