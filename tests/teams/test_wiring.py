"""Does the bot start in Teams with what it needs, and not with what it must not have?"""

import subprocess
import sys
from collections.abc import Mapping
from typing import NoReturn

import pytest
from sqlalchemy import Engine

from bot.app.hearing import Heard
from bot.app.teams import connect_teams
from bot.clock import Clock
from bot.core.routes import Place
from bot.messages.model import Message
from bot.messages.sending import Posted
from bot.settings.problems import ConfigError
from bot.settings.reading import read
from bot.store import outbox
from bot.store.engine import reading, writing
from bot.store.shown import shown
from tests.building import NOON

BOT = {"POOL_STATS_TEAMS__MODE": "bot", "CLIENT_ID": "app", "CLIENT_SECRET": "a secret", "TENANT_ID": "t"}


def _nobody(*_: object, **__: object) -> NoReturn:
    raise AssertionError("nobody asks here")


HEARD = Heard(_nobody, _nobody, _nobody, _nobody, _nobody)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        pytest.param({**BOT, "CLIENT_SECRET": "", "TENANT_ID": ""}, "needs CLIENT_SECRET, TENANT_ID", id="no secrets"),
        pytest.param({"POOL_STATS_TEAMS__MODE": "webhook"}, "POOL_STATS_TEAMS__WEBHOOK_URL", id="no address"),
        pytest.param(
            {**BOT, "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true"}, "unset it", id="requests taken unchecked"
        ),
    ],
)
def test_a_bot_that_lacks_something_does_not_start(engine: Engine, environ: Mapping[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        connect_teams(read(None, environ), engine, Clock(), HEARD)


@pytest.mark.parametrize("name", ["OPENID_METADATA_URL", "TOKEN_ISSUER"])
def test_tokens_of_another_issuer_are_for_this_machine_alone(name: str) -> None:
    with pytest.raises(ConfigError, match="must be an address of this machine"):
        read(None, {f"POOL_STATS_TEAMS__{name}": "https://evil.example/keys"})


def test_the_address_of_the_webhook_is_a_secret() -> None:
    environ = {"POOL_STATS_TEAMS__MODE": "webhook", "POOL_STATS_TEAMS__WEBHOOK_URL": "https://a.example/x?sig=hush"}
    config = read(None, environ)

    assert "https://a.example/x?sig=hush" in set(config.secrets())
    assert "hush" not in repr(config)
    with pytest.raises(ConfigError) as wrong:
        read(None, environ | {"POOL_STATS_TEAMS__WEBHOOK_URL": "http://a.example/x?sig=hush"})
    assert "hush" not in str(wrong.value)


def test_a_bot_that_does_not_speak_to_teams_pays_nothing_for_it_and_one_that_does_for_two_files_of_the_sdk() -> None:
    said = (
        "import sys, bot.app.bot; found = lambda: sum(name.startswith('microsoft_teams') for name in sys.modules);"
        "print(found()); from bot.teams.verifying import Verifier; Verifier('a'); print(found())"
    )

    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60)

    assert done.stdout.split() == ["0", "2"], done.stderr


def test_what_an_alert_says_now_is_what_was_put_last(engine: Engine) -> None:
    place, posted = Place("teams", "ML/Alerts"), Posted("19:a@thread.tacv2", "1")
    with writing(engine) as db:
        outbox.put(db, place=place, message=Message("a", "first"), now=NOON, alert_id="7")
    [delivery] = outbox.claim_due(engine, now=NOON, lease=NOON - NOON, limit=1)
    outbox.done(engine, delivery, posted, now=NOON, content=delivery.message)
    with writing(engine) as db:
        outbox.put(db, place=place, message=Message("a", "acknowledged"), now=NOON, alert_id="7")

    with reading(engine) as db:
        found = shown(db, "teams", posted)
        assert found is not None
        assert found.summary == "acknowledged"
        assert shown(db, "teams", Posted("19:a@thread.tacv2", "2")) is None
