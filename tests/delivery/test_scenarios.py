"""Is every channel right after what the tests of the best-known system of the kind put it through, in our words?"""

import json
import signal
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import Clock
from tests.delivery.acting import POOL, RESOLVED, SOME, each_resolved, fires, resolves
from tests.delivery.collector import Tally, Told
from tests.delivery.scene import RULES
from tests.delivery.stage import Company, Programme, Scenario, Stage

# A client of Slack waits for ten seconds for an answer.
READ_SECONDS = 10.0

PROGRAMME = Programme()
scenario = PROGRAMME.scenario


@scenario("an alert that goes on is told once")
def _merge(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        fires(one)
        asked = len(one.emulator.requests)
        one.eventually(lambda: len(one.emulator.requests) > asked + 4, what="more readings")
        assert one.calls("chat.postMessage", "chat.update") == 1
        return resolves(one)


@scenario("an alert that comes again soon is told again in the same message, once each time")
def _repeat(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        for times in range(2):
            fires(one)
            resolves(one, Told(POOL, "Resolved", ("Resolved", *("Again", "Resolved") * times), comes_back=times))
        tally = one.settles([Told(POOL, "Resolved", ("Resolved", "Again", "Resolved"), comes_back=1)])
        assert len(one.collector.about(POOL)) == 1
        return tally


@scenario("an alert that comes again is another message where alerts are not grouped")
def _repeat_alone(stage: Stage) -> Tally:
    with stage.scene(POOL, POOL_STATS_DELIVERY__GROUP_BY_POOL="false") as one:
        one.start_ready()
        fires(one)
        resolves(one)
        one.queue(60, POOL)
        one.eventually(lambda: len(one.collector.about(POOL)) == 2, what="the second alert")
        one.queue(3, POOL)
        return one.settles([RESOLVED, RESOLVED])


@scenario("two kinds of trouble in one pool share a message, and each is told once")
def _merge_kinds(stage: Stage) -> Tally:
    rules = [*RULES, {"name": "many pending", "metric": "Pending", "kind": "threshold", "above": 20}]
    with stage.scene(POOL, POOL_STATS_RULES=json.dumps(rules)) as one:
        one.start_ready()
        fires(one)
        one.emulator.set_counts(POOL, {"train": {"Queue": 60, "Pending": 30, "Running": 5}})
        one.eventually(lambda: one.shows(POOL, "many pending"), what="the second kind")
        one.emulator.set_counts(POOL, {"train": {"Queue": 3, "Pending": 0, "Running": 5}})
        return one.settles([Told(POOL, "Resolved", ("Resolved", "Resolved"), may=("Warning as well",))])


@scenario("Slack answers 503 to the first posts, and the alert is told once")
def _retry(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("status", "chat.postMessage", status=503, count=3)
        fires(one)
        return resolves(one)


@scenario("alerts of many pools that begin and end together are told once each")
def _together(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.start_ready()
        fires(one, *SOME)
        return resolves(one, *each_resolved(*SOME))


@scenario("an alert that was over before Slack could be reached is told once, as what it was")
def _over_before_told(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("status", ("chat.postMessage", "chat.update", "conversations.history"), status=503)
        one.queue(60, POOL)
        one.eventually(lambda: one.calls("chat.postMessage") > 0, what="the attempt")
        asked = len(one.emulator.requests)
        one.queue(3, POOL)
        one.eventually(lambda: len(one.emulator.requests) > asked + 2, what="the recovery")
        one.sandbox.behave()
        return one.settles([Told(POOL, "Resolved", may=("Resolved",))])


@scenario("a bot that starts in the middle of trouble tells it once, and nothing again when it starts again")
def _cold_start(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.queue(60, POOL)
        one.start_ready()
        one.eventually(lambda: one.shows(POOL, "Queue 60"), what="the alert")
        for how in (signal.SIGTERM, signal.SIGKILL):
            one.bots[-1].stop(how)
            one.start_ready()
            one.settles([Told(POOL, "Warning")])
        one.faults = 2
        assert one.calls("chat.postMessage") == 1
        return resolves(one)


@scenario("a configuration that is read again in the middle of an alert tells nothing again")
def _reload(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        bot = one.start_ready()
        fires(one)
        bot.send(signal.SIGHUP)
        one.eventually(lambda: "the configuration was read again" in bot.said, what="the reload")
        one.settles([Told(POOL, "Warning")])
        assert one.calls("chat.postMessage", "chat.update") == 1
        return resolves(one)


@scenario("a time-out before Slack accepted loses nothing", long=True)
def _time_out(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("hang", "chat.postMessage", count=1, seconds=READ_SECONDS + 5)
        fires(one)
        return resolves(one)


@scenario("a time-out after Slack accepted doubles nothing", long=True)
def _time_out_after(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("hang", "chat.postMessage", count=1, seconds=READ_SECONDS + 5, after_accepting=True)
        fires(one)
        return resolves(one)


@scenario("a silence keeps the channel quiet, outlives kill -9, and ends when it is taken back")
def _silence(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        fires(one)
        one.press("Silence 2 h", POOL, "Silenced")
        one.settles([Told(POOL, "Silenced", ("Silenced",))])
        one.kill()
        posts = one.calls("chat.postMessage")
        one.queue(90, POOL)
        one.start_ready()
        one.settles([Told(POOL, "Silenced.*peak 90", ("Silenced",))])
        assert one.calls("chat.postMessage") == posts
        one.press("Unsilence", POOL, "Warning")
        return resolves(one, Told(POOL, "Resolved", ("Silenced", "Silence ended", "Resolved"), may=("Worse",)))


@scenario("what comes in maintenance is told when that is over, though the bot was killed in it", long=True)
def _maintenance(stage: Stage) -> Tally:
    now = Clock().wall()
    over = now + timedelta(seconds=25)
    window = {"name": "upgrade", "from": (now - timedelta(minutes=1)).isoformat(), "to": over.isoformat()}
    with stage.scene(POOL, POOL_STATS_MAINTENANCE=json.dumps([window])) as one:
        one.start_ready()
        one.queue(60, POOL)
        one.eventually(lambda: one.is_silenced(POOL), what="the silence")
        one.kill()
        one.start()
        assert one.collector.about(POOL) == []
        one.eventually(lambda: one.fires(POOL), what="the alert after the maintenance")
        return resolves(one)


@scenario("two processes on one PostgreSQL escalate once", postgresql=True)
def _escalated_by_two(stage: Stage) -> Tally:
    steps = [{"after": "2s", "to": ["slack:#ml-oncall"]}, {"after": "4s", "mention": ["slack:@here"]}]
    routes = json.dumps([{"to": ["slack:#ml-platform"], "escalate": steps}])
    with stage.scene(POOL, on_postgresql=True, POOL_STATS_ROUTES=routes) as one:
        one.start_ready()
        one.start_another()
        fires(one)
        here = Told(POOL, "Warning", ("Escalated to #ml-oncall", "Escalated: nobody"))
        there = Told(POOL, "Warning", ("Escalated: nobody",), channel="ml-oncall")
        one.settles([here, there])
        return resolves(
            one,
            replace(here, state="Resolved", entries=(*here.entries, "Resolved")),
            replace(there, state="Resolved", entries=(*there.entries, "Resolved")),
        )


@scenario("two processes on one database tell everything once")
def _two_processes(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.start_ready()
        one.start_another()
        fires(one, *SOME)
        return resolves(one, *each_resolved(*SOME))


@scenario("two processes on one PostgreSQL tell everything once", postgresql=True)
def _two_on_postgresql(stage: Stage) -> Tally:
    with stage.scene(*SOME, on_postgresql=True) as one:
        one.start_ready()
        one.start_another()
        fires(one, *SOME)
        return resolves(one, *each_resolved(*SOME))


@pytest.mark.parametrize("scenario", PROGRAMME.params())
def test_scenario(scenario: Scenario, company: Company) -> None:
    company.outcome(scenario)
