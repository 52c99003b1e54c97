"""How is a forecast worded, and why there is none?"""

from typing import assert_never

from bot.core.durations import spoken
from bot.core.forecast import Drain, Forecast, NoForecast
from bot.core.language import _
from bot.messages.model import Bold, Paragraph
from bot.messages.phrases import because, spans


def forecast_line(said: Forecast) -> Paragraph:
    """When as many jobs as wait now will have started, with what that is worth; or the reason why nobody can say."""
    match said:
        case Drain():
            line = spans(
                "Forecast: {range} in 8 of 10 such cases, by {cases} moments of the pool’s last days. "
                "Such ranges were right {right} of {scored} times in the last days. {direction}",
                range=Bold(_range(said)),
                cases=said.cases,
                right=said.right,
                scored=said.scored,
                direction=_direction(said),
            )
            return Paragraph(line)
        case NoForecast(why=why):
            return Paragraph((_("No forecast of when the queue drains: {why}.", why=because(why)),))
        case _:
            assert_never(said)


def forecast_words(said: Forecast) -> str:
    """The same for a summary: a sentence, or nothing."""
    return _("{range} in 8 of 10 such cases.", range=_range(said)) if isinstance(said, Drain) else ""


def _range(said: Drain) -> str:
    least, most, number = spoken(said.least), spoken(said.most), said.waiting
    if least == most:
        return _("as many jobs as wait now ({number}) start within about {length}", number=number, length=most)
    return _(
        "as many jobs as wait now ({number}) start between {least} and {most}", number=number, least=least, most=most
    )


def _direction(said: Drain) -> str:
    """Whether the queue itself gets shorter, which is another matter."""
    pace = _("{came} came and {started} started within the last 2 h", came=said.came, started=said.started)
    if said.came > said.started:
        return _("The queue itself is not getting shorter: {pace}.", pace=pace)
    if said.came < said.started:
        return _("The queue is getting shorter: {pace}.", pace=pace)
    return _("The queue stays as it is: {pace}.", pace=pace)
