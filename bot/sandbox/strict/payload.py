"""Would Slack take this message, this modal, this Home tab?"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.sandbox.elements import interactive
from bot.sandbox.strict.blocks import BLOCKS, MARKDOWN_LETTERS, SURFACES
from bot.sandbox.strict.charts import PER_MESSAGE
from bot.sandbox.strict.shape import Check, Problem, anything, boolean, by_type, items, one_of, shape, string
from bot.sandbox.strict.tables import DATA_TABLE_LETTERS, TABLE_LETTERS, cell_letters
from bot.sandbox.strict.texts import plain

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ATTACHMENTS = 100
METADATA_BYTES = 8_000

# Is there such a file, and has Slack looked at it? An id or an address in, an answer out.
FileReady = Callable[[str], bool]


def message_problems(
    blocks: Any, *, refused: frozenset[str] = frozenset(), ready: FileReady | None = None, at: str = "/blocks"
) -> list[Problem]:
    """What is wrong with the blocks of a message.

    Args:
        blocks: The list as it came.
        refused: Types this workspace does not have yet (Slack rolls new blocks out in phases).
        ready: Whether a file can be shown.
        at: Where the blocks stand.
    """
    allowed = SURFACES["message"] - refused
    return list(_problems(blocks, allowed, MESSAGE_BLOCKS, at, ready, least=0))


def attachment_problems(
    attachments: Any, *, refused: frozenset[str] = frozenset(), ready: FileReady | None = None
) -> list[Problem]:
    """What is wrong with the attachments of a message."""
    if not isinstance(attachments, list):
        return [Problem("must be an array", "/attachments", "type")]
    found: list[Problem] = []
    if len(attachments) > ATTACHMENTS:
        found.append(Problem(f"no more than {ATTACHMENTS} items allowed", "/attachments", "max_items"))
    for number, each in enumerate(attachments[:ATTACHMENTS]):
        at = f"/attachments/{number}"
        if not isinstance(each, dict):
            found.append(Problem("must be an object", at, "type"))
        elif each.get("blocks") is not None:
            found += message_problems(each["blocks"], refused=refused, ready=ready, at=f"{at}/blocks")
    return found


def view_problems(
    view: Any, *, refused: frozenset[str] = frozenset(), ready: FileReady | None = None, home: bool | None = None
) -> list[Problem]:
    """What is wrong with a view; `home` says which kind is wanted, None takes both."""
    if not isinstance(view, dict):
        return [Problem("must be an object", "/view", "type")]
    kind = view.get("type")
    wanted = {True: ("home",), False: ("modal",), None: ("modal", "home")}[home]
    if kind not in wanted:
        return [Problem("must be a valid enum value", "/view/type", "enum", {"expected": list(wanted), "got": kind})]
    found = list(_HOME(view, "/view") if kind == "home" else _MODAL(view, "/view"))
    if "blocks" in view:
        found += _problems(view["blocks"], SURFACES[kind] - refused, VIEW_BLOCKS, "/view/blocks", ready, least=0)
        if kind == "modal" and not found and not view.get("submit"):
            found += _needs_submit(view["blocks"])
    return found


def metadata_problem(metadata: Any) -> str:
    """Slack's error for message metadata, or nothing."""
    if not isinstance(metadata, dict) or not set(metadata) <= {"event_type", "event_payload", "entities"}:
        return "invalid_metadata_format"
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if len(json.dumps(metadata, separators=(",", ":")).encode()) > METADATA_BYTES:
        return "metadata_too_large"
    return ""


_VIEW: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_HOME = shape({"type": one_of("home"), "blocks": anything}, _VIEW)
_MODAL = shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": anything},
    {
        **_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)


def _needs_submit(blocks: Iterable[Any]) -> Iterator[Problem]:
    if any(block.get("type") == "input" for block in blocks):
        yield Problem("missing required field: submit", "/view", "required", {"field": "submit"})


def _problems(
    blocks: Any, allowed: frozenset[str], most: int, at: str, ready: FileReady | None, least: int
) -> Iterator[Problem]:
    found = list(items(by_type(BLOCKS, allowed), most, least)(blocks, at))
    yield from found
    if not found:
        yield from _inside_containers(blocks, allowed, at)
        yield from _all_together(blocks, at)
        yield from _unique(blocks, at)
        yield from _files(blocks, at, ready)


def _inside_containers(blocks: list[Any], allowed: frozenset[str], at: str) -> Iterator[Problem]:
    for number, block in enumerate(blocks):
        for inner, child in enumerate(block.get("child_blocks") or ()):
            if child["type"] not in allowed:
                where = f"{at}/{number}/child_blocks/{inner}/type"
                yield Problem(f"unsupported type: {child['type']}", where, "unsupported_type")


def _all_together(blocks: list[Any], at: str) -> Iterator[Problem]:
    def of(kind: str) -> list[Any]:
        return [block for block in blocks if block["type"] == kind]

    if len(of("data_visualization")) > PER_MESSAGE:
        yield Problem(f"no more than {PER_MESSAGE} data_visualization blocks allowed", at, "max_items")
    for kind, most in (("table", TABLE_LETTERS), ("data_table", DATA_TABLE_LETTERS)):
        if sum(map(cell_letters, of(kind))) > most:
            yield Problem(f"{kind} cells must have less than {most + 1} characters in all", at, "max_length")
    if sum(len(block["text"]) for block in of("markdown")) > MARKDOWN_LETTERS:
        yield Problem(f"markdown must have less than {MARKDOWN_LETTERS + 1} characters in all", at, "max_length")


def _unique(blocks: list[Any], at: str) -> Iterator[Problem]:
    seen: set[str | None] = set()
    for number, block in enumerate(blocks):
        name = block.get("block_id")
        if name is not None and name in seen:
            yield Problem(f"block_id {name} already exists", f"{at}/{number}/block_id", "unique")
        seen.add(name)
    actions: set[str | None] = set()
    for number, block in enumerate(blocks):
        for _, element in interactive([block]):
            action = element.get("action_id")
            if action is not None and action in actions:
                yield Problem(f"action_id {action} already exists", f"{at}/{number}", "unique")
            actions.add(action)


def _files(value: Any, at: str, ready: FileReady | None) -> Iterator[Problem]:
    if ready is None:
        return
    if isinstance(value, dict):
        file = value.get("slack_file")
        if isinstance(file, dict) and not ready(file.get("id") or file.get("url") or ""):
            yield Problem("invalid slack file", f"{at}/slack_file", "slack_file")
        for name, inside in value.items():
            yield from _files(inside, f"{at}/{name}", ready)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _files(each, f"{at}/{number}", ready)
