"""Which elements and actions does a card in Teams know, with which properties?

https://adaptivecards.io/explorer (1.5) and, for what only Teams has,
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_EVERYWHERE = "type id isVisible requires fallback"
_ELEMENT = f"{_EVERYWHERE} height separator spacing targetWidth lang grid.area isSortKey"
_INPUT = f"{_ELEMENT} label isRequired errorMessage labelPosition labelWidth inputStyle value valueChangedAction"
_TEXT = "text color fontType isSubtle size weight"
_CONTAINER = f"{_ELEMENT} selectAction style bleed backgroundImage minHeight rtl verticalContentAlignment layouts"
_CONTAINER += " roundedCorners showBorder horizontalAlignment maxHeight"
_ACTION = f"{_EVERYWHERE} title iconUrl style mode tooltip isEnabled role isPrimary menuActions themedIconUrls"
_CHART = f"{_ELEMENT} title colorSet showTitle maxWidth showLegend horizontalAlignment"
_AXES = f"{_CHART} xAxisTitle yAxisTitle"

COLOURS = frozenset({"default", "dark", "light", "accent", "good", "warning", "attention"})
STYLES = frozenset({"default", "emphasis", "accent", "good", "attention", "warning"})
SIZES = frozenset({"default", "small", "medium", "large", "extralarge"})
WEIGHTS = frozenset({"default", "lighter", "bolder"})
SPACINGS = frozenset({"default", "none", "extrasmall", "small", "medium", "large", "extralarge", "padding"})
SIDES = frozenset({"left", "center", "right"})
_LOOKS: Mapping[str, frozenset[str]] = {
    "spacing": SPACINGS,
    "horizontalAlignment": SIDES,
    "height": frozenset({"auto", "stretch"}),
}
_TEXT_LOOKS: Mapping[str, frozenset[str]] = {
    "color": COLOURS,
    "size": SIZES,
    "weight": WEIGHTS,
    "fontType": frozenset({"default", "monospace"}),
}
_COLOUR_SETS = frozenset(
    {"categorical", "sequential", "sequentialred", "sequentialgreen", "sequentialyellow", "diverging"}
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of element: what it may have, what it must have, and which words a property takes."""

    known: frozenset[str]
    needed: tuple[str, ...] = ()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _kind(known: str, needed: str = "", **words: frozenset[str]) -> Kind:
    return Kind(frozenset(known.split()), tuple(needed.split()), {**_LOOKS, **words})


ELEMENTS: Mapping[str, Kind] = {
    "TextBlock": _kind(
        f"{_ELEMENT} {_TEXT} wrap maxLines horizontalAlignment style labelFor", "text", **_TEXT_LOOKS,
        style=frozenset({"default", "columnheader", "heading"}),
    ),
    "RichTextBlock": _kind(f"{_ELEMENT} inlines horizontalAlignment labelFor", "inlines"),
    "Image": _kind(
        f"{_ELEMENT} url altText backgroundColor horizontalAlignment selectAction size style width height msteams "
        "fitMode horizontalContentAlignment verticalContentAlignment allowExpand themedUrls", "url",
        style=frozenset({"default", "person", "roundedcorners"}), height=frozenset(),
        size=frozenset({"auto", "stretch", "small", "medium", "large"}),
    ),
    "ImageSet": _kind(f"{_ELEMENT} images imageSize style offset", "images"),
    "Media": _kind(f"{_ELEMENT} sources poster altText captionSources", "sources"),
    "Container": _kind(f"{_CONTAINER} items", "items", style=STYLES),
    "ColumnSet": _kind(f"{_CONTAINER} columns minWidth", style=STYLES),
    "Column": _kind(f"{_CONTAINER} items width", style=STYLES),
    "FactSet": _kind(f"{_ELEMENT} facts", "facts"),
    "ActionSet": _kind(f"{_ELEMENT} actions horizontalAlignment", "actions"),
    "Table": _kind(
        f"{_CONTAINER} columns rows firstRowAsHeader firstRowAsHeaders showGridLines gridStyle "
        "horizontalCellContentAlignment verticalCellContentAlignment minWidth",
        gridStyle=STYLES, style=STYLES, horizontalCellContentAlignment=SIDES,
        verticalCellContentAlignment=frozenset({"top", "center", "bottom"}),
    ),
    "TableRow": _kind(
        f"{_CONTAINER} cells horizontalCellContentAlignment verticalCellContentAlignment", "cells", style=STYLES
    ),
    "TableCell": _kind(f"{_CONTAINER} items", "items", style=STYLES),
    "Input.Text": _kind(
        f"{_INPUT} isMultiline maxLength placeholder regex style inlineAction", "id",
        style=frozenset({"text", "tel", "url", "email", "password"}),
    ),
    "Input.Number": _kind(f"{_INPUT} min max placeholder", "id"),
    "Input.Date": _kind(f"{_INPUT} min max placeholder", "id"),
    "Input.Time": _kind(f"{_INPUT} min max placeholder", "id"),
    "Input.Toggle": _kind(f"{_INPUT} title valueOn valueOff wrap showTitle", "id title"),
    "Input.ChoiceSet": _kind(
        f"{_INPUT} choices choices.data isMultiSelect style placeholder wrap useMultipleColumns minColumnWidth", "id",
        style=frozenset({"compact", "expanded", "filtered"}),
    ),
    "Chart.Line": _kind(f"{_AXES} data color yMin yMax", "data", colorSet=_COLOUR_SETS),
    "Chart.VerticalBar": _kind(f"{_AXES} data color showBarValues yMin yMax", "data", colorSet=_COLOUR_SETS),
    "Chart.VerticalBar.Grouped": _kind(
        f"{_AXES} data color stacked showBarValues yMin yMax", "data", colorSet=_COLOUR_SETS
    ),
    "Chart.HorizontalBar": _kind(f"{_AXES} data color displayMode", "data", colorSet=_COLOUR_SETS),
    "Chart.HorizontalBar.Stacked": _kind(f"{_AXES} data color displayMode", "data", colorSet=_COLOUR_SETS),
    "Chart.Donut": _kind(f"{_CHART} data value valueColor thickness showOutlines", "data", colorSet=_COLOUR_SETS),
    "Chart.Pie": _kind(f"{_CHART} data value valueColor showOutlines", "data", colorSet=_COLOUR_SETS),
    "Chart.Gauge": _kind(
        f"{_CHART} value min max segments subLabel showMinMax valueFormat showNeedle showOutlines", "value"
    ),
    # Teams draws these too, but no other host does: a fallback is wanted.
    "Badge": _kind(f"{_ELEMENT} text icon size style appearance shape tooltip iconPosition horizontalAlignment"),
    "CodeBlock": _kind(f"{_ELEMENT} codeSnippet language startLineNumber"),
    "Icon": _kind(f"{_ELEMENT} name size color style horizontalAlignment selectAction", "name"),
    "ProgressBar": _kind(f"{_ELEMENT} value max color horizontalAlignment"),
    "ProgressRing": _kind(f"{_ELEMENT} label labelPosition size horizontalAlignment"),
    "CompoundButton": _kind(f"{_ELEMENT} title icon badge description selectAction horizontalAlignment", "title"),
    "Carousel": _kind(f"{_ELEMENT} pages pageAnimation minHeight heightInPixels initialPage loop orientation timer"),
    "Rating": _kind(f"{_ELEMENT} value max count size color style horizontalAlignment"),
}  # fmt: skip

# Elements that only some hosts draw.
EXTENSIONS = frozenset(name for name in ELEMENTS if name.startswith("Chart.")) | {
    "Badge", "CodeBlock", "Icon", "ProgressBar", "ProgressRing", "CompoundButton", "Carousel", "Rating",
}  # fmt: skip

INLINES: Mapping[str, Kind] = {
    "TextRun": Kind(
        frozenset(f"type {_TEXT} highlight italic strikethrough underline selectAction lang".split()),
        ("text",),
        _TEXT_LOOKS,
    ),
    "IconRun": Kind(frozenset({"type", "name", "size", "color", "style", "selectAction"}), ("name",)),
    "ImageRun": Kind(frozenset({"type", "url", "altText", "size", "style", "selectAction"}), ("url",)),
}
_STYLED = frozenset({"default", "positive", "destructive"})
_MODES = frozenset({"primary", "secondary"})


def _action(known: str = "", needed: str = "") -> Kind:
    return _kind(f"{_ACTION} {known}", needed, style=_STYLED, mode=_MODES)


ACTIONS: Mapping[str, Kind] = {
    "Action.Execute": _action("verb data associatedInputs conditionallyEnabled", "verb"),
    "Action.Submit": _action("data associatedInputs conditionallyEnabled msteams"),
    "Action.OpenUrl": _action("url", "url"),
    "Action.ShowCard": _action("card", "card"),
    "Action.ToggleVisibility": _action("targetElements", "targetElements"),
    "Action.OpenUrlDialog": _action("dialogTitle dialogHeight dialogWidth url", "url"),
}

ROOT = _kind(
    "$schema type version body actions fallbackText msteams refresh authentication backgroundImage lang minHeight rtl "
    "selectAction speak style verticalContentAlignment metadata layouts requires resources"
).known
