"""What is typed after /pool-alerts silence, as people write it."""

from datetime import timedelta

import pytest

from bot.core.silence_words import MakeSilence, Misspoken, silence_words


@pytest.mark.parametrize(
    ("typed", "length"),
    [
        pytest.param("train-* 2h", timedelta(hours=2), id="a length"),
        pytest.param("train-* for 2h", timedelta(hours=2), id="for a length"),
        pytest.param("train-* tomorrow", None, id="tomorrow"),
        pytest.param("train-* until tomorrow", None, id="until tomorrow"),
        pytest.param("until-* Until Tomorrow", None, id="a pool of that name"),
    ],
)
def test_a_silence_is_asked_for_with_or_without_for_and_until(typed: str, length: timedelta | None) -> None:
    asked = silence_words("/pool-alerts", f"silence {typed} reason new driver")

    assert isinstance(asked, MakeSilence)
    assert (asked.length, asked.reason) == (length, "new driver")


@pytest.mark.parametrize("typed", ["train-* for", "train-* until", "train-* for ever", "train-* until until 2h"])
def test_a_silence_without_an_end_is_not_understood(typed: str) -> None:
    assert isinstance(silence_words("/pool-alerts", f"silence {typed}"), Misspoken)
