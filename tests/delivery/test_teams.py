"""Is a channel of Teams right, whatever happens to the bot and to Teams? There each message is told at least once."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.teams.model import ALERTS, TEAM, YOU, default_people
from tests.delivery.acting import POOL, SOME, fires
from tests.delivery.collector import Tally, Told
from tests.delivery.processes import Nursery
from tests.delivery.scene import time_passes
from tests.delivery.stage import Company, Programme, Scenario, Stage
from tests.delivery.table import TABLE
from tests.delivery.tenant import TeamsScene, tenant

CHANNEL = "Alerts"
# The bot waits for ten seconds for an answer of Teams.
READ_SECONDS = 10.0
POST, CHANGE = "activities.create", "activities.update"

PROGRAMME = Programme()
scenario = PROGRAMME.scenario


def well(*pools: str, entries: tuple[str, ...] = ("Resolved",), repeats: int = 0) -> tuple[Told, ...]:
    """One message about each pool that all is well again, and under it how that came about."""
    chosen = pools or (POOL,)
    return tuple(Told(pool, "Resolved", entries, ("Worse",), channel=CHANNEL, repeats=repeats) for pool in chosen)


def resolves(one: TeamsScene, *expected: Told, within: float = 90.0) -> Tally:
    """Let all be well again, and wait until the channel shows just that."""
    one.queue(3, *(told.pool for told in expected))
    return one.settles(expected, blind=True, within=within)


def ready(one: TeamsScene) -> None:
    """Start the bot, which is then added to the team."""
    one.start_ready()
    one.introduce()


@scenario("in Teams what was cut off once it was taken stands once more and says so, and no update is in doubt")
def _cut(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        one.misbehave("cut", POST, count=1)
        fires(one)
        one.misbehave("cut", CHANGE, count=1)
        one.press("Acknowledge", POOL, "Acknowledged")
        one.misbehave("reset", CHANGE, count=1, after_accepting=True)
        tally = resolves(one, *well(entries=("Acknowledged", "Resolved"), repeats=2))
        assert tally.repeated >= 1
        return tally


@scenario("in Teams what is taken only after the bot has given up stands once more and says so", long=True)
def _late(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        one.misbehave("slow", POST, count=1, seconds=READ_SECONDS + 4)
        fires(one)
        one.eventually(lambda: len(one.collector.about(POOL, CHANNEL)) == 2, what="both")
        tally = resolves(one, *well(repeats=1))
        assert tally.repeated == 1
        return tally


@scenario("in Teams a reply that never comes loses nothing", long=True)
def _hang(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        one.misbehave("hang", POST, count=1, seconds=READ_SECONDS + 5)
        fires(one)
        return resolves(one, *well())


@scenario("in Teams a storm of 429 and 412 delays everything, and loses and repeats nothing")
def _limited(stage: Stage) -> Tally:
    with stage.tenant(*SOME) as one:
        ready(one)
        one.misbehave("ratelimited", (POST, CHANGE), probability=0.3, retry_after=1)
        one.misbehave("error", (POST, CHANGE), probability=0.3, error="PreconditionFailed")
        one.queue(60, *SOME)
        one.eventually(lambda: all(one.fires(pool) for pool in SOME), what="the alerts")
        tally = resolves(one, *well(*SOME), within=120)
        one.behave()
        assert tally.repeated == 0
        return tally


@scenario("in Teams 500, 502 and 503 for a while lose nothing, and what was not taken stands once")
def _down(stage: Stage) -> Tally:
    with stage.tenant(*SOME[:3]) as one:
        ready(one)
        for status in (500, 502, 503):
            one.misbehave("status", (POST, "token"), status=status, probability=0.4)
        one.misbehave("status", POST, status=504)
        one.queue(60, *SOME[:3])
        one.eventually(lambda: one.calls(POST) > 1, what="the attempts")
        time_passes(3)
        one.behave()
        one.eventually(lambda: all(one.fires(pool) for pool in SOME[:3]), what="the alerts")
        return resolves(one, *well(*SOME[:3]))


@scenario("in Teams an alert waits while the app is removed from its team, and is told when it is added again")
def _removed(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        assert one.teams.happening.remove(YOU, ALERTS).ok
        one.faults += 1
        one.queue(60, POOL)
        one.eventually(lambda: one.is_open(POOL), what="the alert")
        one.eventually(lambda: not one.is_ready(), what="the trouble in /readyz")
        assert one.collector.messages(CHANNEL) == []
        one.introduce()
        fires(one)
        return resolves(one, *well())


@scenario("in Teams what is refused because the bot is not in the roster waits, and is told once")
def _roster(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        one.misbehave("error", POST, count=1, error="BotNotInConversationRoster")
        one.queue(60, POOL)
        one.eventually(lambda: one.calls(POST) > 0, what="the attempt")
        # Somebody there speaks to it, so it is in again; else it would look again after a while.
        one.teams.people.say(YOU, ALERTS, "help", slash=True)
        fires(one)
        return resolves(one, *well())


@scenario("in Teams what is for a channel that is deleted is told in the fallback channel, and admins are told of it")
def _deleted_channel(stage: Stage) -> Tally:
    access = json.dumps({"admins": [f"teams:{default_people()[0].aad_object_id}"]})
    fallback = "teams:ML Platform/General"
    with stage.tenant(POOL, POOL_STATS_ACCESS=access, POOL_STATS_DELIVERY__FALLBACK=fallback) as one:
        ready(one)
        one.eventually(lambda: one.teams.happening.install(YOU).ok, what="the app in the admin's chat")
        chat = one.teams.tenant.personal(YOU).id
        one.faults += 1
        one.eventually(lambda: one.teams.happening.delete(YOU, ALERTS).ok or True, what="the end of the channel")
        one.queue(60, POOL)
        one.eventually(lambda: one.shows(POOL, "could not be told", "General"), what="the alert, told instead")
        one.eventually(lambda: "cannot be told" in str(one.teams.tenant.posts(chat)), what="what the admin is told")
        one.queue(3, POOL)
        told = Told(POOL, "Resolved", may=("Resolved",), channel="General")
        return one.settles([told], some_wait=True, blind=True)


@scenario("in Teams more alerts at once than a channel wants are one message, which is kept up to date")
def _summary(stage: Stage) -> Tally:
    with stage.tenant(*SOME, POOL_STATS_DELIVERY__SUMMARY_ABOVE="3", POOL_STATS_DELIVERY__GATHER="10s") as one:
        ready(one)
        one.queue(60, *SOME)
        one.eventually(lambda: one.shows("6 alerts", "6 alerts at once"), what="the summary")
        one.queue(3, *SOME)
        return one.settles(
            [Told("6 alerts", "6 alerts, all resolved", may=(".*Resolved",) * 6, channel=CHANNEL)], blind=True
        )


@scenario("in Teams an alert that nobody acknowledges is told in a second channel, and calls a person there")
def _escalated(stage: Stage) -> Tally:
    step = {"after": "2s", "to": ["teams:ML Platform/General"], "mention": ["teams:you@example.com You"]}
    routes = json.dumps([{"to": ["teams:ML Platform/Alerts"], "escalate": step}])
    with stage.tenant(POOL, POOL_STATS_ROUTES=routes) as one:
        ready(one)
        fires(one)
        one.eventually(lambda: "<at>You</at>" in str(one.teams.tenant.posts(TEAM)), what="the call")
        called = next(post for post in one.teams.tenant.posts(TEAM) if "<at>You</at>" in str(post.body))
        assert "you@example.com" in str(called.body)
        one.queue(3, POOL)
        there = Told(POOL, "Resolved", ("Escalated: nobody", "Resolved"), channel="General")
        return one.settles([*well(entries=("Escalated to", "Resolved")), there], blind=True)


@scenario("in Teams a channel that gets another name is told all the same")
def _renamed(stage: Stage) -> Tally:
    with stage.tenant(POOL, POOL_STATS_DELIVERY__GROUP_BY_POOL="false") as one:
        ready(one)
        fires(one)
        resolves(one, *well())
        assert one.teams.happening.rename(YOU, ALERTS, "Bells").ok
        assert one.teams.happening.rename_team(YOU, TEAM, "ML").ok
        one.queue(60, POOL)
        one.eventually(lambda: len(one.collector.about(POOL, "Bells")) == 2, what="the second alert")
        one.queue(3, POOL)
        (told,) = well()
        return one.settles([replace(told, channel="Bells")] * 2, blind=True)


@scenario("in Teams a message that a person deleted is posted anew once when the alert changes")
def _deleted(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        fires(one)
        (gone,) = one.collector.about(POOL, CHANNEL)
        one.teams.tenant.delete(next(post for post in one.teams.tenant.posts(ALERTS) if post.id == gone.ts))
        one.faults += 1
        one.queue(90, POOL)
        one.eventually(lambda: one.shows(POOL, "peak 90"), what="the new message")
        tally = resolves(one, *well())
        tally.taken_back -= 1  # by the person
        return tally


@scenario("in Teams what is too long for a message of that tenant is told in brief, and kept up to date")
def _too_long(stage: Stage) -> Tally:
    with stage.tenant(POOL) as one:
        ready(one)
        one.faults += 1
        one.teams.tenant.switches.most_bytes = 5_000
        fires(one)
        assert any(call.status == 413 for call in one.teams.calls.of(POST))
        return resolves(one, *well())


@scenario("in Teams two processes on one database tell everything once")
def _two(stage: Stage) -> Tally:
    with stage.tenant(*SOME) as one:
        one.teams.tenant.switches.takes = 0.05
        ready(one)
        one.start_another()
        fires(one, *SOME)
        return resolves(one, *well(*SOME))


@pytest.mark.parametrize("scenario", PROGRAMME.params())
def test_scenario(scenario: Scenario, company: Company) -> None:
    company.outcome(scenario)


def storm(one: TeamsScene, number: int) -> Tally:
    """So many alerts at once, and all over again: within what Teams takes, so nothing is refused."""
    pools = tuple(f"train-{index:02}" for index in range(number))
    one.queue(3, *pools)
    ready(one)
    began = time.monotonic()
    one.queue(60, *pools)
    one.eventually(lambda: len(one.collector.messages(CHANNEL)) >= number, within=120, what="all alerts")
    took = time.monotonic() - began
    tally = resolves(one, *well(*pools), within=300)
    refused = sum(call.status == 429 for call in one.teams.calls.of(*one.writes))
    ideal = max(0.0, (number - 8) / 8 * 2)
    TABLE.note(
        f"{number} alerts at once in Teams, 8 in two seconds: all told after {took:.1f} s (ideal {ideal:.0f} s), "
        f"all over after {time.monotonic() - began:.0f} s, {refused} calls refused with 429"
    )
    assert refused == 0
    return tally


def test_fifteen_alerts_at_once_are_told_as_fast_as_teams_takes_them(bots: Nursery, tmp_path: Path) -> None:
    with tenant(tmp_path, bots) as one:
        TABLE.add("15 alerts at once in Teams", storm(one, 15))


@pytest.mark.soak
def test_sixty_alerts_at_once_are_told_as_fast_as_teams_takes_them(bots: Nursery, tmp_path: Path) -> None:
    with tenant(tmp_path, bots) as one:
        TABLE.add("60 alerts at once in Teams", storm(one, 60))
