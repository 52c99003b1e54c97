"""Which buttons open a dialog? Teams wants to know before they are pressed."""

from bot.core.mine import about_mine
from bot.core.planning_words import AboutDigests, AboutRules, DigestWord, RuleWord, planning
from bot.core.silence_words import AskForSilence, silence_words
from bot.messages.model import Button, Verb

_CUSTOM = " custom"


def opens_form(button: Button) -> bool:
    """Whether what the button asks for is answered with a form."""
    match button.verb:
        case Verb.SILENCE:
            return button.subject.endswith(_CUSTOM)
        case Verb.SAY:
            command, _, words = button.subject.partition(" ")
            return _asks_for_form(command, words)
        case _:
            return False


def _asks_for_form(command: str, words: str) -> bool:
    if isinstance(silence_words(command, words), AskForSilence):
        return True
    own = about_mine(command, words)
    if own is not None:
        return not own.words
    match planning(command, words):
        case AboutRules(word=RuleWord.ADD | RuleWord.EDIT):
            return True
        case AboutRules(word=RuleWord.KEEP, words=more) | AboutDigests(word=DigestWord.ADD, words=more):
            return not more
        case _:
            return False
