"""The digests of a channel: added in words and with a form, posted at once, removed and had back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from bot.core.access import Access, Grant
from bot.core.alerts import Event, Move, State
from bot.core.command import Asker
from bot.core.planning_words import AboutDigests, planning
from bot.core.routes import Place
from bot.core.rules.model import SHIPPED
from bot.cron import Cron
from bot.jobs import planning as job
from bot.jobs.deliver import deliver
from bot.jobs.desk import Desk
from bot.jobs.digest import digests
from bot.jobs.planned_digests import Planned, made_in_chat
from bot.jobs.telling import Moment
from bot.messages.form import Form, Misfilled, shown
from bot.messages.model import Message, to_json
from bot.messages.sending import Posted
from bot.store import alerts, audit, outbox, planned, samples
from bot.store.engine import reading, writing
from bot.store.rollups import roll_up
from bot.store.tables import posts
from tests.building import MINUTE, POOL, an_alert, stats
from tests.jobs.chat import Chat
from tests.jobs.test_digest import NINE

ANN = Asker("slack", "T1", "C1", "UANN", "ann", zone="Asia/Shanghai")
BOB = Asker("slack", "T1", "C2", "UBOB", "bob")
DAY = timedelta(days=1)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A store with eight days of readings: 10 queued jobs a week ago, 20 the day before, 50 on the last day."""
    with writing(engine) as db:
        for hour in range(8 * 24 * 2):
            queue = 50 if hour >= 7 * 48 else 20 if hour >= 6 * 48 else 10
            samples.save_reading(db, stats(NINE - 8 * DAY + hour * 30 * MINUTE, train={"Queue": queue, "Failed": 0}))
    roll_up(engine, now=NINE)
    return Desk(engine, Access(), SHIPPED, (), (POOL,), Moment(NINE, NINE), passed=timedelta, changed=lambda: None)


def ask(desk: Desk, text: str, asker: Asker = ANN) -> Message | Form:
    about = planning("/pool-digest", text)
    assert isinstance(about, AboutDigests)
    return job.answered(about, asker, desk, [Planned(Cron("0 18 * * *", "UTC"), (Place("slack", "#ops"),), None)])


def said(desk: Desk, text: str, asker: Asker = ANN) -> Message:
    answer = ask(desk, text, asker)
    assert isinstance(answer, Message)
    return answer


def made(desk: Desk) -> list[planned.KeptDigest]:
    with reading(desk.engine) as db:
        return planned.digests(db)


def posted(desk: Desk, at: timedelta = MINUTE) -> list[Message]:
    chat = Chat()
    deliver(desk.engine, {"slack": chat}, now=NINE + at, lease=MINUTE)
    return list(chat.standing.values())


@pytest.mark.parametrize(
    ("text", "cron", "zone", "pools"),
    [
        pytest.param("add 09:00", "0 9 * * *", "Asia/Shanghai", None, id="a time is every day, where one lives"),
        pytest.param("add at 9:30 on weekdays in UTC train-*", "30 9 * * mon-fri", "UTC", ("train-*",), id="all of it"),
        pytest.param("add cron */30 8-18 * * mon Europe/Paris", "*/30 8-18 * * mon", "Europe/Paris", None, id="cron"),
        pytest.param("add mon,thu 18:05 a-*, b", "5 18 * * mon,thu", "Asia/Shanghai", ("a-*", "b"), id="some pools"),
    ],
)
def test_a_digest_is_added_in_words(desk: Desk, text: str, cron: str, zone: str, pools: tuple[str, ...] | None) -> None:
    assert "planned" in said(desk, text).title

    assert [(each.place, each.cron, each.timezone, each.pools) for each in made(desk)] == [
        (Place("slack", "C1"), cron, zone, pools)
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("add train-*", "it is not said when", id="no time"),
        pytest.param("add cron 0 9", "is not a cron expression", id="half a cron"),
        pytest.param("add 09:00 Mars/Olympus", "there is no time zone 'Mars/Olympus'", id="no such zone"),
        pytest.param("add cron 0 9 31 2 *", "never comes", id="a day that never comes"),
    ],
)
def test_what_cannot_be_planned_is_explained(desk: Desk, text: str, why: str) -> None:
    assert why in said(desk, text).summary.replace("It is", "it is").replace("There is", "there is")
    assert made(desk) == []


def test_the_form_plans_the_same(desk: Desk) -> None:
    form = ask(desk, "add")
    assert isinstance(form, Form)
    typed = {field.name: shown(field) for field in form.fields}

    job.submitted(typed | {"at": "8:05"}, ANN, desk)

    assert [(each.cron, each.timezone, each.pools) for each in made(desk)] == [
        ("5 8 * * mon-fri", "Asia/Shanghai", None)
    ]
    for wrong in ({"at": "25:00"}, {"at": "soon"}, {"zone": "nowhere"}, {"days": "never"}):
        with pytest.raises(Misfilled) as problem:
            job.submitted(typed | wrong, ANN, desk)
        assert list(problem.value.problems) == list(wrong)


def test_the_same_digest_twice_is_one(desk: Desk) -> None:
    said(desk, "add 09:00")
    said(desk, "add 09:00")

    assert len(made(desk)) == 1


def test_a_digest_is_removed_and_had_back_in_its_own_channel_only_and_on_record(desk: Desk) -> None:
    said(desk, "add 09:00")
    (one,) = made(desk)
    said(desk, f"remove {one.id}", BOB)
    assert made(desk) == [one]

    assert said(desk, "remove").title == "The digest is removed"
    assert made(desk) == []
    said(desk, f"restore {one.id}")

    assert len(made(desk)) == 1
    with reading(desk.engine) as db:
        assert [each.action for each in audit.entries(db, limit=9)][::-1] == [
            "add digest",
            "remove digest",
            "restore digest",
        ]


def test_the_list_shows_those_of_this_channel_and_of_the_file(desk: Desk) -> None:
    said(desk, "add 09:00")

    assert "09:00 every day (Asia/Shanghai)" in to_json(said(desk, ""))
    # Neither has anything to do with the other channel, and the file's digest goes to #ops.
    assert "18:00" not in to_json(said(desk, ""))
    assert "Asia/Shanghai" not in to_json(said(desk, "", BOB))
    assert said(desk, "", BOB).title == "No digests"

    assert "18:00" in to_json(said(desk, "", replace(BOB, room="#ops")))


def test_a_channel_is_known_by_its_name_once_something_was_told_there(desk: Desk) -> None:
    with writing(desk.engine) as db:
        there = {"platform": "slack", "channel": "#ops", "posted_channel": "C2", "posted_message": "1"}
        db.execute(insert(posts).values(alert_id="a1", at=NINE, **there))

    assert "18:00" in to_json(said(desk, "", BOB))
    assert "18:00" not in to_json(said(desk, ""))


def test_only_admins_plan_where_there_are_any(desk: Desk) -> None:
    strict = replace(desk, access=Access(admins=("slack:UANN",)))

    assert "Only the bot’s admins" in said(strict, "add 09:00", BOB).summary
    assert "Only the bot’s admins" in job.submitted({}, BOB, strict).summary
    assert made(strict) == []


def test_a_digest_made_in_chat_is_put_when_it_is_due(desk: Desk) -> None:
    said(desk, "add 09:00 UTC")
    with reading(desk.engine) as db:
        every = made_in_chat(db)

    assert digests(every, [POOL], engine=desk.engine, at=desk.at) == 1
    assert digests(every, [POOL], engine=desk.engine, at=desk.at) == 0


def test_a_digest_says_what_changed_against_yesterday_and_last_week(desk: Desk) -> None:
    assert said(desk, "now").summary.startswith("1 digest will stand")

    (message,) = posted(desk)
    assert "Queue 50 on average, +30 against the day before, +40 against a week before" in to_json(message)
    assert "Moved most: train-a100" in message.summary
    assert "0 messages in this channel" in to_json(message)


def test_a_digest_asked_for_twice_in_a_minute_is_posted_once(desk: Desk) -> None:
    said(desk, "now")
    assert "already" in said(desk, "now").summary

    assert len(posted(desk)) == 1


def test_a_digest_says_how_alerts_were_dealt_with_and_how_much_the_channel_got(desk: Desk) -> None:
    said(desk, "now")
    posted(desk)
    fired = NINE - 60 * MINUTE
    over = an_alert(state=State.RESOLVED, began_at=fired, fired_at=fired, resolved_at=fired + 30 * MINUTE)
    seen = Move(fired + 6 * MINUTE, Event.ACKNOWLEDGE, State.FIRING, State.ACKNOWLEDGED, "acknowledged", "slack:U1")
    with writing(desk.engine) as db:
        alerts.save(db, over, (seen,))

    later = NINE + 2 * MINUTE
    said(replace(desk, at=Moment(later, later)), "now")
    (message,) = posted(desk, 3 * MINUTE)

    assert "1 alert opened, 1 over; acknowledged after 6 min at the median; over after 30 min" in to_json(message)
    assert "1 message in this channel" in to_json(message)


def test_a_digest_counts_what_the_channel_got_under_its_name_too(desk: Desk) -> None:
    with writing(desk.engine) as db:
        outbox.put(db, place=Place("slack", "#ops"), message=Message("An alert", "It is one."), now=NINE - MINUTE)
    (waits,) = outbox.claim_due(desk.engine, now=NINE - MINUTE, lease=MINUTE)
    outbox.done(desk.engine, waits, Posted("C2", "1"), now=NINE - MINUTE)

    said(desk, "now", BOB)
    (message,) = posted(desk)

    assert "1 message in this channel" in to_json(message)


def test_now_posts_the_digest_that_the_file_plans_for_the_channel(desk: Desk) -> None:
    about = planning("/pool-digest", "now")
    assert isinstance(about, AboutDigests)
    in_file = [Planned(Cron("0 18 * * *", "UTC"), (Place("slack", "#ops"),), ("none-*",))]

    job.answered(about, replace(BOB, room="#ops"), desk, in_file)

    (message,) = posted(desk)
    assert "train-a100" not in to_json(message)


def test_a_channel_is_told_nothing_of_pools_that_it_may_not_see(desk: Desk) -> None:
    said(replace(desk, access=Access(grants=(Grant(("train-*",), ("slack:C9",)),))), "now")

    (message,) = posted(desk)
    assert "train-a100" not in to_json(message)
