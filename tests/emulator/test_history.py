"""Does a history of counts stay right and stay small?"""

from bot.emulator.history import History

FAILED = 8


def reading(failed: int) -> tuple[int, ...]:
    return (0,) * FAILED + (failed,)


def test_a_history_that_goes_on_for_ever_forgets_its_beginning_and_counts_on() -> None:
    history = History()

    for minute in range(70_000):
        history.put(60.0 * minute, {"train": reading(minute % 1000)})

    last = 60.0 * 69_999
    assert len(list(history.moments(-1, last))) <= 60_000
    assert history.at(last) == {"train": reading(999)}
    assert history.risen("train", FAILED, last) == 70 * 999
    assert history.risen("train", FAILED, last) - history.risen("train", FAILED, last - 60_000) == 999


def test_a_second_reading_of_one_moment_replaces_the_first() -> None:
    history = History()

    for failed in (1, 5, 3):
        history.put(60.0, {"train": reading(failed)})

    assert history.at(60) == {"train": reading(3)}
    assert list(history.moments(0, 100)) == [60.0]
