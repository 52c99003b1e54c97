"""What Slack tells of who asks, and where others listen: by real HTTP against the stand-in."""

from dataclasses import replace

import pytest
import requests

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.messages.model import Message
from bot.messages.sending import DeliveryError, Label, Needs
from bot.sandbox.model import Group, User
from bot.sandbox.server import Sandbox
from bot.slack.knowing import Knowing
from bot.slack.sender import SlackSender
from bot.slack.web import SlackWeb

ONCALL, STRANGER = "C0MLONCALL1", "U0STRANGER1"
ACCESS = Access(("slack:S0ADMINS001",), (Grant(("research-*",), groups=("slack:S0SCIENCE01",)),))


@pytest.fixture
def slack(sandbox: Sandbox) -> Sandbox:
    sandbox.workspace.groups = {"S0SCIENCE01": Group("S0SCIENCE01", "science", ("U0COLLEAGUE",))}
    sandbox.workspace.put_user(User(STRANGER, "stranger", "Stranger", team="T0PARTNER01"))
    return sandbox


def share(sandbox: Sandbox, **how: object) -> None:
    where = sandbox.workspace.channel(ONCALL)
    assert where is not None
    sandbox.workspace.put_channel(replace(where, **how))  # type: ignore[arg-type]


def asker(user: str = "U0000000YOU", channel: str = ONCALL, home: str = "T0SANDBOX01") -> Asker:
    return Asker("slack", "T0SANDBOX01", channel, user, home=home)


def test_the_groups_of_a_person_are_asked_for_once(slack: Sandbox, web: SlackWeb) -> None:
    knowing = Knowing(web, lambda: ACCESS)

    assert knowing.whole(asker("U0COLLEAGUE")).groups == ("slack:S0SCIENCE01",)
    assert knowing.whole(asker()).groups == ()
    assert len([call for call in slack.calls.of("usergroups.users.list") if call.outcome == "ok"]) == 1


def test_where_slack_does_not_tell_nobody_is_in_a_group_and_a_note_says_so(slack: Sandbox, web: SlackWeb) -> None:
    slack.switches.scopes.discard("usergroups:read")
    knowing = Knowing(web, lambda: ACCESS)

    assert knowing.whole(asker("U0COLLEAGUE")).groups == ()
    assert "usergroups:read" in SlackSender(web, knowing=knowing).health().notes["group S0SCIENCE01"]


@pytest.mark.parametrize(
    "how", [{"shared_with": ("T0PARTNER01",)}, {"is_pending_ext_shared": True}], ids=["shared", "about to be"]
)
def test_nothing_is_told_where_another_organisation_listens(
    slack: Sandbox, web: SlackWeb, how: dict[str, object]
) -> None:
    share(slack, **how)
    sender = SlackSender(web, knowing=Knowing(web, Access))

    assert Knowing(web, Access).whole(asker()).is_outside
    for tell in (lambda: sender.post("#ml-oncall", Message("Queue", "84"), Label("1")), lambda: sender.look(ONCALL)):
        with pytest.raises(DeliveryError, match=r"access\.external") as error:
            tell()
        assert error.value.needs is Needs.CHANNEL
    assert "access.external" in sender.health().problems["#ml-oncall"]
    assert not slack.calls.of("chat.postMessage")


def test_where_it_is_allowed_it_is_told(slack: Sandbox, web: SlackWeb) -> None:
    share(slack, shared_with=("T0PARTNER01",))
    knowing = Knowing(web, lambda: Access(external=(f"slack:{ONCALL}",)))

    SlackSender(web, knowing=knowing).post("#ml-oncall", Message("Queue", "84"), Label("1"))
    assert not knowing.whole(asker()).is_outside
    # A person from elsewhere is told there what is told to all.
    assert not knowing.whole(asker(STRANGER, home="T0PARTNER01")).is_outside


def test_a_person_of_another_organisation_sees_nothing_anywhere(slack: Sandbox, web: SlackWeb) -> None:
    knowing = Knowing(web, Access)

    assert knowing.whole(asker(STRANGER, home="T0PARTNER01")).is_outside
    assert not knowing.whole(asker(home="T0SISTER001")).is_outside
    slack.switches.scopes.discard("users:read")
    assert Knowing(web, Access).whole(asker(home="T0SISTER001")).is_outside


def test_without_the_right_to_look_a_channel_is_ones_own_and_a_note_says_so(slack: Sandbox, web: SlackWeb) -> None:
    slack.switches.scopes.discard("channels:read")
    knowing = Knowing(web, Access)

    assert not knowing.whole(asker()).is_outside
    assert "channels:read" in knowing.notes()["sharing"]


def test_while_slack_is_away_what_was_known_holds_and_nothing_is_taken_for_granted(
    slack: Sandbox, session: requests.Session
) -> None:
    web = SlackWeb(f"{slack.url}api/", slack.tokens.bot, session)
    knowing = Knowing(web, Access)
    slack.misbehave("status", "conversations.info", status=503)

    assert knowing.whole(asker()).is_outside
    assert not knowing.whole(asker(channel="D0000000YOU")).is_outside
