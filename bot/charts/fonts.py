"""Which letters can be drawn, and in which font?

DejaVu Sans comes with matplotlib and draws all it has, so that a picture looks the same everywhere. What it lacks, such
as Chinese, is drawn by a font of this machine where there is one, and else as an empty box. Our own words are never
boxes: where the letters of a language are missing they are in English (letters.py).
"""

from collections.abc import Sequence
from functools import cache

from matplotlib.font_manager import FontProperties, fontManager, get_font

BOX = "□"
_OURS = "DejaVu Sans"
# Fonts of Chinese, Japanese and Korean, as the systems call them that people use.
_OTHERS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Arial Unicode MS",
)


def drawable(text: str) -> str:
    """`text` with a box for everything that no font here can draw, in one line."""
    return "".join(each if _families_of(each) else BOX for each in " ".join(text.split()))


def font(text: str, pixels: float, *, bold: bool = False) -> FontProperties:
    """What `drawable(text)` is drawn with."""
    families = list(dict.fromkeys([_OURS, *(family for each in text for family in _families_of(each))]))
    # A figure has 100 dots an inch, and a point is a 72nd of an inch.
    return FontProperties(family=families, size=pixels * 0.72, weight="bold" if bold else "normal")


@cache
def _installed() -> Sequence[str]:
    known = {each.name for each in fontManager.ttflist}
    return [name for name in (_OURS, *_OTHERS) if name in known]


def _families_of(letter: str) -> tuple[str, ...]:
    """The font for one letter, or none."""
    if letter.isascii():
        return (_OURS,) if letter.isprintable() else ()
    return _first_with(letter)


@cache
def _first_with(letter: str) -> tuple[str, ...]:
    if not letter.isprintable():
        return ()
    for family in _installed():
        if get_font(fontManager.findfont(FontProperties(family=[family]))).get_char_index(ord(letter)):
            return (family,)
    return ()
