"""Run the bot until it is told to stop."""

import logging
import signal
import threading
from pathlib import Path
from types import FrameType

from bot import logs
from bot.app.bot import Bot
from bot.cli.beginning import importing
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured
from bot.clock import Clock
from bot.settings.problems import ConfigError
from bot.settings.reading import Configured, read
from bot.store.engine import StoreError, StoreUnknown
from bot.web import PortTaken

log = logging.getLogger(__name__)


def run(path: Path | None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    config = configured(path)
    chosen = config.settings.log
    logs.set_up(chosen.level, secrets=config.secrets(), as_json=chosen.json_lines)
    # Told before anything is started, so that nothing that comes while starting is lost.
    wake, signals = threading.Event(), Signals()
    signals.listen(wake)
    # What is configured is imported here.
    with importing():
        bot = _built(config)
    try:
        bot.start()
        while not signals.stop:
            wake.wait()
            wake.clear()
            if signals.reload:
                signals.reload = False
                _reload(bot, config)
    finally:
        bot.stop()


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


def _built(config: Configured) -> Bot:
    try:
        return Bot(config, Clock())
    except (ValueError, StoreUnknown) as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except (StoreError, PortTaken) as error:
        raise Failure(str(error), status=COULD_NOT) from error


def _reload(bot: Bot, before: Configured) -> None:
    """Read the configuration again; a bad one keeps the old and says so."""
    try:
        config = read(before.path, before.environ)
    except ConfigError as error:
        for problem in error.problems:
            log.error("the configuration is not taken over: %s", problem)  # noqa: TRY400 - a sentence, not a traceback
        return
    bot.reload(config)
    log.info("the configuration was read again")
