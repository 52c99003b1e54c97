"""Is a caller that asks too often told so, as the gateway tells it?"""

import pytest

from bot.emulator import AccessKey, Emulator
from bot.emulator.throttle import Limits
from tests.emulator.asking import Hands, ask, wrong


def test_a_429_is_told_with_its_limit_and_window(emulator: Emulator) -> None:
    emulator.limits = Limits(user=2, window="1 minute")
    ask(emulator)
    ask(emulator)

    answer = ask(emulator)

    assert (answer.status, answer.json["error_code"]) == (429, "APIG.0308")
    assert answer.json["error_msg"] == (
        "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 minute"
    )
    assert "Retry-After" not in answer.headers


def test_retry_after_can_be_switched_on(emulator: Emulator) -> None:
    emulator.limits = Limits(user=1, window="1 minute", retry_after=True)
    ask(emulator)

    assert ask(emulator).headers["Retry-After"] == "60"


def test_a_limit_for_an_address_is_told_as_such(emulator: Emulator) -> None:
    emulator.limits = Limits(user=None, ip=1, window="30 second")
    ask(emulator)

    assert ask(emulator).json["error_msg"].endswith("policy ip over ratelimit,limit:1,time:30 second")


def test_the_bucket_fills_as_time_goes(emulator: Emulator, hands: Hands) -> None:
    emulator.limits = Limits(user=2, window="1 minute")
    assert [ask(emulator).status for _ in range(3)] == [200, 200, 429]

    hands.turn(seconds=30)

    assert [ask(emulator).status for _ in range(2)] == [200, 429]


def test_attempts_that_fail_count(emulator: Emulator) -> None:
    emulator.limits = Limits(user=2, window="1 minute")

    assert [ask(emulator, key=wrong(emulator)).status for _ in range(3)] == [401, 401, 429]


def test_each_access_key_has_its_own_bucket(emulator: Emulator) -> None:
    emulator.limits = Limits(user=1, window="1 minute")
    other = AccessKey("OTHER", "secret", emulator.project_id)
    emulator.access.add_key(other)

    assert [ask(emulator).status, ask(emulator).status, ask(emulator, key=other).status] == [200, 429, 200]


@pytest.mark.parametrize("wrong_limits", [{"user": 0}, {"ip": -1}, {"window": "soon"}, {"window": "0 minute"}])
def test_an_impossible_limit_is_refused(wrong_limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="is not"):
        Limits(**wrong_limits)  # type: ignore[arg-type]  # that is the point
