"""Does each finding of a check say what to do about it?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.advising import with_advice
from bot.emulator.server import Emulator
from bot.messages.sending import DeliveryError, Unclear
from bot.modelarts import errors
from bot.slack import codes as slack_codes
from bot.slack.web import SlackRefused
from bot.store.errors import StoreError
from bot.teams import codes as teams_codes
from bot.teams.asking import TeamsRefused
from tests.running import environment, pool_stats

_ACTS = (
    "set ", "give ", "lower ", "see ", "correct ", "check ", "let ", "have ", "invite ", "add ", "install ",
    "unarchive ", "switch on ", "name ",
)  # fmt: skip


def _findings() -> Iterator[Exception]:
    yield errors.BadCredentials("ModelArts does not accept our credentials: the access key is not known", None)
    for kind in (errors.NotAllowed, errors.BadRequest, errors.UnexpectedAnswer, errors.NotServed):
        yield kind("ModelArts says something")
    yield errors.Unavailable("ModelArts cannot answer now (503)", None)
    yield errors.Throttled("ModelArts throttles us", timedelta(seconds=1), None)
    yield errors.UnknownPool("train-a10")
    yield StoreError("the database says something")
    yield Unclear("the connection to Slack broke")
    yield from (slack_codes.delivery_error(SlackRefused(code), "#ops") for code in (*slack_codes.MEANINGS, "new_word"))
    yield from (
        teams_codes.delivery_error(TeamsRefused(403, code), "A/B") for code in (*teams_codes.MEANINGS, "NewWord")
    )


@pytest.mark.parametrize("found", list(_findings()), ids=str)
def test_every_finding_says_what_to_do(found: Exception) -> None:
    told = with_advice(found)

    assert told.startswith(str(found))
    assert any(act in told for act in _ACTS), told
    if isinstance(found, DeliveryError):
        assert "None" not in told


def test_a_check_with_a_key_that_is_not_known_says_where_to_set_another(tmp_path: Path) -> None:
    with Emulator() as emulator:
        env = environment(tmp_path, **emulator.environment | {"HUAWEICLOUD_SDK_AK": "UNKNOWN0UNKNOWN0"})
        done = pool_stats("check", "--online", env=env)

    assert done.returncode == 1
    assert "does not accept our credentials" in done.stderr
    assert "set HUAWEICLOUD_SDK_AK and _SK" in done.stderr
