"""Do Microsoft's own library and the stand-in understand each other, in both directions?"""

import asyncio
import json
import threading
import warnings
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of its own experiments when it is imported
    from microsoft_teams.api.activities.invoke.adaptive_card import AdaptiveCardInvokeActivity
    from microsoft_teams.api.activities.invoke.task import TaskFetchInvokeActivity
    from microsoft_teams.api.activities.message import MessageActivity, MessageActivityInput
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.api.clients.conversation.params import CreateConversationParams
    from microsoft_teams.api.models.account import Account
    from microsoft_teams.api.models.attachment import Attachment
    from microsoft_teams.apps import App
    from microsoft_teams.apps.routing.activity_context import ActivityContext
    from microsoft_teams.common import ClientOptions

from bot.sandbox.teams.model import ALERTS, CHAT, TEAM, YOU
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.sandbox.apps import Received, listening
from tests.sandbox.teams.apps import CARD, Bot, card, execute, message

# Of its own parts that it will remove, and of its experiments.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*in preview.*")


class Adapter:
    """Hands requests to the library's own endpoint, which checks their tokens."""

    def __init__(self) -> None:
        self.handler: Any = None

    def register_route(self, _method: str, _path: str, handler: Any) -> None:
        self.handler = handler

    async def start(self, _port: int) -> None:
        """Nobody listens here: the test does."""

    async def stop(self) -> None:
        """Likewise."""

    def serve_static(self, _path: str, _directory: str) -> None:
        """Nothing to serve."""


class Loop:
    """An event loop in a thread of its own, as the library needs one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def app(teams: TeamsStandIn, bot: Bot, loop: Loop) -> Iterator[App]:
    environment = teams.environment()
    cloud = with_overrides(
        PUBLIC,
        openid_metadata_url=environment["POOL_STATS_TEAMS__OPENID_METADATA_URL"],
        token_issuer=environment["POOL_STATS_TEAMS__TOKEN_ISSUER"],
    )
    adapter = Adapter()
    app = App(
        client_id=environment["CLIENT_ID"],
        tenant_id=environment["TENANT_ID"],
        token=lambda *_: bot.token,
        http_server_adapter=adapter,
        service_url=teams.service_url,
        client=ClientOptions(timeout=5),
        cloud=cloud,
    )
    loop.run(app.initialize())

    def answer(got: Received) -> tuple[int, dict[str, str], bytes]:
        told = loop.run(adapter.handler({"body": json.loads(got.body), "headers": dict(got.headers)}))
        return told["status"], {"content-type": "application/json"}, json.dumps(told.get("body")).encode()

    with listening(answer) as served:
        teams.app_url = served.url
        yield app
    for client in (app.http_client, app.api.http):
        loop.run(client.http.aclose())


def test_it_hears_what_is_said_and_done_and_its_answers_arrive(app: App, teams: TeamsStandIn, bot: Bot) -> None:
    @app.on_message
    async def _hear(ctx: ActivityContext[MessageActivity]) -> None:
        await ctx.send(MessageActivityInput(text=f"heard {ctx.activity.text}"))

    @app.on_card_action
    async def _act(ctx: ActivityContext[AdaptiveCardInvokeActivity]) -> Any:
        done = card({"type": "TextBlock", "text": ctx.activity.value.action.verb or ""})
        return {"statusCode": 200, "type": CARD, "value": done}

    @app.on_dialog_open("silence")
    async def _open(_ctx: ActivityContext[TaskFetchInvokeActivity]) -> Any:
        inside = {"title": "Silence", "card": {"contentType": CARD, "content": card()}}
        return {"task": {"type": "continue", "value": inside}}

    said = teams.people.say(YOU, ALERTS, "@pool-stats help")
    assert (said.status, said.error) == (200, "")
    [asked, answered] = teams.tenant.posts(ALERTS)
    assert answered.body["text"] == "heard <at>pool-stats</at> help"
    assert answered.root == asked.id

    slash = teams.people.say(YOU, ALERTS, "pool-stats", slash=True)
    assert slash.ok
    assert teams.tenant.posts(ALERTS)[-1].targeted_to == YOU

    opens = {
        "type": "Action.Submit",
        "title": "Silence",
        "data": {"msteams": {"type": "task/fetch"}, "dialog_id": "silence"},
    }
    post_id = bot.sent(ALERTS, message(card(actions=[execute("ack"), opens])))
    assert teams.people.press(YOU, ALERTS, post_id, "ack").ok
    post = teams.tenant.message(ALERTS, post_id)
    assert post is not None
    assert (post.card_for(YOU) or {})["body"][0]["text"] == "ack"
    post_id = bot.sent(ALERTS, message(card(actions=[opens])))
    assert teams.people.press(YOU, ALERTS, post_id, "Silence").ok
    dialog = teams.tenant.dialog(YOU)
    assert dialog is not None
    assert dialog.title == "Silence"


def test_it_lets_nobody_in_whose_token_is_wrong(app: App, teams: TeamsStandIn) -> None:
    assert app.id
    place = teams.tenant.place(CHAT)
    person = teams.tenant.person(YOU)
    assert place is not None
    assert person is not None
    activity = teams.composer.message(person, place, "hi", post_id="1")
    login, url = teams.login, teams.service_url

    def status(token: str) -> int:
        return teams.courier.post(activity, within=5, token=token).status

    assert status(login.inbound_token(url)) == 200
    for wrong in ("", "x", login.access_token(), login.inbound_token("http://evil.example/")):
        assert status(wrong) == 401
    for claims in ({"aud": "other"}, {"iss": "http://evil.example"}, {"serviceurl": None}, {"exp": 1}):
        assert status(login.inbound_token(url, **claims)) == 401


def test_it_asks_the_connector(app: App, teams: TeamsStandIn, loop: Loop) -> None:
    api = app.api
    teams.happening.install(YOU)
    attached = Attachment(content_type=CARD, content=card())

    sent = loop.run(api.conversations.activities(ALERTS).create(MessageActivityInput().add_attachments(attached)))
    changed = loop.run(api.conversations.activities(ALERTS).update(sent.id, MessageActivityInput(text="changed")))
    reply = loop.run(api.conversations.activities(ALERTS).reply(sent.id, MessageActivityInput(text="a reply")))
    members = loop.run(api.conversations.members(CHAT).get_paged())
    team = loop.run(api.teams.get_by_id(TEAM))
    channels = loop.run(api.teams.get_conversations(TEAM))
    asked = CreateConversationParams(members=[Account(id=YOU)], tenant_id=teams.tenant.credentials.tenant_id)
    made = loop.run(api.conversations.create(asked))

    posts = {each.id: each for each in teams.tenant.posts(ALERTS)}
    assert posts[sent.id].body["text"] == "changed"
    assert changed.id == sent.id
    assert posts[reply.id].root == sent.id
    assert {each.id for each in members.members} >= {YOU}
    assert (team.name, len(channels)) == ("ML Platform", 2)
    assert made.id == teams.tenant.personal(YOU).id
    loop.run(api.conversations.activities(ALERTS).delete(reply.id))
    assert len(teams.tenant.posts(ALERTS)) == 1
    assert teams.tenant.complaints() == []
