"""How does the app look in a list of apps? Bars that rise out of a pool, the last of them an alert."""

import io
import math

from PIL import Image, ImageDraw

_GROUND, _BAR, _ALERT, _WATER = "#1d3557", "#f1faee", "#f4a261", "#a8dadc"
# Drawn so much larger and then made smaller, so that edges are smooth.
_FINER = 8
# In parts of the icon's width: how far apart bars stand, how wide they are, how high each is, and where the water is.
_LEFT, _STEP, _WIDTH = 0.25, 0.135, 0.095
_HEIGHTS = (0.16, 0.25, 0.21, 0.43)
_FOOT, _WATER_LINE, _WAVE, _STROKE = 0.66, 0.735, 0.022, 0.045


def colour_icon(size: int = 192) -> bytes:
    """The icon in colour on its ground, as PNG."""
    drawn = Image.new("RGB", (size * _FINER, size * _FINER), _GROUND)
    _draw(drawn, (*(_BAR,) * 3, _ALERT), _WATER, scale=1.2)
    return _png(drawn, size)


def outline_icon(size: int = 32) -> bytes:
    """The icon in white on nothing, as PNG. Every pixel is white; how much of it is seen differs."""
    mask = Image.new("L", (size * _FINER, size * _FINER), 0)
    _draw(mask, ("white",) * 4, "white", scale=1.55)
    seen = mask.resize((size, size), Image.Resampling.BOX)
    drawn = Image.new("RGBA", (size, size), "white")
    drawn.putalpha(seen)
    return _png(drawn, size)


def _draw(image: Image.Image, bars: tuple[str, ...], water: str, *, scale: float) -> None:
    """The same shapes on either; `scale` makes them fill more of a small icon."""
    pen, width = ImageDraw.Draw(image), image.width

    def at(x: float, y: float) -> tuple[float, float]:
        return ((x - 0.5) * scale + 0.5) * width, ((y - 0.49) * scale + 0.5) * width

    for number, (height, colour) in enumerate(zip(_HEIGHTS, bars, strict=True)):
        left = _LEFT + _STEP * number
        box = (*at(left, _FOOT - height), *at(left + _WIDTH, _FOOT))
        pen.rounded_rectangle(box, radius=0.02 * scale * width, fill=colour)
    steps = range(121)
    long = 3 * _STEP + _WIDTH
    wave = [at(_LEFT + long * step / 120, _WATER_LINE + _WAVE * math.sin(step / 120 * 5 * math.pi)) for step in steps]
    half = _STROKE * scale * width / 2
    for x, y in wave:
        pen.ellipse((x - half, y - half, x + half, y + half), fill=water)


def _png(image: Image.Image, size: int) -> bytes:
    drawn = image if image.width == size else image.resize((size, size), Image.Resampling.BOX)
    file = io.BytesIO()
    drawn.save(file, "PNG", optimize=True)
    return file.getvalue()
