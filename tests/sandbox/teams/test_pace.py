"""Are the documented windows enforced, no more and no less?"""

from bot.sandbox.server import Sandbox
from bot.sandbox.teams.model import ALERTS, CHAT
from bot.sandbox.teams.pace import SEND, Pace
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.teams.tenant import Tenant
from tests.sandbox.teams.apps import Bot, code, message, tokens_with_keys


class Still:
    """A clock that a test moves."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def test_seven_in_a_second_eight_in_two_sixty_in_thirty() -> None:
    clock = Still(1_000.0)
    pace = Pace(clock)
    taken: list[float] = []

    for tick in range(400):  # ten tries a second for forty seconds
        clock.at = 1_000.0 + tick / 10
        if not pace.wait_for(("c", SEND)):
            taken.append(clock.at)

    def most(seconds: float) -> int:
        return max(sum(1 for each in taken if start <= each < start + seconds) for start in taken)

    assert (most(0.99), most(1.99), most(29.99)) == (7, 8, 60)


def test_no_more_than_1800_in_an_hour() -> None:
    clock = Still(0.0)
    pace = Pace(clock)
    waits = []
    for tick in range(1_801):
        clock.at = tick * 1.9
        waits.append(pace.wait_for(("c", SEND)))

    assert waits[:-1] == [0] * 1_800
    assert waits[-1] == 180


def test_who_sends_too_fast_is_told_when_to_come_back_and_other_conversations_are_not_touched() -> None:
    clock = Still(1_800_000_000.0)
    teams = tokens_with_keys(TeamsStandIn(Tenant(clock=clock)))
    with Sandbox(teams=teams):
        bot = Bot(teams)

        answers = [bot.send(ALERTS) for _ in range(8)]

        assert [each.status_code for each in answers] == [201] * 7 + [429]
        assert (code(answers[-1]), answers[-1].headers["Retry-After"]) == ("Throttled", "1")
        assert bot.send(CHAT).status_code == 201
        clock.at += 1
        assert bot.send(ALERTS).status_code == 201
        assert bot.send(ALERTS).headers["Retry-After"] == "1"
        teams.tenant.switches.limits = False
        assert bot.send(ALERTS).status_code == 201


def test_a_webhook_takes_four_in_a_second_and_28_kilobytes() -> None:
    clock = Still(1_800_000_000.0)
    teams = tokens_with_keys(TeamsStandIn(Tenant(clock=clock)))
    with Sandbox(teams=teams):
        bot = Bot(teams)
        card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "hi"}]}

        posts = [bot.to_webhook(message(card)) for _ in range(5)]
        clock.at += 1
        large = bot.to_webhook(message(card | {"fallbackText": "x" * 29_000}))
        unsigned = bot.to_webhook(message(card), address=teams.webhook_url.replace("sig=", "sig=wrong"))
        empty = bot.to_webhook({"type": "message", "text": "no card"})

    assert [each.status_code for each in posts] == [202] * 4 + [429]
    assert (large.status_code, unsigned.status_code, empty.status_code) == (413, 401, 202)
    assert len(teams.tenant.posts(ALERTS)) == 4
    assert [each.what for each in teams.tenant.complaints()] == [
        "the flow found no attachment with an Adaptive Card: nothing was posted"
    ]
