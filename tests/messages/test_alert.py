"""What does a person read about an alert, as it stands and as it changes?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.alerts import Alert, Event, State, move
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus
from bot.messages.alert import alert_entry, alert_message, open_alerts_message
from bot.messages.model import Footnote, Message, Paragraph, Tone, Verb
from tests.building import MINUTE, NOON, POOL, an_alert
from tests.messages.reading import codes, lines, moments, presses, text

FIRED = NOON - 12 * MINUTE
PERSON = "slack:U012ABC"
QUEUE = an_alert(
    id="7",
    began_at=FIRED,
    changed_at=FIRED,
    seen_at=FIRED,
    value=94,
    peak=94,
    why="Queue 94; usual here 2–9",
    fired_at=FIRED,
)
FAILURES = replace(
    QUEUE,
    id="8",
    rule="failures spike",
    metric=JobStatus.FAILED,
    severity=Severity.CRITICAL,
    job_type="train",
    value=11,
    peak=11,
    why="11 more Failed within 15 minutes; usual here 0–1",
)
ACKNOWLEDGED, ACKNOWLEDGE = move(QUEUE, Event.ACKNOWLEDGE, at=NOON, why="acknowledged", actor=PERSON)
UNTIL = NOON + timedelta(hours=2)
SILENCED, SILENCE = move(QUEUE, Event.SILENCE, at=NOON, why="silenced", actor=PERSON, until=UNTIL)
WELL = replace(QUEUE, value=8, seen_at=NOON, clear_since=NOON)
RESOLVED, CLEARED = move(WELL, Event.CLEARED, at=NOON, why="Queue 8; usual here 2–9")
CLOSED, GONE = move(QUEUE, Event.GONE, at=NOON, why="its rule does not cover this pool any more")
GONE_WHILE_BETTER, _ = move(WELL, Event.GONE, at=NOON + MINUTE, why="its rule does not cover this pool any more")
STALE = replace(QUEUE, stale_since=FIRED + MINUTE)
ABOUT = "queue spike in train-a100"
PENDING = replace(QUEUE, state=State.PENDING, fired_at=None)


def told(alert: Alert) -> Message:
    return alert_message(alert, now=NOON)


def test_an_alert_says_what_is_wrong_how_much_compared_with_what_and_since_when() -> None:
    message = told(QUEUE)

    assert message.title == "Warning: queue spike in train-a100"
    assert lines(message)[0] == "Queue 94; usual here 2–9"
    assert "Since: 11:48" in lines(message)
    assert "Peak: 94" in lines(message)
    assert "Seen last: Queue 94, 11:48" in lines(message)
    assert message.summary == (
        "Warning: queue spike in train-a100. Queue 94; usual here 2–9, since 11:48 UTC, peak 94."
    )


def test_an_alert_about_one_job_type_names_it() -> None:
    message = told(FAILURES)

    assert message.title == "Critical: failures spike (train jobs) in train-a100"
    assert "Seen last: 11 more Failed, 11:48" in lines(message)


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        pytest.param(QUEUE, "New with this reading.", id="new"),
        pytest.param(
            replace(QUEUE, value=120, peak=120, seen_at=NOON), "At its peak so far, 120, as of 12:00.", id="worse"
        ),
        pytest.param(
            replace(QUEUE, fired_at=FIRED + 10 * MINUTE, seen_at=FIRED + 10 * MINUTE),
            "New: it has lasted 10 min, as long as its rule waits.",
            id="new after a wait",
        ),
        pytest.param(
            replace(QUEUE, value=50, peak=120, seen_at=NOON), "Goes on; the peak was 120.", id="past its peak"
        ),
        pytest.param(WELL, "Better, Queue 8, since 12:00; it ends if that lasts.", id="better"),
        pytest.param(ACKNOWLEDGED, "Acknowledged by slack:U012ABC.", id="acknowledged"),
        pytest.param(SILENCED, "Silenced until 14:00 by slack:U012ABC.", id="silenced"),
        pytest.param(
            RESOLVED, "Recovered after 12 min. Last sign of trouble: Queue 94; usual here 2–9.", id="recovered"
        ),
        pytest.param(CLOSED, "Closed after 12 min: its pool or its rule is not watched any more.", id="closed"),
        pytest.param(PENDING, "Waiting to see whether it lasts; nobody has been told.", id="pending"),
    ],
)
def test_an_alert_says_why_it_is_told_now(alert: Alert, reason: str) -> None:
    assert lines(told(alert))[1] == reason


@pytest.mark.parametrize("alert", [STALE, replace(ACKNOWLEDGED, stale_since=NOON), replace(SILENCED, stale_since=NOON)])
def test_a_pool_that_cannot_be_seen_is_no_recovery(alert: Alert) -> None:
    message = told(alert)

    assert "(not seen now)" in message.title
    assert "ModelArts cannot be read. This is not a recovery." in lines(message)[1]
    assert "this is not a recovery" in message.summary
    assert message.tone is not Tone.GOOD


def test_a_pool_that_cannot_be_seen_says_since_when() -> None:
    assert lines(told(STALE))[1].startswith("Not seen since 11:49:")
    assert FIRED + MINUTE in moments(told(STALE))


def test_who_acknowledged_is_kept_while_the_pool_cannot_be_seen() -> None:
    assert lines(told(replace(ACKNOWLEDGED, stale_since=NOON)))[1].endswith("It is acknowledged by slack:U012ABC.")


@pytest.mark.parametrize(
    ("alert", "title"),
    [
        pytest.param(QUEUE, "Warning: queue spike in train-a100", id="firing"),
        pytest.param(replace(QUEUE, severity=Severity.INFO), "Info: queue spike in train-a100", id="firing info"),
        pytest.param(ACKNOWLEDGED, "Acknowledged warning: queue spike in train-a100", id="acknowledged"),
        pytest.param(SILENCED, "Silenced warning: queue spike in train-a100", id="silenced"),
        pytest.param(RESOLVED, "Resolved: queue spike in train-a100", id="resolved"),
        pytest.param(CLOSED, "Closed: queue spike in train-a100", id="closed"),
    ],
)
def test_the_title_says_the_state_and_the_severity_in_words(alert: Alert, title: str) -> None:
    assert told(alert).title == title


@pytest.mark.parametrize(
    ("alert", "tone"),
    [
        pytest.param(FAILURES, Tone.CRITICAL, id="critical"),
        pytest.param(QUEUE, Tone.WARNING, id="warning"),
        pytest.param(replace(QUEUE, severity=Severity.INFO), Tone.NEUTRAL, id="info"),
        pytest.param(ACKNOWLEDGED, Tone.NEUTRAL, id="acknowledged"),
        pytest.param(SILENCED, Tone.NEUTRAL, id="silenced"),
        pytest.param(RESOLVED, Tone.GOOD, id="resolved"),
        pytest.param(CLOSED, Tone.NEUTRAL, id="closed"),
    ],
)
def test_the_tone_follows_state_and_severity(alert: Alert, tone: Tone) -> None:
    assert told(alert).tone is tone


SHOW = (Verb.SHOW, POOL.id)
CHART = (Verb.SHOW, f"{POOL.id} chart 24h")
WHY = (Verb.SHOW, f"{POOL.id} why")
JOBS = (Verb.SHOW, f"{POOL.id} jobs Queue")
LONGER = [(Verb.SILENCE, f"7 {length}") for length in ("30m", "tomorrow", "custom")]


@pytest.mark.parametrize(
    ("alert", "buttons"),
    [
        pytest.param(
            QUEUE, [(Verb.ACKNOWLEDGE, "7"), (Verb.SILENCE, "7 2h"), SHOW, CHART, WHY, JOBS, *LONGER], id="firing"
        ),
        pytest.param(
            ACKNOWLEDGED,
            [(Verb.UNACKNOWLEDGE, "7"), (Verb.SILENCE, "7 2h"), SHOW, CHART, WHY, JOBS, *LONGER],
            id="acknowledged",
        ),
        pytest.param(SILENCED, [(Verb.UNSILENCE, "7"), SHOW, CHART, WHY, JOBS], id="silenced"),
        pytest.param(RESOLVED, [SHOW, CHART], id="resolved"),
        pytest.param(PENDING, [SHOW, CHART], id="pending"),
    ],
)
def test_the_buttons_are_the_moves_that_the_state_allows(alert: Alert, buttons: list[tuple[Verb, str]]) -> None:
    assert presses(told(alert)) == buttons


def test_an_alert_leads_to_the_jobs_behind_its_count() -> None:
    failing = replace(QUEUE, metric=JobStatus.FAILED)

    assert (Verb.SHOW, f"{POOL.id} jobs Failed") in presses(told(failing))
    assert [press for press in presses(told(replace(QUEUE, metric=None))) if press[0] is Verb.SHOW] == [SHOW, CHART]


EVENTS = {
    Verb.ACKNOWLEDGE: Event.ACKNOWLEDGE,
    Verb.UNACKNOWLEDGE: Event.UNACKNOWLEDGE,
    Verb.SILENCE: Event.SILENCE,
    Verb.UNSILENCE: Event.SILENCE_OVER,
}


@pytest.mark.parametrize("alert", [QUEUE, ACKNOWLEDGED, SILENCED, RESOLVED, PENDING], ids=lambda alert: alert.state)
def test_no_button_asks_for_a_move_that_would_be_refused(alert: Alert) -> None:
    for button in told(alert).buttons:
        if button.verb in EVENTS:
            move(alert, EVENTS[button.verb], at=NOON, why="pressed", actor=PERSON, until=UNTIL)


def test_people_are_shown_as_code() -> None:
    assert PERSON in codes(told(ACKNOWLEDGED))


def test_a_resolved_alert_says_what_it_was_and_what_was_seen_last() -> None:
    assert lines(told(RESOLVED))[0] == "Queue 8 seen last, after a peak of 94"
    assert told(RESOLVED).summary == (
        "Resolved: queue spike in train-a100. Recovered after 12 min: Queue 8 seen last, peak 94. "
        "Last sign of trouble: Queue 94; usual here 2–9."
    )


@pytest.mark.parametrize(
    ("alert", "took", "seen"),
    [
        pytest.param(CLOSED, "12 min", "Queue 94", id="in trouble"),
        pytest.param(GONE_WHILE_BETTER, "13 min", "Queue 8", id="while it was getting better"),
    ],
)
def test_an_alert_whose_rule_or_pool_is_gone_is_closed_and_not_resolved(alert: Alert, took: str, seen: str) -> None:
    message = told(alert)

    assert message.title == f"Closed: {ABOUT}"
    assert message.summary == (
        f"Closed: {ABOUT}. Closed after {took}, as its pool or its rule is not watched any more: "
        f"{seen} seen last, peak 94. Last sign of trouble: Queue 94; usual here 2–9."
    )
    assert lines(message)[1] == f"Closed after {took}: its pool or its rule is not watched any more."
    assert lines(alert_entry(alert, GONE, now=NOON))[0].startswith(f"Closed after {took}: {ABOUT}")
    assert message.tone is Tone.NEUTRAL


def test_an_open_alert_holds_no_age_that_would_be_wrong_a_minute_later() -> None:
    assert alert_message(QUEUE, now=NOON) == alert_message(QUEUE, now=NOON + timedelta(minutes=40))


def test_the_alerts_own_name_and_the_pools_id_are_in_the_small_print() -> None:
    assert isinstance(told(QUEUE).blocks[-1], Footnote)
    assert lines(told(QUEUE))[-1] == f"Alert 7 · pool {POOL.id} · rule queue spike, warning"


@pytest.mark.parametrize(
    ("alert", "made", "line"),
    [
        pytest.param(RESOLVED, CLEARED, f"Resolved after 12 min: {ABOUT} · Queue 8; usual here 2–9", id="resolved"),
        pytest.param(
            CLOSED, GONE, f"Closed after 12 min: {ABOUT} · its rule does not cover this pool any more", id="closed"
        ),
        pytest.param(
            ACKNOWLEDGED, ACKNOWLEDGE, f"Acknowledged by slack:U012ABC: {ABOUT} (Queue 94)", id="acknowledged"
        ),
        pytest.param(SILENCED, SILENCE, f"Silenced until 14:00 by slack:U012ABC: {ABOUT} (Queue 94)", id="silenced"),
        pytest.param(
            *move(ACKNOWLEDGED, Event.UNACKNOWLEDGE, at=NOON, why="", actor=PERSON),
            f"No longer acknowledged; taken back by slack:U012ABC: {ABOUT} (Queue 94)",
            id="taken back",
        ),
        pytest.param(
            *move(SILENCED, Event.SILENCE_OVER, at=UNTIL, why=""),
            f"Silence ended, still open: {ABOUT} (Queue 94)",
            id="silence over",
        ),
        pytest.param(
            *move(PENDING, Event.HELD, at=NOON, why="Queue 94, above 50"),
            f"Told: {ABOUT} · Queue 94, above 50",
            id="told",
        ),
    ],
)
def test_what_happened_to_an_alert_is_one_line_that_is_readable_on_its_own(
    alert: Alert, made: object, line: str
) -> None:
    message = alert_entry(alert, made, now=NOON)  # type: ignore[arg-type] # pytest.param loses the type

    assert lines(message) == [line]
    assert len(message.blocks) == 1
    assert isinstance(message.blocks[0], Paragraph)
    assert message.title == ""
    assert message.summary.rstrip(".").replace(" UTC", "") == line


def test_every_event_has_an_entry() -> None:
    for event in Event:
        assert alert_entry(SILENCED, replace(SILENCE, event=event), now=NOON).summary


def test_nothing_open_is_good_news() -> None:
    message = open_alerts_message([], now=NOON)

    assert message.title == "No open alerts"
    assert message.tone is Tone.GOOD


def test_open_alerts_are_listed_the_most_urgent_first() -> None:
    older = replace(QUEUE, id="9", began_at=NOON - timedelta(hours=2), rule="long queue")
    message = open_alerts_message([QUEUE, older, FAILURES], now=NOON)

    assert [line.split(" · ")[0] for line in lines(message)] == [
        "Critical: failures spike (train jobs) in train-a100",
        "Warning: long queue in train-a100",
        "Warning: queue spike in train-a100",
    ]
    assert message.title == "3 open alerts"
    assert message.summary.startswith("3 open alerts: 1 critical, 2 warning. First: failures spike")
    assert message.tone is Tone.CRITICAL
    assert presses(message) == [SHOW]


def test_the_list_says_how_each_alert_stands() -> None:
    said = text(open_alerts_message([ACKNOWLEDGED, SILENCED, STALE], now=NOON))

    assert "acknowledged by slack:U012ABC" in said
    assert "silenced until 14:00 by slack:U012ABC" in said
    assert "not seen since 11:49" in said
    assert "1 of 3 not seen now" in said


def test_the_list_leaves_out_what_nobody_was_told_of_and_what_is_over() -> None:
    assert open_alerts_message([PENDING, RESOLVED], now=NOON).title == "No open alerts"


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    message = open_alerts_message([replace(QUEUE, id=str(number)) for number in range(30)], now=NOON)

    assert lines(message)[-1] == "+10 more open alerts: /pool-alerts"


def test_a_person_is_told_by_name_where_it_is_known_else_by_id() -> None:
    named, _ = move(QUEUE, Event.ACKNOWLEDGE, at=NOON, why="acknowledged", actor="slack:U012ABC the_oncall")

    assert "by the_oncall" in text(alert_message(named, now=NOON))
    assert "slack:U012ABC" in text(alert_message(ACKNOWLEDGED, now=NOON))
