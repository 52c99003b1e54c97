"""What do the bot and a worker have in common as processes: how they begin, and what they do until told to stop?"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot import logs
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured
from bot.cli.signals import Signals
from bot.settings.reading import Configured
from bot.store.engine import StoreError, StoreUnknown
from bot.web import PortTaken

_Made = TypeVar("_Made")


def begun(path: Path | None) -> tuple[Configured, Signals]:
    """The configuration, with the log set up by it, and the signals, heard from here on.

    Nothing is started yet, so that no signal that comes while starting is lost.

    Raises:
        Failure: The configuration is wrong.
    """
    config = configured(path)
    chosen = config.settings.log
    logs.set_up(chosen.level, secrets=config.secrets(), as_json=chosen.json_lines)
    logs.catch()
    return config, Signals()


def built(make: Callable[[], _Made]) -> _Made:
    """What `make` makes.

    Raises:
        Failure: It cannot be made: what is configured cannot be, or the database or the port cannot be had.
    """
    try:
        return make()
    except (ValueError, StoreUnknown) as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except (StoreError, PortTaken) as error:
        raise Failure(str(error), status=COULD_NOT) from error
