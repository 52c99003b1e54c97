"""What is done when somebody acts on alerts: by a button, by words, or by a form that was filled in?"""

from typing import assert_never

from bot.core.command import POOL_ALERTS, Asker
from bot.core.silence_words import (
    AskForSilence,
    ExportLog,
    MakeSilence,
    Misspoken,
    ShowLog,
    ShowSilences,
    SilenceWords,
)
from bot.jobs.act import act
from bot.jobs.doing import Doing
from bot.jobs.log import export_log, show_log
from bot.jobs.silence import (
    end_silence,
    extend_silence,
    form_for,
    show_silences,
    silence_as_typed,
)
from bot.jobs.undo import undo
from bot.messages.form import Form
from bot.messages.help import help_message
from bot.messages.model import Message, Verb

_CUSTOM = "custom"


def pressed(verb: Verb, subject: str, asker: Asker, doing: Doing) -> Message | Form:
    """Do what a button says; what to tell the one who pressed, or the form that it opens."""
    match verb:
        case Verb.SILENCE if subject.endswith(f" {_CUSTOM}"):
            return form_for(subject.removesuffix(f" {_CUSTOM}"), asker, doing)
        case Verb.UNDO:
            return undo(subject, asker, doing)
        case Verb.END_SILENCE:
            return end_silence(subject, asker, doing)
        case Verb.EXTEND_SILENCE:
            return extend_silence(subject, asker, doing)
        case _:
            return act(verb, subject, asker, doing)


def typed(asked: SilenceWords, asker: Asker, doing: Doing) -> Message | Form:
    """Do what was typed after /pool-alerts about silences and the log."""
    match asked:
        case MakeSilence():
            return silence_as_typed(asked, asker, doing)
        case AskForSilence():
            return form_for("", asker, doing)
        case ShowSilences(skip=skip):
            return show_silences(skip, asker, doing)
        case ShowLog(before=before):
            return show_log(before, asker, doing)
        case ExportLog():
            return export_log(asker, doing)
        case Misspoken(problem=problem):
            return help_message(POOL_ALERTS, problem)
        case _:
            assert_never(asked)
