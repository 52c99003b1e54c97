"""Which address of the chat page gives what?"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox.model import Channel, Outcome
from bot.sandbox.page.doing import HEADERS, Act, doing, text
from bot.sandbox.page.frame import Shown, document, thread_pane
from bot.sandbox.page.live import Watch, events
from bot.sandbox.page.messages import Reader
from bot.sandbox.page.reading import Reading
from bot.sandbox.page.shapes import Json
from bot.sandbox.workspace import Workspace

_ASSETS = Path(__file__).parent / "assets"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

# The cookie that says who looks.
_LOOKS = "looks-as"
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})


class Page:
    """The chat page of one workspace, as each of its people sees it."""

    def __init__(self, workspace: Workspace, banner: str | None, opens: str, *, beside: bool) -> None:
        self.workspace = workspace
        self.banner = banner
        self.reader = Reader(workspace, beside=beside)
        self.reading = Reading(workspace.now())
        self._opens = opens

    def first(self, reader: Reader) -> Channel:
        """The conversation shown when none is named."""
        return _mine(reader, self._opens) or next(
            each for each in self.workspace.channels() if reader.user in each.members
        )

    def draw(self, reader: Reader, shown: Shown) -> Response:
        """The whole page; what it shows counts as read."""
        messages = self.workspace.messages(shown.channel.id, seen_by=reader.user)
        if messages and not shown.is_home:
            self.reading.seen(reader.user, shown.channel.id, messages[-1].ts)
        return _html(document(reader, shown, self.reading.unread(reader), self.banner))

    # -- what is looked at

    def change(self, request: Request) -> Response:
        """`/as/<user>`: the pages opened from now on in this browser are this person's."""
        user = self.reader.as_seen_by(request.path_params["user"]).user
        answer = RedirectResponse("/", status_code=303, headers=HEADERS)
        answer.set_cookie(_LOOKS, user, httponly=True, samesite="strict")
        return answer

    def start(self, request: Request) -> Response:
        """`/`."""
        reader = self._looking(request)
        return self.draw(reader, Shown(self.first(reader)))

    def conversation(self, request: Request) -> Response:
        """`/c/<channel>`, with `?thread=<ts>` a thread beside it."""
        reader = self._looking(request)
        channel = _mine(reader, request.path_params["channel"])
        if channel is None:
            return _html("There is no such conversation here.", 404)
        thread = self._thread(reader, channel, request.query_params.get("thread", ""))
        return self.draw(reader, Shown(channel, thread=thread))

    def home(self, request: Request) -> Response:
        """`/home`: the app's Home tab; the app is told that it was opened."""
        reader = self._looking(request)
        self.workspace.open_home(reader.user)
        return self.draw(reader, Shown(self.workspace.direct(reader.user), is_home=True))

    def thread(self, request: Request) -> Response:
        """A thread alone, for the script to lay beside the conversation."""
        reader = self.reader.as_seen_by(request.query_params.get("user", ""))
        channel = _mine(reader, request.path_params["channel"])
        root = self._thread(reader, channel, request.path_params["ts"]) if channel else ""
        return _html(thread_pane(reader, channel, root)) if channel and root else _html("", 404)

    def file(self, request: Request) -> Response:
        """An uploaded file: a picture is shown, anything else only saved."""
        file = self.workspace.file(request.path_params["file"])
        if file is None:
            return _html("There is no such file.", 404)
        headers = HEADERS | {"Content-Security-Policy": "default-src 'none'; sandbox"}
        if file.mimetype not in _PICTURES:
            headers["Content-Disposition"] = "attachment"
            return Response(file.content, media_type="application/octet-stream", headers=headers)
        return Response(file.content, media_type=file.mimetype, headers=headers)

    async def live(self, request: Request) -> Response:
        """What changes, as it changes."""
        asked = request.query_params
        reader = self.reader.as_seen_by(asked.get("user", ""))
        channel = _mine(reader, asked.get("channel", ""))
        if channel is None:
            return Response(status_code=204, headers=HEADERS)
        shown = Shown(channel, thread=asked.get("thread", ""), is_home=asked.get("home") == "1")
        watch = Watch(reader, self.reading, shown)
        return StreamingResponse(events(watch), media_type="text/event-stream", headers=HEADERS)

    def _looking(self, request: Request) -> Reader:
        return self.reader.as_seen_by(request.cookies.get(_LOOKS, ""))

    def _thread(self, reader: Reader, channel: Channel, ts: str) -> str:
        root = self.workspace.message(channel.id, ts)
        return ts if root and root.ephemeral_to in {"", reader.user} else ""

    # -- what is done

    def _who(self, asked: Json) -> str:
        """Whose page says so."""
        return self.reader.as_seen_by(text(asked, "user")).user

    def say(self, asked: Json) -> Outcome:
        """Send what was typed."""
        return self.workspace.say(
            self._who(asked), text(asked, "channel"), text(asked, "text"), thread_ts=text(asked, "thread")
        )

    def press(self, asked: Json) -> Outcome:
        """Press a button, or choose something."""
        return self.workspace.press(
            self._who(asked),
            text(asked, "channel"),
            text(asked, "ts"),
            action_id=text(asked, "action_id"),
            block_id=text(asked, "block_id"),
            view_id=text(asked, "view_id"),
            selected=asked.get("selected"),
        )

    def submit(self, asked: Json) -> Outcome:
        """Submit a modal."""
        inputs = asked.get("inputs")
        return self.workspace.submit_view(
            self._who(asked), text(asked, "view_id"), inputs if isinstance(inputs, dict) else {}
        )

    def close(self, asked: Json) -> Outcome:
        """Close the modal on top, or all of them."""
        everything = asked.get("all") is True
        return self.workspace.close_view(self._who(asked), text(asked, "view_id"), all_of_them=everything)

    def dismiss(self, asked: Json) -> Outcome:
        """Put away a message only this person sees."""
        message = self.workspace.message(text(asked, "channel"), text(asked, "ts"))
        if message is None or message.ephemeral_to != self._who(asked):
            return Outcome("message_not_found")
        self.workspace.delete(message.channel, message.ts)
        return Outcome()

    def shortcut(self, asked: Json) -> Outcome:
        """Choose a shortcut of the app, perhaps of a message."""
        return self.workspace.run_shortcut(
            self._who(asked), text(asked, "callback_id"), text(asked, "channel"), text(asked, "ts")
        )

    def suggest(self, asked: Json) -> Outcome:
        """Ask the app for the options of a select whose options it keeps to itself."""
        return self.workspace.suggest(
            self._who(asked),
            text(asked, "channel"),
            text(asked, "ts"),
            action_id=text(asked, "action_id"),
            typed=text(asked, "typed"),
            block_id=text(asked, "block_id"),
            view_id=text(asked, "view_id"),
        )


def _mine(reader: Reader, wanted: str) -> Channel | None:
    """The conversation with this id or name, if the person is in it."""
    found = reader.workspace.channel(wanted)
    return found if found and reader.user in found.members else None


def routes(
    workspace: Workspace, banner: str | None = None, *, opens: str = "ml-platform", beside: bool = False
) -> list[BaseRoute]:
    """The page's routes, to be put into a Starlette application at its root.

    Args:
        workspace: What is shown, and told of what the person does.
        banner: A sentence shown above the messages.
        opens: The channel shown at `/`, by name or id; the first one when there is none of that name.
        beside: Whether Teams is shown beside it, at `/teams`.
    """
    page = Page(workspace, banner, opens, beside=beside)
    looked_at = [
        Route("/", page.start),
        Route("/as/{user}", page.change),
        Route("/home", page.home),
        Route("/c/{channel}", page.conversation),
        Route("/page/live", page.live),
        Route("/page/thread/{channel}/{ts}", page.thread),
        Route("/page/files/{file}", page.file),
        Route("/page/assets/{name}", _asset),
    ]
    acts: dict[str, Act] = {
        "say": page.say, "press": page.press, "submit": page.submit, "close": page.close,
        "dismiss": page.dismiss, "suggest": page.suggest, "shortcut": page.shortcut,
    }  # fmt: skip
    done = [Route(f"/page/{name}", doing(act), methods=["POST"]) for name, act in acts.items()]
    return [*looked_at, *done]


def _asset(request: Request) -> Response:
    """A style sheet, a script or a picture of the page itself."""
    found = {each.name: each for each in _ASSETS.iterdir()}.get(request.path_params["name"])
    if found is None:
        return _html("There is no such file.", 404)
    return Response(found.read_bytes(), media_type=_TYPES[found.suffix], headers=HEADERS)


def _html(body: str, status: int = 200) -> Response:
    return HTMLResponse(body, status, HEADERS)
