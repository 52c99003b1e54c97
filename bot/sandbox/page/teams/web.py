"""Which address of the page of Teams gives what?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox.model import Outcome as Shown
from bot.sandbox.page.doing import HEADERS, Act, doing, text
from bot.sandbox.page.shapes import Json
from bot.sandbox.page.tags import tag
from bot.sandbox.page.teams import frame
from bot.sandbox.page.teams.clients import Client
from bot.sandbox.page.teams.live import Told, events, everything
from bot.sandbox.page.teams.messages import Reader
from bot.sandbox.page.teams.reading import Reading
from bot.sandbox.teams.happening import Happening
from bot.sandbox.teams.model import Change, Outcome, Place
from bot.sandbox.teams.people import People

_ASSETS = Path(__file__).parent / "assets"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


class Page:
    """The page of one tenant, as one person sees it."""

    def __init__(self, people: People, happening: Happening, banner: str | None, opens: str) -> None:
        self.people = people
        self.happening = happening
        self.tenant = people.tenant
        self.banner = banner
        self.reader = Reader(self.tenant)
        self._reading = Reading(self.tenant)
        self._opens = opens

    def mine(self, wanted: str) -> Place | None:
        """The conversation with this id or name, if the person is in it."""
        found = self.tenant.place(wanted)
        return found if found and self.reader.user in found.members else None

    # -- what is looked at

    def start(self, _request: Request) -> Response:
        """`/teams`."""
        place = self.mine(self._opens) or self.tenant.personal(self.reader.user)
        return self._document(frame.Shown(place))

    def conversation(self, request: Request) -> Response:
        """`/teams/c/<conversation>`, with `?thread=<id>` a thread beside it."""
        place = self.mine(request.path_params["place"])
        if place is None:
            return _html("There is no such conversation here.", 404)
        shown = frame.Shown(place, self._thread(place, request.query_params.get("thread", "")))
        return self._document(shown)

    def complaints(self, _request: Request) -> Response:
        """What the app sent that Teams would not show as it was meant."""
        found = self.tenant.complaints()
        rows = [tag("tr", tag("th", each.where, scope="row"), tag("td", each.what)) for each in reversed(found)]
        back = tag("p", tag("a", "Back to the messages", href="/teams"))
        table = tag("table", tag("tbody", *rows), class_="cells") if rows else tag("p", "Nothing so far.")
        sheets = [tag("link", rel="stylesheet", href=f"/page/assets/{name}.css") for name in ("page", "blocks")]
        head = tag("head", tag("meta", charset="utf-8"), tag("title", frame.PRODUCT), *sheets)
        inside = tag("main", tag("h1", "What Teams would not show"), back, table, class_="home")
        return _html("<!doctype html>\n" + tag("html", head, tag("body", inside, class_="alone"), lang="en"))

    async def live(self, request: Request) -> Response:
        """What changes, as it changes."""
        place = self.mine(request.query_params.get("place", ""))
        if place is None:
            return Response(status_code=204, headers=HEADERS)
        shown = frame.Shown(place, self._thread(place, request.query_params.get("thread", "")))
        stream = events(self.tenant, lambda: self._everything(shown))
        return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)

    def _document(self, shown: frame.Shown) -> Response:
        self._reading.seen(self.reader.user, shown.place.id)
        return _html(frame.document(self.reader, shown, self._unread, self.banner))

    def _everything(self, shown: frame.Shown) -> list[Told]:
        """What a page shows now; whoever has it open has seen it."""
        self._reading.seen(self.reader.user, shown.place.id)
        # A conversation can have been renamed, or the app taken from it.
        place = self.mine(shown.place.id) or shown.place
        return everything(self.reader, replace(shown, place=place), self._unread)

    def _unread(self, place: str) -> int:
        return self._reading.unread(self.reader.user, place)

    def _thread(self, place: Place, root: str) -> str:
        post = self.tenant.message(place.id, root)
        return root if post and post.targeted_to in {"", self.reader.user} and place.kind == "channel" else ""

    # -- what is done

    def say(self, asked: Json) -> Shown:
        """Send what was typed; one of the bot's commands after a slash is sent for this person alone."""
        place, words = text(asked, "place"), text(asked, "text").strip()
        found = self.tenant.place(place)
        is_command = words.startswith("/") and words[1:].split(" ")[0] in dict(self.tenant.commands)
        slash = is_command and found is not None and found.kind != "personal"
        words = words.removeprefix("/") if slash else words
        said = self.people.say(self.reader.user, place, words, root=text(asked, "thread"), slash=slash)
        return _shown(said)

    def press(self, asked: Json) -> Shown:
        """Press a button of a card."""
        number, inputs = asked.get("action"), asked.get("inputs")
        inputs = inputs if isinstance(inputs, dict) else {}
        action = number if isinstance(number, int) else -1
        return _shown(self.people.press(self.reader.user, text(asked, "place"), text(asked, "id"), action, inputs))

    def submit(self, asked: Json) -> Shown:
        """Press a button of the dialog."""
        number, inputs = asked.get("action"), asked.get("inputs")
        inputs = inputs if isinstance(inputs, dict) else {}
        action = number if isinstance(number, int) else -1
        return _shown(self.people.dialogs.submit(self.reader.user, action, inputs))

    def close(self, _asked: Json) -> Shown:
        """Close the dialog."""
        return _shown(self.people.dialogs.close(self.reader.user))

    def refresh(self, asked: Json) -> Shown:
        """A card that refreshes itself is looked at, or is asked to."""
        by_hand = asked.get("by_hand") is True
        return _shown(self.people.refresh(self.reader.user, text(asked, "place"), text(asked, "id"), by_hand=by_hand))

    def client(self, asked: Json) -> Shown:
        """Draw the cards as another client does."""
        if text(asked, "client") not in set(Client):
            return Shown(error="there is no such client")
        self.reader = replace(self.reader, client=Client(text(asked, "client")))
        self.tenant.tell(Change("place"))
        return Shown()

    def install(self, asked: Json) -> Shown:
        """Add the app to a conversation."""
        return _shown(self.happening.install(self.reader.user, text(asked, "place")))


def routes(people: People, happening: Happening, banner: str | None = None, *, opens: str = "") -> list[BaseRoute]:
    """The page's routes.

    Args:
        people: What somebody can do.
        happening: How the app is added.
        banner: A sentence shown above the messages.
        opens: The conversation shown at `/teams`; the chat with the bot where there is none of that name.
    """
    page = Page(people, happening, banner, opens)
    acts: dict[str, Act] = {
        "say": page.say, "press": page.press, "submit": page.submit, "close": page.close, "install": page.install,
        "refresh": page.refresh, "client": page.client,
    }  # fmt: skip
    return [
        Route("/teams", page.start),
        Route("/teams/c/{place}", page.conversation),
        Route("/teams/complaints", page.complaints),
        Route("/teams/live", page.live),
        Route("/teams/assets/{name}", _asset),
        *[Route(f"/teams/do/{name}", doing(act), methods=["POST"]) for name, act in acts.items()],
    ]


def _shown(outcome: Outcome) -> Shown:
    said = outcome.shown or (_TOLD.get(outcome.error, "") if outcome.error else "")
    return Shown(error=outcome.error, shown=said, ts=outcome.id, errors=outcome.errors)


# What the page says where Teams itself would say nothing.
_TOLD = {
    "unreachable": "The app does not answer. Is it running?",
    "timeout": "The app did not answer in time.",
    "no_verb": "Teams does not send an action without a verb.",
    "invalid": "",
}


def _asset(request: Request) -> Response:
    """The style sheet or the script of this page."""
    found = {each.name: each for each in _ASSETS.iterdir()}.get(request.path_params["name"])
    if found is None:
        return _html("There is no such file.", 404)
    return Response(found.read_bytes(), media_type=_TYPES[found.suffix], headers=HEADERS)


def _html(body: str, status: int = 200) -> Response:
    return HTMLResponse(body, status, HEADERS)
