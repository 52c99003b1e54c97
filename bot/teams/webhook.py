"""How does a message reach a channel of Teams through a webhook of Workflows, where there is no bot?

It goes one way: nothing that was posted can be changed, answered or pressed. So every message is posted once, what
happens to it afterwards comes as short messages of their own, and there are links in the place of buttons. The address
is a secret: whoever knows it can post.
https://learn.microsoft.com/en-us/connectors/teams/
"""

# The Protocol hands over what only platforms need that have places, threads and a history.
# ruff: noqa: ARG002

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import requests

from bot.core.because import Because
from bot.messages.model import Block, Facts, Footnote, Link, Message, Paragraph, Span
from bot.messages.sending import Act, DeliveryError, Health, Label, Needs, Posted, Unclear
from bot.teams.asking import TeamsLimited, TeamsRefused, TeamsUnclear, TeamsUnreachable, ask
from bot.teams.cards import card, is_whole
from bot.teams.codes import PEOPLE_TAKE
from bot.teams.forms import CARD
from bot.teams.pace import Pace, TooFast, Window
from bot.teams.plain import clean, safe_url
from bot.teams.standing import Standing

# https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
PACE: tuple[Window, ...] = ((4, 1.0),)
_HERE = "webhook"
_MOST_LINKS = 6
Json = dict[str, Any]


class WebhookSender:
    """Posts to the one channel that the webhook leads to; implements `bot.messages.sending.Sender`.

    Args:
        session: From `bot.teams.asking.new_session`; whoever made it closes it.
        url: The webhook's address; it appears in no error and no log.
        standing: Remembers whether it works.
        pace: How fast it takes messages.
    """

    def __init__(self, session: requests.Session, url: str, standing: Standing, pace: Pace | None = None) -> None:
        self._session = session
        self._url = url
        self._standing = standing
        self._pace = pace or Pace(PACE, PACE)

    def wait(self, channel: str, act: Act) -> timedelta:
        """For how long the webhook would refuse this, as far as is known without asking it."""
        if act is not Act.POST:
            return timedelta()
        return timedelta(seconds=max(self._pace.missing(_HERE), self._standing.left(_HERE)))

    def fits(self, message: Message) -> bool:
        """Whether a card shows all of it."""
        return is_whole(message)

    def post(
        self, channel: str, message: Message, label: Label, *, thread: Posted | None = None, aloud: bool = False
    ) -> Posted:
        """Post; where the channel is, the webhook alone knows. What belongs into a thread is posted like the rest."""
        with self._told(), self._pace.turn(_HERE):
            # 202 Accepted says that the flow has begun: https://learn.microsoft.com/en-us/connectors/teams/
            ask(self._session, "POST", self._url, json=payload(message))
        return Posted(channel, label.delivery_id)

    def replace(self, posted: Posted, message: Message, label: Label) -> Posted:
        """Nothing can be changed: what stands there stays, and the entries that follow it say what happened."""
        return posted

    def delete(self, posted: Posted) -> None:
        """Nothing can be taken back."""

    def find(self, channel: str, label: Label, *, since: datetime, thread: Posted | None = None) -> Posted | None:
        """A webhook reads nothing."""
        _not_readable()

    def copies(
        self, channel: str, labels: Collection[Label], *, since: datetime, thread: Posted | None = None
    ) -> Mapping[str, Sequence[Posted]]:
        """A webhook reads nothing."""
        _not_readable()

    def standing_at(self, posted: Posted) -> str | None:
        """A webhook reads nothing."""
        _not_readable()

    def look(self, channel: str) -> None:
        """Whether a webhook works shows when it is used, and not before."""

    def check(self) -> Health:
        """What is known: nobody can be asked."""
        return self.health()

    def health(self) -> Health:
        """What is known. A webhook that nothing was posted to yet is taken to work."""
        known = self._standing.health()
        return replace(known, connected=not known.problems)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except TooFast as error:
            raise DeliveryError(error.why, retry_after=error.retry_after) from error
        except TeamsLimited as limited:
            self._pace.limited(_HERE, limited.retry_after.total_seconds())
            raise DeliveryError(limited.why, retry_after=limited.retry_after) from limited
        except TeamsRefused as refused:
            told = _meaning(refused)
            self._standing.refused(_HERE, told)
            raise told from refused
        except TeamsUnreachable as error:
            self._standing.failed(str(error))
            raise DeliveryError(error.why) from error
        except TeamsUnclear as error:
            self._standing.failed(str(error))
            raise Unclear(error.why) from error
        else:
            self._standing.worked(_HERE)


def payload(message: Message) -> Json:
    """What the webhook takes: the card, with the message's links in the place of its buttons."""
    drawn = card(replace(message, buttons=()))
    links = [{"type": "Action.OpenUrl", "title": title, "url": url} for url, title in _links(message).items()]
    content = drawn | ({"actions": links} if links else {})
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": content}]}


def _links(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in message.blocks:
        for span in _spans(block):
            address = safe_url(span.url) if isinstance(span, Link) else None
            if address and isinstance(span, Link) and len(found) < _MOST_LINKS:
                found.setdefault(address, clean(span.text, 40).strip() or address)
    return found


def _spans(block: Block) -> Iterator[Span]:
    match block:
        case Paragraph(spans=spans) | Footnote(spans=spans):
            yield from spans
        case Facts(pairs=pairs):
            for _, value in pairs:
                yield from value
        case _:
            return


def _meaning(refused: TeamsRefused) -> DeliveryError:
    match refused.status:
        case 413:
            return DeliveryError(Because("the webhook finds the message too long"), permanent=True)
        case 400:
            return DeliveryError(Because("the webhook does not accept the message"), permanent=True)
        case status:
            why = Because(
                "the webhook of Teams is refused ({status}): make a new one in Workflows and set its address",
                status=status,
            )
            return DeliveryError(why, retry_after=PEOPLE_TAKE, needs=Needs.WORKSPACE)


def _not_readable() -> NoReturn:
    raise NotImplementedError("a webhook reads nothing")
