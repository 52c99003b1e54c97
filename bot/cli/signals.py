"""What does the operating system tell a process that runs until it is told to stop?"""

import logging
import signal
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType

from bot.settings.problems import ConfigError
from bot.settings.reading import Configured, read
from bot.store.errors import StoreError

log = logging.getLogger(__name__)


class Signals:
    """What the operating system has told us since we last looked; it is heard from when this is made on."""

    def __init__(self) -> None:
        self._stopping = False
        self._reloading = False
        # A signal may come while what waits for it is being handled. An event would then wait for itself, for ever.
        self._told: SimpleQueue[None] = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def until_stop(self, use: Callable[[Configured], object], before: Configured) -> None:
        """Wait until we are to stop; whenever the configuration is to be read again, `use` it, as `reload` does."""
        while not self._stopping:
            self._told.get()
            if self._reloading:
                self._reloading = False
                reload(use, before)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._told.put(None)

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reloading = True
        self._told.put(None)


def reload(use: Callable[[Configured], object], before: Configured) -> None:
    """Read the configuration again and `use` it; a bad one keeps the old and says so."""
    try:
        config = read(before.path, before.given)
    except ConfigError as error:
        for problem in error.problems:
            log.error("the configuration is not taken over: %s", problem)  # noqa: TRY400 - a sentence, not a traceback
        return
    try:
        use(config)
    except StoreError as error:
        log.error("the configuration is not taken over: %s; send SIGHUP again", error)  # noqa: TRY400 - likewise
        return
    log.info("the configuration was read again")
