"""What may a data_visualization hold?

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.strict.shape import Problem, anything, by_type, items, number, shape, string

PER_MESSAGE = 2
_LABEL = string(20)


def _positive(value: Any, at: str) -> Iterator[Problem]:
    problems = list(number(value, at))
    yield from problems
    if not problems and value <= 0:
        yield Problem("must be greater than 0", at, "minimum")


def _series_fit(value: Any, at: str) -> Iterator[Problem]:
    categories = value["axis_config"]["categories"]
    names: set[str] = set()
    if len(set(categories)) != len(categories):
        yield Problem("categories must be unique", f"{at}/axis_config/categories", "unique")
    for index, series in enumerate(value["series"]):
        here = f"{at}/series/{index}"
        if series["name"] in names:
            yield Problem("series names must be unique", f"{here}/name", "unique")
        names.add(series["name"])
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            yield Problem("data must have exactly one point per category", f"{here}/data", "categories")


_AXIS = shape({"categories": items(_LABEL, 20)}, {"x_label": string(50), "y_label": string(50)})
_POINT = shape({"label": _LABEL, "value": number})
_SERIES = shape({"name": _LABEL, "data": items(_POINT, 20)})
_XY = shape({"type": anything, "series": items(_SERIES, 12), "axis_config": _AXIS}, {}, _series_fit)
_PIE = shape({"type": anything, "segments": items(shape({"label": _LABEL, "value": _positive}), 12)})

DATA_VISUALIZATION = shape(
    {"type": anything, "title": string(50), "chart": by_type({"pie": _PIE, "bar": _XY, "area": _XY, "line": _XY})},
    {"block_id": string(255)},
)
