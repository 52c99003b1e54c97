"""What is said when a form cannot be opened, or what was filled in takes its time or cannot be taken?"""

from collections.abc import Mapping

from bot.core.language import _
from bot.messages.model import Message, Paragraph
from bot.messages.phrases import LONGEST_WHY, one_line


def too_slow() -> Message:
    """A form could not be opened in the time that the platform gives."""
    return Message("", _("I was too slow to open the form. Please try again."))


def still_at_it() -> Message:
    """What was filled in is taken, and is not done yet."""
    return Message(_("Working on it"), _("This takes a moment; what comes of it is shown here."))


def not_taken(problems: Mapping[str, str]) -> Message:
    """What was filled in cannot be taken, where it cannot be said beside the fields any more."""
    said = _("; ").join(one_line(problem, LONGEST_WHY) for problem in problems.values())
    return Message(
        _("Not taken"),
        _("That was not taken: {problems}", problems=said),
        blocks=tuple(Paragraph((one_line(problem, LONGEST_WHY),)) for problem in problems.values()),
    )
