"""What did the app ask, and how is it refused?"""

import json
from dataclasses import dataclass
from typing import Any

from bot.sandbox.model import BOT, Channel, Json
from bot.sandbox.strict.payload import attachment_problems, message_problems, metadata_problem
from bot.sandbox.strict.shape import Problem
from bot.sandbox.switches import Switches
from bot.sandbox.workspace import Workspace

TEXT_MOST = 40_000


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """The answer is `ok: false`.

    Args:
        error: Slack's code.
        problems: What is wrong with the blocks, if that is it.
        more: Further fields of the answer.
    """

    def __init__(self, error: str, problems: list[Problem] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.problems = problems or []
        self.more = more

    def as_json(self) -> Json:
        """The body of the answer."""
        out: Json = {"ok": False, "error": self.error, **self.more}
        if self.problems:
            out["errors"] = [str(each) for each in self.problems]
            out["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in self.problems]}
        return out


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of one call, and the workspace it is about."""

    workspace: Workspace
    switches: Switches
    args: Json
    token: str = ""

    def text(self, name: str, default: str = "") -> str:
        """An argument as text; numbers and flags come as they would in a form."""
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """An argument as a flag."""
        value = self.text(name).lower()
        return default if not value else value in {"1", "true"}

    def whole(self, name: str, default: int) -> int:
        """An argument as a whole number."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refused("invalid_arguments") from None

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        """An argument that must be there."""
        value = self.text(name)
        if not value:
            raise Refused(error)
        return value

    def structure(self, name: str, error: str) -> Any:
        """An argument that is JSON, or the text of it; None when it is not there."""
        value = self.args.get(name)
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise Refused(error) from None
        return value

    # -- channels

    def channel(self, name: str = "channel", *, by_name: bool = False) -> Channel:
        """The conversation an argument names, if the bot may know of it."""
        given = self.needed(name, "channel_not_found")
        found = self.workspace.channel(given)
        if found is None and by_name and given in {user.id for user in self.workspace.users()}:
            found = self.workspace.direct(given)
        is_hidden = found is not None and (found.is_private or found.is_im) and BOT not in found.members
        if found is None or is_hidden or (found.id != given and not by_name):
            raise Refused("channel_not_found")
        return found

    def open_channel(self) -> Channel:
        """The channel a message goes to: the bot is in it (or may post without), and it is not archived."""
        where = self.channel(by_name=True)
        if where.is_archived:
            raise Refused("is_archived")
        if BOT not in where.members and "chat:write.public" not in self.switches.scopes:
            raise Refused("not_in_channel")
        return where

    # -- messages

    def blocks(self) -> list[Json] | None:
        """The blocks, once they are right; None when none were given."""
        blocks = self.structure("blocks", "invalid_blocks_format")
        if blocks is None:
            return None
        if not isinstance(blocks, list):
            raise Refused("invalid_blocks_format")
        if problems := message_problems(blocks, refused=self.switches.refused_blocks, ready=self.file_ready):
            raise Refused("invalid_blocks", problems)
        return blocks

    def attachments(self) -> list[Json] | None:
        """The attachments, once they are right; None when none were given."""
        attachments = self.structure("attachments", "invalid_attachments")
        if attachments is None:
            return None
        refused = self.switches.refused_blocks
        if problems := attachment_problems(attachments, refused=refused, ready=self.file_ready):
            raise Refused("invalid_attachments", problems)
        return list(attachments)

    def metadata(self) -> Json | None:
        """The message metadata, once it is right; None when none was given."""
        metadata = self.structure("metadata", "invalid_metadata_format")
        if metadata is None:
            return None
        if metadata and (error := metadata_problem(metadata)):
            raise Refused(error)
        return dict(metadata)

    def content(self, *, most: int = TEXT_MOST) -> tuple[str | None, list[Json] | None, list[Json] | None]:
        """Text, blocks and attachments of a message; at least one of them is there."""
        text = self.args.get("text")
        text = None if text is None else self.text("text")
        if "markdown_text" in self.args:
            if text is not None or self.args.get("blocks") is not None:
                raise Refused("markdown_text_conflict")
            text = self.text("markdown_text")
        if text is not None and len(text) > most:
            raise Refused("msg_too_long")
        blocks, attachments = self.blocks(), self.attachments()
        if not text and not blocks and not attachments:
            raise Refused("no_text")
        return text, blocks, attachments

    def file_ready(self, id_or_url: str) -> bool:
        """Whether an image block may show this file."""
        for part in id_or_url.split("/"):
            file = self.workspace.file(part.rpartition("-")[2])
            if file is not None:
                shown = file.mimetype in {"image/png", "image/jpeg", "image/gif"}
                return shown and self.workspace.now() >= file.ready_at
        return False
