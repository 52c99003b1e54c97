"""What does the operating system tell a process that runs until it is told to stop?"""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from bot.settings.problems import ConfigError
from bot.settings.reading import Configured, read

log = logging.getLogger(__name__)


class Signals:
    """What the operating system has told us since we last looked."""

    def __init__(self) -> None:
        self.stop = False
        self.reload = False
        self._wake: threading.Event | None = None

    def listen(self, wake: threading.Event) -> None:
        """Note signals from now on, and set `wake` at each."""
        self._wake = wake
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop = True
        if self._wake is not None:
            self._wake.set()

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self.reload = True
        if self._wake is not None:
            self._wake.set()


def reload(use: Callable[[Configured], object], before: Configured) -> None:
    """Read the configuration again and `use` it; a bad one keeps the old and says so."""
    try:
        config = read(before.path, before.given)
    except ConfigError as error:
        for problem in error.problems:
            log.error("the configuration is not taken over: %s", problem)  # noqa: TRY400 - a sentence, not a traceback
        return
    use(config)
    log.info("the configuration was read again")
