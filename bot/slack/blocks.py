"""How does a message look in Slack?

`payload` is total and pure: any `Message` gives a text, blocks and attachments within Slack's limits
(`bot/slack/limits.py`), with everything from outside shown as text.
"""

import json
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, assert_never

from bot.core.language import _
from bot.messages.model import Block, Button, Chart, Facts, Footnote, Look, Message, Paragraph, Span, Table, Tone, Verb
from bot.slack import limits
from bot.slack.charts import native_chart, plain_chart
from bot.slack.tables import native_table, plain_table, small
from bot.slack.text import Json, escaped, literal, mrkdwn, one_line, plain_text, rich_elements, unmarked

NATIVE_BLOCKS = frozenset({"table", "data_visualization"})

# Slack's own green, yellow and red. The bar repeats what the mark and the title say; it never says it alone.
_COLOURS = {Tone.GOOD: "#2EB67D", Tone.WARNING: "#ECB22E", Tone.CRITICAL: "#E01E5A"}
_MARKS = {Tone.NEUTRAL: "", Tone.GOOD: "✅ ", Tone.WARNING: "⚠️ ", Tone.CRITICAL: "🚨 "}
_LABEL = 200


def payload(message: Message, *, native: bool = True) -> dict[str, Any]:
    """The `text`, `blocks` and `attachments` of a message.

    Args:
        message: What to draw.
        native: Whether to use Slack's table and chart blocks; without them the same figures are drawn in letters.

    `attachments` is always there, because an update without it would keep what stood there before.
    """
    head = _head(message)
    buttons = _buttons(message.buttons)
    tables, charts = (limits.TABLES_IN_A_MESSAGE, limits.CHARTS_IN_A_MESSAGE) if native else (0, 0)
    body = fitting(
        _body(message.blocks, tables=tables, charts=charts), limits.BLOCKS_IN_A_MESSAGE - len(head) - len(buttons)
    )
    return _laid_out(message, head, [*body, *buttons])


def brief(message: Message) -> dict[str, Any]:
    """The same in a title and a sentence, for when Slack finds the whole too long."""
    return _laid_out(message, _head(message), [*_paragraph((message.summary,)), *_buttons(message.buttons)])


def bare(message: Message) -> dict[str, Any]:
    """Its text alone, for when Slack takes no block. An update must name the blocks that it takes away."""
    return {"text": _text(message)}


def is_native(drawn: dict[str, Any]) -> bool:
    """Whether a payload uses blocks that Slack may not offer everywhere yet."""
    blocks = [*drawn["blocks"], *(block for each in drawn["attachments"] for block in each["blocks"])]
    return any(block["type"] in NATIVE_BLOCKS for block in blocks)


def is_whole(drawn: dict[str, Any]) -> bool:
    """Whether nothing of the message had to be left out."""
    blocks = [*drawn["blocks"], *(block for each in drawn["attachments"] for block in each["blocks"])]
    return not any(_says_more(block) for block in blocks)


def _says_more(block: Json) -> bool:
    match block:
        case {"type": "context", "elements": [{"type": "plain_text", "text": str(text)}]}:
            return re.match(r"\+[\d,]+ ", text) is not None
        case _:
            return False


def drawn_blocks(blocks: Iterable[Block], *, most: int, tables: int = 0) -> list[Json]:
    """The blocks for a place that is no message, such as a modal: in letters but for the first tables, if any fit."""
    return fitting(_body(blocks, tables=tables, charts=0), most)


def drawn_buttons(buttons: Sequence[Button], *, row: int) -> list[Json]:
    """The buttons for a place that has more rows of them than one: `row` makes the names of their actions differ."""
    drawn = _buttons(buttons)
    for each in drawn:
        for element in each["elements"]:
            element["action_id"] = f"{element['action_id']}:{row}"
    return drawn


def read_value(value: str) -> tuple[Verb, str] | None:
    """The verb and the subject in a pressed button's value; `None` when it is not one of ours."""
    try:
        match json.loads(value):
            case {"verb": str(verb), "subject": str(subject)}:
                return Verb(verb), subject
            case _:
                return None
    except ValueError:
        return None


def _laid_out(message: Message, head: list[Json], rest: list[Json]) -> dict[str, Any]:
    """The top-level blocks, and beside a bar of colour what follows the last chart.

    Charts stand at the top level only: no page of Slack's says that an attachment may hold one.
    """
    if not head and not rest:
        rest = _paragraph((message.summary,)) or _paragraph(("–",))
    text = _text(message)
    colour = _COLOURS.get(message.tone)
    if colour is None:
        return {"text": text, "blocks": [*head, *rest], "attachments": []}
    charts = [i for i, block in enumerate(rest) if block["type"] == "data_visualization"]
    start = charts[-1] + 1 if charts else 0
    beside = rest[start:]
    bar = [{"color": colour, "fallback": text, "blocks": beside}] if beside else []
    return {"text": text, "blocks": [*head, *rest[:start]], "attachments": bar}


def _text(message: Message) -> str:
    """What stands in notifications, and where no block is shown."""
    return escaped(message.summary, limits.TOP_LEVEL_TEXT) or escaped(message.title, limits.TOP_LEVEL_TEXT) or "–"


def _head(message: Message) -> list[Json]:
    title = one_line(message.title)
    if not title:
        return []
    return [{"type": "header", "text": plain_text(_MARKS[message.tone] + title, limits.HEADER)}]


def _body(blocks: Iterable[Block], *, tables: int, charts: int) -> list[list[Json]]:
    """Each block drawn, natively as long as Slack takes more of the kind."""
    drawn: list[list[Json]] = []
    for block in blocks:
        part = _draw(block, native_tables=tables > 0, native_charts=charts > 0)
        tables -= any(each["type"] == "table" for each in part)
        charts -= any(each["type"] == "data_visualization" for each in part)
        drawn.append(part)
    return drawn


def _draw(block: Block, *, native_tables: bool, native_charts: bool) -> list[Json]:
    match block:
        case Paragraph(spans=spans):
            return _paragraph(spans)
        case Facts(pairs=pairs):
            return _facts(pairs)
        case Table():
            return native_table(block) if native_tables else plain_table(block)
        case Chart():
            return (native_chart(block) if native_charts else None) or plain_chart(block)
        case Footnote(spans=spans):
            return _footnote(spans)
        case _:
            assert_never(block)


def fitting(parts: Sequence[list[Json]], room: int) -> list[Json]:
    """As many whole parts as fit, and how many did not."""
    kept: list[Json] = []
    letters = limits.TEXT_IN_ALL_BLOCKS
    for number, part in enumerate(parts):
        letters -= sum(_letters(block) for block in part)
        is_last = number == len(parts) - 1
        if letters < 0 or len(kept) + len(part) > room - (0 if is_last else 1):
            return [*kept, small(_("+{number} more, too long to show here", number=len(parts) - number))]
        kept += part
    return kept


def _letters(part: Any) -> int:
    """How much text is in a block; a native table is counted by its own limit."""
    match part:
        case {"type": "table"}:
            return 0
        case str(text):
            return len(text)
        case dict():
            return sum(_letters(value) for key, value in part.items() if key != "type")
        case list():
            return sum(_letters(value) for value in part)
        case _:
            return 0


def _paragraph(spans: Iterable[Span]) -> list[Json]:
    elements = rich_elements(spans, limits.TEXT_OBJECT)
    if not any(element["type"] != "text" or element["text"].strip() for element in elements):
        return []
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def _facts(pairs: Sequence[tuple[str, tuple[Span, ...]]]) -> list[Json]:
    fields = [field for label, spans in pairs if (field := _field(label, spans))]
    rest = iter(fields)
    sections: list[Json] = []
    while group := list(islice(rest, limits.FIELDS_IN_A_SECTION)):
        sections.append({"type": "section", "fields": [_mrkdwn_object(text) for text in group]})
    return sections


def _field(label: str, spans: tuple[Span, ...]) -> str:
    name = escaped(unmarked(one_line(label)), _LABEL)
    value = mrkdwn(spans, limits.FIELD - len(name) - 3)
    return "\n".join(part for part in (f"*{name}*" if name else "", value) if part)


def _footnote(spans: tuple[Span, ...]) -> list[Json]:
    text = mrkdwn(spans, limits.FIELD)
    return [{"type": "context", "elements": [_mrkdwn_object(text)]}] if text else []


def _mrkdwn_object(text: str) -> Json:
    # Verbatim: no address, channel or name in it becomes a link.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _buttons(buttons: Sequence[Button]) -> list[Json]:
    elements = [
        element
        for number, button in enumerate(buttons)
        if button.look is not Look.TUCKED and (element := _button(button, number))
    ]
    elements += _overflow([button for button in buttons if button.look is Look.TUCKED])
    rows = [elements[i : i + limits.BUTTONS_IN_A_BLOCK] for i in range(0, len(elements), limits.BUTTONS_IN_A_BLOCK)]
    # Two rows are more than anybody reads; the body needs the other blocks.
    return [{"type": "actions", "elements": row} for row in rows[:2]]


def _button(button: Button, number: int) -> Json | None:
    """The button, or none when what it asks for is too long to be carried: it would ask for something else."""
    value = _carried(button)
    if len(value) > limits.BUTTON_VALUE:
        return None
    label = _label(button)
    element: Json = {
        "type": "button",
        "action_id": f"{button.verb.value}:{number}",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": value,
    }
    match button.look:
        case Look.PLAIN | Look.TUCKED:
            return element
        case Look.PRIMARY:
            return element | {"style": "primary"}
        case Look.DANGER:
            return element | {"style": "danger"}
        case look:
            assert_never(look)


def _overflow(buttons: Sequence[Button]) -> list[Json]:
    """The menu behind three dots; a choice that cannot be carried is left out, as a button is."""
    options = [
        {"text": {"type": "plain_text", "text": _label(button), "emoji": False}, "value": value}
        for button in buttons
        if len(value := _carried(button)) <= limits.OVERFLOW_VALUE
    ]
    shown = options[: limits.OPTIONS_IN_AN_OVERFLOW]
    return [{"type": "overflow", "action_id": "more", "options": shown}] if shown else []


def _label(button: Button) -> str:
    return literal(one_line(button.label), limits.BUTTON_LABEL) or button.verb.value


def _carried(button: Button) -> str:
    """What a press brings back."""
    value = json.dumps({"verb": button.verb.value, "subject": button.subject}, separators=(",", ":"))
    # Slack sends texts back with these three escaped; as \\u sequences they come back as they went.
    for character in "&<>":
        value = value.replace(character, f"\\u{ord(character):04x}")
    return value
