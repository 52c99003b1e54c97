"""How is a page drawn as the app's Home tab, and an answer in a place where there is no message: in Home, or a modal?

https://docs.slack.dev/surfaces/app-home and https://docs.slack.dev/surfaces/modals
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.language import _
from bot.core.spoken import HOME
from bot.messages.model import Button, Message, Verb
from bot.messages.page import Entry, Page, Section
from bot.slack import limits
from bot.slack.blocks import drawn_blocks, drawn_buttons, fitting
from bot.slack.text import Json, literal, one_line, plain_text

ANSWER = "answer"
_TABLES = 1
# The names of actions differ by the row they stand in; what was done stands above all rows.
_FIRST = 0


def home_view(page: Page, *, said: Message | None = None, native: bool = True, channel: str = "") -> Json:
    """The Home tab.

    Args:
        page: What stands there.
        said: What came of what the reader has just done, above everything.
        native: Whether to use Slack's table.
        channel: The direct message with the reader, which a press there does not name.
    """
    parts = [[*_message_blocks(said, native=False), *_row(said.buttons, _FIRST), _DIVIDER]] if said else []
    tables = _TABLES if native else 0
    row = _FIRST
    for number, section in enumerate(page.sections):
        head = _head(section, divided=number > 0)
        for entry in section.entries:
            row += 1
            body = _entry(entry, row, tables)
            tables -= any(block["type"] == "table" for block in body)
            parts.append([*head, *body])
            head = []
    return _home(parts, channel)


def home_answer(message: Message, *, native: bool = True, channel: str = "") -> Json:
    """An answer in the place of the Home tab, with the way back."""
    back = Button(_("Back"), Verb.SAY, HOME)
    buttons = [*_row((back, *_private(message)), _FIRST)]
    return _home([buttons, *([block] for block in _message_blocks(message, native=native))], channel)


def modal_answer(message: Message, *, channel: str = "") -> Json:
    """An answer in a modal."""
    # What fits into the title of the modal needs no heading below it.
    body = replace(message, title="") if len(one_line(message.title)) <= limits.VIEW_TITLE else message
    blocks = [*_message_blocks(body, native=False), *_row(_private(message), _FIRST)]
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "title": _plain(message.title or "Pool Stats", limits.VIEW_TITLE),
        "close": _plain(_("Close"), limits.VIEW_TITLE),
        "private_metadata": _carried(channel),
        "blocks": blocks,
    }


def channel_of(view: Mapping[str, Any]) -> str:
    """The direct message that a view of ours was drawn for; empty when it does not say."""
    try:
        carried = json.loads(view.get("private_metadata") or "{}")
    except (ValueError, TypeError, RecursionError):
        return ""
    channel = carried.get("channel") if isinstance(carried, dict) else None
    return channel if isinstance(channel, str) else ""


def _home(parts: list[list[Json]], channel: str) -> Json:
    blocks = fitting([part for part in parts if part], limits.BLOCKS_IN_A_VIEW)
    return {"type": "home", "private_metadata": _carried(channel), "blocks": blocks}


def _head(section: Section, *, divided: bool) -> list[Json]:
    title = one_line(section.title)
    header = [{"type": "header", "text": plain_text(title, limits.HEADER)}] if title else []
    return [*([_DIVIDER] if divided else []), *header]


def _entry(entry: Entry, row: int, tables: int) -> list[Json]:
    return [*drawn_blocks(entry.blocks, most=limits.BLOCKS_IN_A_VIEW, tables=tables), *_row(entry.buttons, row)]


def _message_blocks(message: Message, *, native: bool) -> list[Json]:
    title = one_line(message.title)
    header = [{"type": "header", "text": plain_text(title, limits.HEADER)}] if title else []
    # Of these there are at most two rows of buttons, a header and a divider beside them.
    most = limits.BLOCKS_IN_A_VIEW - 6
    return [*header, *drawn_blocks(message.blocks, most=most, tables=_TABLES if native else 0)]


def _row(buttons: tuple[Button, ...], row: int) -> list[Json]:
    return drawn_buttons(buttons, row=row)


def _private(message: Message) -> tuple[Button, ...]:
    """Its buttons without the one that shows it to a channel: here there is none."""
    return tuple(button for button in message.buttons if button.verb is not Verb.SHARE)


def unshared(message: Message) -> Message:
    """The message for a place where there is nobody to share it with."""
    return replace(message, buttons=_private(message))


def _carried(channel: str) -> str:
    return json.dumps({"channel": channel}, separators=(",", ":"))


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": literal(one_line(text), limit) or "–", "emoji": False}


_DIVIDER: Json = {"type": "divider"}
