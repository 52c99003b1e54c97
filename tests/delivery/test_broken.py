"""Is every channel right after what other systems are not tried on: broken replies, platforms, databases, processes?"""

import json
import signal
import time

import psycopg
import pytest

from tests.delivery.acting import POOL, SOME, each_resolved, fires, resolves
from tests.delivery.collector import Tally, Told
from tests.delivery.scene import time_passes
from tests.delivery.stage import Company, Programme, Scenario, Stage

# A client of Slack waits for ten seconds for an answer, and looks at the channel two seconds later.
READ_SECONDS = 10.0

PROGRAMME = Programme()
scenario = PROGRAMME.scenario


@scenario("replies that are cut after Slack accepted double neither messages nor edits nor entries")
def _cut(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("cut", "chat.postMessage", count=1)
        fires(one)
        one.misbehave("cut", "chat.update", count=1)
        one.misbehave("cut", "chat.postMessage", count=1)
        one.press("Acknowledge", POOL, "Acknowledged")
        one.misbehave("reset", "chat.update", count=1, after_accepting=True)
        one.misbehave("reset", "chat.postMessage", count=1, after_accepting=True)
        return resolves(one, Told(POOL, "Resolved", ("Acknowledged", "Resolved"), may=("Worse",)))


@scenario("what Slack accepts after the channel was read back is taken back within a minute", long=True, repeats=1)
def _accepted_late(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        one.misbehave("slow", "chat.postMessage", count=1, seconds=READ_SECONDS + 4)
        fires(one)
        one.eventually(lambda: len(one.collector.about(POOL)) == 2, what="the repeat")
        began = time.monotonic()
        one.eventually(lambda: len(one.collector.about(POOL)) == 1, what="its end", within=60)
        assert time.monotonic() - began < 60
        return resolves(one)


@scenario("Slack answers 503 to everything for a while, and nothing is lost or doubled")
def _down(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.start_ready()
        one.misbehave("status", status=503)
        one.queue(60, *SOME)
        time_passes(6)
        one.sandbox.behave()
        one.eventually(lambda: all(one.fires(pool) for pool in SOME), within=60, what="the alerts")
        return resolves(one, *each_resolved(*SOME))


@scenario("a storm of 429 delays everything and loses nothing")
def _limited(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.start_ready()
        one.misbehave("ratelimited", ("chat.postMessage", "chat.update"), probability=0.5, retry_after=1)
        one.queue(60, *SOME)
        one.eventually(lambda: all(one.is_open(pool) for pool in SOME), what="all alerts")
        one.queue(3, *SOME)
        one.eventually(lambda: not any(one.is_open(pool) for pool in SOME), what="their end")
        time_passes(4)
        one.sandbox.behave()
        return one.settles([Told(pool, "Resolved", may=("Resolved",)) for pool in SOME])


@scenario("Slack's side goes away and comes again")
def _slack_restarts(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.start_ready()
        one.queue(60, *SOME)
        one.eventually(lambda: len(one.collector.messages()) > 1, what="the first alerts")
        one.restart_slack(away_for=3)
        one.eventually(lambda: all(one.fires(pool) for pool in SOME), within=60, what="the alerts")
        return resolves(one, *each_resolved(*SOME))


@scenario("a database that is locked for seconds loses and doubles nothing")
def _locked(stage: Stage) -> Tally:
    with stage.scene(*SOME) as one:
        one.env["DATABASE_URL"] += "?timeout=0.2"
        one.start_ready()
        one.queue(60, *SOME)
        one.eventually(lambda: len(one.collector.messages()) > 1, what="the first alerts")
        with one.database_locked():
            time_passes(4)
        one.eventually(lambda: all(one.fires(pool) for pool in SOME), within=60, what="the alerts")
        return resolves(one, *each_resolved(*SOME))


@scenario("connections to PostgreSQL that are dropped again and again lose and double nothing", postgresql=True)
def _dropped(stage: Stage) -> Tally:
    with stage.scene(*SOME, on_postgresql=True) as one:
        one.start_ready()
        one.queue(60, *SOME)
        ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        theirs = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for _ in range(12):
            with psycopg.connect(one.database, autocommit=True) as db:
                (dropped,) = db.execute(f"{ours} {theirs}").fetchone() or (0,)
                one.faults += dropped
            time_passes(0.3)
        one.eventually(lambda: all(one.fires(pool) for pool in SOME), within=60, what="the alerts")
        return resolves(one, *each_resolved(*SOME))


@scenario(
    "a leader that is stopped before it posts, until another one leads, doubles nothing", postgresql=True, repeats=1
)
def _stopped(stage: Stage) -> Tally:
    with stage.scene(POOL, on_postgresql=True, POOL_STATS_SCALE__LEASE="2s") as one:
        stopped_at = "before POST /api/chat.postMessage #1"
        sleeper = one.start(last=stopped_at, how=signal.SIGSTOP)
        one.eventually(one.is_ready, what="readiness", revive=False)
        one.start_another()
        one.queue(60, POOL)
        one.eventually(lambda: stopped_at in sleeper.boundaries(), what="the stop")
        one.faults += 1
        one.eventually(lambda: one.fires(POOL), what="the alert, told by the other one")
        sleeper.send(signal.SIGCONT)
        # Either it posts, and that is taken back, or its connection is gone, and it finds what the other one posted.
        one.eventually(lambda: sleeper.boundaries()[-1] != stopped_at, what="its waking")
        return resolves(one)


@scenario("a message that a person deleted is posted anew once when the alert changes")
def _deleted(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        one.start_ready()
        fires(one)
        gone = one.message(POOL)
        one.sandbox.workspace.delete(gone.channel, gone.ts)
        one.faults += 1
        one.queue(90, POOL)
        one.eventually(lambda: one.shows(POOL, "peak 90"), what="the new message")
        tally = resolves(one)
        tally.taken_back -= 1  # by the person
        return tally


@scenario("without the right to read the history a message may come twice, and says so")
def _blind(stage: Stage) -> Tally:
    with stage.scene(POOL) as one:
        rights = {"channels:history", "groups:history", "im:history", "mpim:history"}
        one.sandbox.switches.scopes -= rights
        one.start_ready()
        fires_once = Told(POOL, "Warning")
        one.misbehave("cut", "chat.postMessage", count=1)
        one.queue(60, POOL)
        one.eventually(lambda: len(one.collector.about(POOL)) == 2, what="the repeat")
        first, second = one.collector.about(POOL)
        assert "may have been told before" in second.text
        assert "may have been told before" not in first.text
        one.settles([fires_once, fires_once], blind=True)
        one.queue(3, POOL)
        one.eventually(lambda: one.shows(POOL, "Resolved"), what="the end")
        return one.settles([Told(POOL, "Resolved", ("Resolved",)), fires_once], blind=True)


@scenario("what cannot be told in an archived channel is told once in the fallback channel")
def _archived(stage: Stage) -> Tally:
    routes = json.dumps([{"to": ["slack:#old-cluster"]}])
    with stage.scene(POOL, POOL_STATS_ROUTES=routes, POOL_STATS_DELIVERY__FALLBACK="slack:#ml-platform") as one:
        one.start_ready()
        one.faults += 1
        fires(one)
        one.queue(3, POOL)
        one.eventually(lambda: one.shows(POOL, "Resolved"), what="the end")
        return one.settles([Told(POOL, "Resolved", may=("Resolved",))], some_wait=True)


@pytest.mark.parametrize("scenario", PROGRAMME.params())
def test_scenario(scenario: Scenario, company: Company) -> None:
    company.outcome(scenario)
