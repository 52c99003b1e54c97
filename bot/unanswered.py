"""What is said to a person whose question or press came to nothing in a way that nobody foresaw?"""

import logging

from bot.clock import Leaving
from bot.messages.model import Message
from bot.messages.trouble import failed, restarting


def excuse(error: Exception, log: logging.Logger, what: str, whose: object) -> Message:
    """What is said instead of an answer. `log` hears of it: `what`, in which %s stands for whose question it was."""
    if isinstance(error, Leaving):
        log.info("the bot is stopping: " + what, whose)  # noqa: G003 - it is one of our own sentences
        return restarting()
    log.error(what, whose, exc_info=error)
    return failed()
