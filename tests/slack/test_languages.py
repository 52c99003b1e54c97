"""Is each person spoken to in their own language, and a channel in the configured one?"""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from slack_bolt import App

from bot.app.languages import in_their_language
from bot.core.command import Asker
from bot.core.language import Language, Languages, _, speaking_at
from bot.later import Later
from bot.messages.model import Attached, Button, Message, Verb
from bot.sandbox.model import COLLEAGUE, YOU, default_users
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.slack.app import build_app
from bot.slack.web import SlackWeb
from tests.slack.serving import Bot
from tests.slack.test_listening import CHANNEL, said

CHINESE_CHANNEL = "slack:C0RESEARCH1"


class Speaking(Bot):
    """Answers with a sentence, and tells another channel of it meanwhile."""

    languages = Languages(Language.ENGLISH, {CHINESE_CHANNEL: Language.CHINESE})
    told = ""
    attached: Attached | None = None

    @in_their_language
    def on_asked(self, command: str, text: str, asker: Asker) -> Message:
        with speaking_at(CHINESE_CHANNEL):
            self.told = _("No alerts.")
        self.asked.append((command, text, asker))
        return Message("", _("No alerts."), buttons=(Button("Share", Verb.SHARE, text),), attached=self.attached)

    @in_their_language
    def on_pressed(self, verb: Verb, subject: str, asker: Asker) -> Message:
        self.pressed.append((verb, subject, asker))
        return Message("", _("No alerts."))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    you, *others = default_users()
    with Sandbox(workspace=Workspace(users=(replace(you, locale="zh-CN"), *others))) as sandbox:
        sandbox.switches.posts_per_second = 0
        yield sandbox


@pytest.fixture
def bot() -> Speaking:
    return Speaking()


@pytest.fixture
def app(web: SlackWeb, sandbox: Sandbox, bot: Speaking, later: Later) -> App:
    return build_app(
        web,
        signing_secret=sandbox.tokens.signing_secret,
        asked=bot.on_asked,
        pressed=bot.on_pressed,
        later=later,
        homed=bot.on_homed,
        offered=bot.on_offered,
        languages=lambda: Speaking.languages,
    )


@pytest.mark.usefixtures("over_http")
def test_two_people_are_answered_each_in_the_language_of_their_locale(sandbox: Sandbox, bot: Speaking) -> None:
    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "a")
    (yours,) = said(sandbox, CHANNEL)
    sandbox.workspace.run_command(COLLEAGUE, CHANNEL, "/pool-stats", "a")
    (theirs,) = said(sandbox, CHANNEL, user=COLLEAGUE)

    assert (yours.text, theirs.text) == ("没有告警。", "No alerts.")
    assert bot.told == "没有告警。"
    assert [each[2].language for each in bot.asked] == [Language.CHINESE, Language.ENGLISH]


@pytest.mark.usefixtures("over_http")
def test_slack_is_asked_once_about_a_person_whatever_they_ask(sandbox: Sandbox) -> None:
    for number in range(1, 4):
        sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "a")
        said(sandbox, CHANNEL, count=number)

    assert len(sandbox.calls.of("users.info")) == 1


@pytest.mark.usefixtures("over_http")
def test_what_is_shared_is_said_in_the_language_of_the_channel(sandbox: Sandbox) -> None:
    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "a")
    (answer,) = said(sandbox, CHANNEL)
    share = next(e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"])

    sandbox.workspace.press(YOU, CHANNEL, answer.ts, action_id=share)

    assert [each.text for each in said(sandbox, CHANNEL, user=COLLEAGUE)] == ["No alerts."]


@pytest.mark.usefixtures("over_http")
@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("status", {"status": 503}, "Slack 返回 503"),
        ("reset", {}, "与 Slack 的连接中断"),
        ("ratelimited", {"retry_after": 30}, "Slack 要求等待 30 秒"),
    ],
)
def test_what_went_wrong_on_the_way_to_slack_is_said_in_the_language_of_who_asks(
    sandbox: Sandbox, bot: Speaking, kind: str, more: dict[str, int], why: str
) -> None:
    bot.attached = Attached("log.csv", "seq,who\n")
    sandbox.misbehave(kind, "files.getUploadURLExternal", **more)

    sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "a")

    (answer,) = said(sandbox, CHANNEL)
    assert f"没有文件：{why}。" in json.dumps(answer.blocks, ensure_ascii=False)
