"""Is nothing sent only to be refused, and nothing held back for longer than it must be?"""

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pace import CHANNEL, METHODS, Limit, Pace
from tests.slack.conftest import Ticks

POST, EDIT = "chat.postMessage", "chat.update"


def sent(pace: Pace, ticks: Ticks, seconds: float, method: str = POST, channel: str = "C1") -> list[float]:
    """When calls were made by someone who makes each as soon as he may."""
    end, at = ticks.now + seconds, []
    while ticks.now < end:
        wait = pace.take(method, channel)
        if wait <= 0:
            at.append(ticks.now)
            pace.answered(method, channel)
        else:
            ticks.now += wait
    return at


def test_a_channel_gets_a_short_burst_and_then_one_message_a_second(ticks: Ticks) -> None:
    at = sent(Pace(monotonic=ticks), ticks, 10)

    assert [round(each - 1000) for each in at] == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_channels_do_not_hold_up_each_other_until_the_workspace_does(ticks: Ticks) -> None:
    pace = Pace(monotonic=ticks)

    taken = [pace.take(POST, f"C{number}") for number in range(30)]
    assert taken[:20] == [0.0] * 20
    assert taken[20] > 0


def test_edits_are_limited_for_all_channels_together(ticks: Ticks) -> None:
    pace = Pace(monotonic=ticks)

    in_a_minute = sent(pace, ticks, 60, EDIT, "C1")
    assert len(in_a_minute) <= 50 + METHODS[EDIT].at_once
    while pace.take(EDIT, "C1") <= 0:
        pass
    assert pace.wait(EDIT, "C2") > 0
    assert pace.wait(POST, "C2") == 0


def test_a_429_closes_its_channel_alone_and_one_call_shows_whether_it_goes_on(ticks: Ticks) -> None:
    pace = Pace(monotonic=ticks)
    pace.limited(POST, "C1", 7)

    assert (pace.wait(POST, "C1"), pace.wait(POST, "C2"), pace.wait(EDIT, "C1")) == (7, 0, 0)
    ticks.now += 7
    assert pace.take(POST, "C1") == 0
    assert pace.take(POST, "C1") > 0
    pace.limited(POST, "C1", 7)
    assert pace.wait(POST, "C1") == 7


def test_where_a_burst_was_refused_the_next_second_counts_from_the_answer(ticks: Ticks) -> None:
    pace = Pace(monotonic=ticks)
    pace.limited(POST, "C1", 1)
    ticks.now += 1
    assert pace.take(POST, "C1") == 0
    ticks.now += 0.4
    pace.answered(POST, "C1")

    assert pace.wait(POST, "C1") == 1
    assert len(sent(pace, ticks, 0.9)) == 0
    ticks.now += 3000
    assert len(sent(pace, ticks, 0.5)) == CHANNEL.at_once


def test_a_429_of_a_method_without_a_limit_is_heeded(ticks: Ticks) -> None:
    pace = Pace({}, None, ticks)
    assert [pace.take(EDIT) for _ in range(100)] == [0.0] * 100
    pace.limited(EDIT, "C1", 30)
    assert pace.wait(EDIT, "C2") == 30


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
    st.floats(0.2, 20),
    st.integers(1, 10),
)
def test_no_bucket_that_fills_as_ours_does_ever_refuses(pauses: list[float], rate: float, at_once: int) -> None:
    ticks = Ticks()
    pace = Pace({}, Limit(rate, at_once), ticks)
    theirs, seen = float(at_once), ticks.now
    for pause in pauses:
        ticks.now += pause
        if pace.take(POST, "C1") > 0:
            continue
        theirs, seen = min(at_once, theirs + (ticks.now - seen) * rate), ticks.now
        assert theirs >= 1 - 1e-6
        theirs -= 1
