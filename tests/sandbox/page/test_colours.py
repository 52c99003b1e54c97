"""Can what is written on the page be read? WCAG's contrast of every pair of colours that meet, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.sandbox import page

_SHEET = (Path(page.__file__).parent / "assets" / "page.css").read_text("utf-8")
_THEMES = dict(zip(("light", "dark"), re.findall(r":root \{(.*?)\}", _SHEET, re.DOTALL), strict=True))
_PAIRS = [
    ("ink", "ground"), ("ink", "hover"), ("ink", "sunken"), ("ink", "accent-soft"), ("ink", "changed"),
    ("ink", "fresh"),
    ("ink-soft", "ground"), ("ink-soft", "hover"), ("ink-soft", "raised"), ("link", "ground"), ("link", "accent-soft"),
    ("accent-ink", "accent"), ("danger", "raised"), ("danger", "danger-soft"), ("code", "sunken"),
    ("mention-ink", "mention"), ("side-ink", "side"), ("side-strong", "side"), ("side-here-ink", "side-here"),
    ("warn", "warn-soft"), ("good", "good-soft"),
]  # fmt: skip


def _colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", _THEMES[theme]))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize(("ink", "ground"), _PAIRS)
def test_text_stands_out_from_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = _colours(theme)
    darker, lighter = sorted((_luminance(colours[ink]), _luminance(colours[ground])))

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
