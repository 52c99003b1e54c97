"""Workspaces come and go, their tokens end, and each sees what is granted to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from bot.core.routes import parse_place
from bot.jobs import deliver
from bot.jobs.undelivered import Elsewhere
from bot.messages.model import Message
from bot.messages.sending import DeliveryError, Label
from bot.sandbox.server import Sandbox
from bot.store import outbox
from bot.store.engine import writing
from bot.store.fencing import fenced
from bot.store.tables import deliveries, slack_workspaces
from tests.databases import sqlite_store
from tests.slack.browsing import FIRST, GRID, IN_GRID, SECOND, Running, install, running, several
from tests.slack.conftest import wait_for

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAID = Message("Queue", "the queue is long")


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    with several() as sandbox:
        yield sandbox


@pytest.fixture
def app(slack: Sandbox, tmp_path: Path) -> Iterator[Running]:
    with running(slack, sqlite_store(tmp_path)) as app:
        yield app


def is_here(app: Running, key: str) -> bool:
    assert app.parts.installations is not None
    return key in app.parts.installations.here()


def put(app: Running, place: str, key: str) -> None:
    with writing(app.engine) as db:
        outbox.put(db, place=parse_place(place), message=SAID, now=NOW, key=key, alert_id=key)


def round_of(app: Running, fallback: str, *, at: datetime = NOW) -> list[str]:
    elsewhere = Elsewhere(parse_place(fallback), (parse_place(f"slack:{FIRST}/U0000000YOU"),))
    done = deliver.deliver(
        app.engine, {"slack": app.parts.sender}, now=at, lease=timedelta(seconds=40), elsewhere=elsewhere
    )
    return [outcome for _, outcome in done.outcomes]


def texts(slack: Sandbox, team: str, channel: str) -> list[str]:
    home = slack.granting.teams[team]
    found = home.channel(channel)
    assert found is not None
    return [message.text for message in home.messages(found.id) if message.bot_id]


@pytest.mark.parametrize("tell", [True, False], ids=["Slack tells of it", "Slack's word of it is lost"])
def test_what_was_for_a_workspace_that_is_gone_is_told_elsewhere_and_a_new_installation_heals(
    slack: Sandbox, app: Running, *, tell: bool
) -> None:
    install(app.url, FIRST, SECOND)
    slack.granting.leave(SECOND, tell=tell)
    if tell:
        wait_for(lambda: not is_here(app, SECOND))
    for number in (1, 2):
        put(app, f"slack:{SECOND}/#ops", f"alert {number}")

    first = round_of(app, f"slack:{FIRST}/#ml-oncall")
    again = round_of(app, f"slack:{FIRST}/#ml-oncall", at=NOW + timedelta(seconds=1))

    assert first.count("given up") == 2
    with app.engine.connect() as db:
        assert not db.execute(select(deliveries.c.id).where(deliveries.c.state == "waiting")).all(), again
    told = texts(slack, FIRST, "ml-oncall")
    assert len(told) == 2
    assert all("the queue is long" in text and "not installed" in text for text in told)
    assert len(texts(slack, FIRST, "D0000000YOU")) == 1
    assert not is_here(app, SECOND)
    assert any(SECOND in about for about in app.parts.health().notes)
    assert app.parts.health().connected

    install(app.url, SECOND)
    put(app, f"slack:{SECOND}/#ops", "alert 3")
    assert round_of(app, f"slack:{FIRST}/#ml-oncall", at=NOW + timedelta(minutes=1)) == ["sent"]
    assert texts(slack, SECOND, "ops") == ["the queue is long"]


def test_the_tokens_of_a_workspace_that_is_gone_are_forgotten(slack: Sandbox, app: Running) -> None:
    install(app.url, SECOND)
    slack.granting.leave(SECOND)
    wait_for(lambda: not is_here(app, SECOND))

    with app.engine.connect() as db:
        assert db.scalars(select(slack_workspaces.c.sealed)).all() == [None]


def test_a_revoked_token_ends_an_installation_and_a_persons_own_does_not(slack: Sandbox, app: Running) -> None:
    install(app.url, SECOND)
    home = slack.granting.teams[SECOND]
    home.send_event({"type": "tokens_revoked", "tokens": {"oauth": ["U0000000YOU"], "bot": []}})
    home.run_command("U0000000YOU", "C0SECONDOPS", "/pool-stats", "x")
    wait_for(lambda: app.bot.asked != [])
    assert is_here(app, SECOND)

    home.send_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0POOLSTATS"]}})
    wait_for(lambda: not is_here(app, SECOND))


def test_late_word_of_an_earlier_end_does_not_end_a_new_installation(slack: Sandbox, app: Running) -> None:
    install(app.url, SECOND)
    late = {"type": "event_callback", "team_id": SECOND, "event_id": "Ev1", "event_time": 1_700_000_000}
    body = json.dumps(late | {"event": {"type": "app_uninstalled"}}).encode()

    assert slack.courier.post(body, "application/json").status == 200
    assert is_here(app, SECOND)


def test_an_uninstalled_organisation_is_gone_with_all_its_workspaces(slack: Sandbox, app: Running) -> None:
    install(app.url, GRID)
    slack.granting.leave(GRID)
    wait_for(lambda: not is_here(app, GRID))

    slack.granting.teams[IN_GRID].run_command("U0000000YOU", "C0GRIDOPS01", "/pool-stats", "x")
    wait_for(lambda: texts(slack, IN_GRID, "grid-ops") != [])
    assert "not installed" in texts(slack, IN_GRID, "grid-ops")[0]
    assert app.bot.asked == []


def test_a_channel_without_a_workspace_is_in_the_only_one_and_of_two_in_none(app: Running) -> None:
    install(app.url, SECOND)
    before = app.parts.sender.post("#ops", SAID, Label("1"))
    install(app.url, FIRST)

    with pytest.raises(DeliveryError, match="several workspaces") as error:
        app.parts.sender.post("#ops", SAID, Label("2"))
    assert error.value.permanent
    assert app.parts.sender.standing_at(before) == "1"


def renew_soon(app: Running) -> None:
    with writing(app.engine) as db:
        db.execute(update(slack_workspaces).values(expires_at=datetime.now(UTC) + timedelta(minutes=5)))  # noqa: TID251


def renewals(slack: Sandbox) -> list[str]:
    """What came of each."""
    asked = slack.calls.of("oauth.v2.access")
    return [call.outcome for call in asked if call.args.get("grant_type") == "refresh_token"]


def test_processes_that_find_a_token_about_to_end_renew_it_once(slack: Sandbox, database_url: str) -> None:
    slack.switches.token_rotation = True
    with ExitStack() as opened:
        processes = [opened.enter_context(running(slack, database_url)) for _ in range(2)]
        install(processes[0].url, SECOND)
        renew_soon(processes[0])
        # Slack takes its time, so that all of them are there before the first is done.
        slack.misbehave("slow", "oauth.v2.access", seconds=0.5)
        start, problems = threading.Barrier(4), list[str]()

        def post(app: Running, number: int) -> None:
            start.wait(10)
            try:
                app.parts.sender.post(f"{SECOND}/C0SECONDOPS", SAID, Label(f"{number}"))
            except DeliveryError as error:
                problems.append(str(error))

        threads = [threading.Thread(target=post, args=(processes[n % 2], n)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert renewals(slack) == ["ok"]
    assert problems == []
    assert len(texts(slack, SECOND, "ops")) == 4


def test_others_write_while_slack_is_asked_for_a_new_token(slack: Sandbox, app: Running) -> None:
    slack.switches.token_rotation = True
    install(app.url, SECOND)
    renew_soon(app)
    slack.misbehave("slow", "oauth.v2.access", seconds=1.5)

    def claimed() -> bool:
        with app.engine.connect() as db:
            return db.scalars(select(slack_workspaces.c.renewing_until)).one() is not None

    posts = threading.Thread(target=app.parts.sender.post, args=(f"{SECOND}/#ops", SAID, Label("1")))
    posts.start()
    wait_for(claimed)
    put(app, f"slack:{SECOND}/#ops", "alert 1")
    was_still_asking = claimed()
    posts.join(30)

    assert was_still_asking
    assert not claimed()
    assert len(texts(slack, SECOND, "ops")) == 1


def test_a_renewal_whose_process_died_is_taken_over_after_its_lease(slack: Sandbox, database_url: str) -> None:
    slack.switches.token_rotation = True
    with running(slack, database_url) as app:
        install(app.url, SECOND)
        renew_soon(app)
        lease = datetime.now(UTC) + timedelta(seconds=1)  # noqa: TID251
        with writing(app.engine) as db:
            db.execute(update(slack_workspaces).values(renewing_until=lease))

        app.parts.sender.post(f"{SECOND}/C0SECONDOPS", SAID, Label("1"))

    assert datetime.now(UTC) >= lease  # noqa: TID251
    assert renewals(slack) == ["ok"]
    assert len(texts(slack, SECOND, "ops")) == 1


def test_a_new_token_that_the_store_did_not_take_is_kept_later(slack: Sandbox, app: Running) -> None:
    slack.switches.token_rotation = True
    install(app.url, SECOND)
    renew_soon(app)
    refuse = "BEFORE UPDATE OF sealed ON slack_workspaces BEGIN SELECT RAISE(ABORT, 'not now'); END"
    with writing(app.engine) as db:
        db.execute(text(f"CREATE TRIGGER refuse {refuse}"))
    with pytest.raises(DeliveryError, match="could not be renewed") as error:
        app.parts.sender.post(f"{SECOND}/#ops", SAID, Label("1"))
    with writing(app.engine) as db:
        db.execute(text("DROP TRIGGER refuse"))

    app.parts.sender.post(f"{SECOND}/#ops", SAID, Label("1"))

    assert not error.value.permanent
    assert renewals(slack) == ["ok"]
    with app.engine.connect() as db:
        (ends,) = db.scalars(select(slack_workspaces.c.expires_at)).all()
    assert ends > datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251


def test_a_token_that_slack_renewed_is_kept_though_the_lead_was_lost_meanwhile(slack: Sandbox, app: Running) -> None:
    slack.switches.token_rotation = True
    install(app.url, SECOND)
    renew_soon(app)

    with fenced(lambda: False):
        app.parts.sender.post(f"{SECOND}/C0SECONDOPS", SAID, Label("1"))

    with app.engine.connect() as db:
        (ends,) = db.scalars(select(slack_workspaces.c.expires_at)).all()
    assert ends > datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251
    assert len(texts(slack, SECOND, "ops")) == 1


def test_a_token_that_cannot_be_renewed_is_used_while_it_is_good(slack: Sandbox, app: Running) -> None:
    slack.switches.token_rotation = True
    install(app.url, SECOND)
    renew_soon(app)
    slack.misbehave("status", "oauth.v2.access", status=503)

    app.parts.sender.post(f"{SECOND}/#ops", SAID, Label("1"))
    with writing(app.engine) as db:
        db.execute(update(slack_workspaces).values(expires_at=datetime.now(UTC) - timedelta(minutes=5)))  # noqa: TID251
    assert app.parts.installations is not None
    slack.behave()
    wait_for(lambda: app.parts.sender.post(f"{SECOND}/#ops", SAID, Label("2")) is not None)
    assert len(texts(slack, SECOND, "ops")) == 2
