"""How is a forecast worded, and why there is none?"""

from typing import assert_never

from bot.core.durations import spoken
from bot.core.forecast import Drain, Forecast, NoForecast
from bot.messages.model import Bold, Paragraph


def forecast_line(said: Forecast) -> Paragraph:
    """When as many jobs as wait now will have started, with what that is worth; or the reason why nobody can say."""
    match said:
        case Drain():
            worth = f"Such ranges were right {said.right} of {said.scored} times in the last days."
            return Paragraph(("Forecast: ", Bold(_range(said)), f"{_cases(said)} {worth} {_direction(said)}"))
        case NoForecast(why=why):
            return Paragraph((f"No forecast of when the queue drains: {why}.",))
        case _:
            assert_never(said)


def forecast_words(said: Forecast) -> str:
    """The same for a summary: a sentence, or nothing."""
    return f"{_range(said)} in 8 of 10 such cases." if isinstance(said, Drain) else ""


def _range(said: Drain) -> str:
    least, most = spoken(said.least), spoken(said.most)
    took = f"between {least} and {most}" if least != most else f"within about {most}"
    return f"as many jobs as wait now ({said.waiting}) start {took}"


def _cases(said: Drain) -> str:
    return f" in 8 of 10 such cases, by {said.cases} moments of the pool’s last days."


def _direction(said: Drain) -> str:
    """Whether the queue itself gets shorter, which is another matter."""
    pace = f"{said.came} came and {said.started} started within the last 2 h"
    if said.came > said.started:
        return f"The queue itself is not getting shorter: {pace}."
    return (
        f"The queue is getting shorter: {pace}." if said.came < said.started else f"The queue stays as it is: {pace}."
    )
