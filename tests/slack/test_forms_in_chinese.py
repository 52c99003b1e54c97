"""A person whose Slack is Chinese fills in a form, through the real Bolt app with signed requests."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.command import POOL_STATS
from bot.messages.help import help_message
from bot.messages.rule_form import rule_form, rule_in
from bot.sandbox.model import YOU, default_users
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.slack.conftest import wait_for
from tests.slack.serving import Bot
from tests.slack.test_app import CHANNEL, shown
from tests.slack.test_forms import opened, title


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    people = [replace(user, locale="zh-CN") if user.id == YOU else user for user in default_users()]
    with Sandbox(workspace=Workspace(users=people)) as sandbox:
        sandbox.switches.posts_per_second = 0
        yield sandbox


@pytest.mark.usefixtures("over_http")
def test_the_form_and_what_is_wrong_with_it_are_chinese(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = lambda _: rule_form(None)
    bot.taken = lambda typed: rule_form(rule_in(typed))
    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-alerts", "add").ok
    modal = opened(sandbox)

    outcome = sandbox.workspace.submit_view(YOU, modal, {"field:name": {"name": "long queue"}})

    assert title(sandbox) == "添加规则"
    assert outcome.errors == {"field:above": "阈值规则需要填写阈值。"}


@pytest.mark.usefixtures("over_http")
def test_an_answer_is_chinese_for_them_alone(sandbox: Sandbox, bot: Bot) -> None:
    bot.answer = lambda _: help_message(POOL_STATS)

    assert sandbox.workspace.run_command(YOU, CHANNEL, "/pool-stats", "help").ok

    wait_for(lambda: bool(shown(sandbox)))
    (answer,) = shown(sandbox)
    assert answer.ephemeral_to == YOU
    assert answer.text.endswith("/pool-stats help：显示本帮助。")
