"""Run the bot until it is told to stop."""

import threading
from pathlib import Path

from bot import logs
from bot.app.bot import Bot
from bot.cli.beginning import importing
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured
from bot.cli.signals import Signals, reload
from bot.cli.stopping import in_time
from bot.clock import Clock
from bot.settings.reading import Configured
from bot.store.engine import StoreError, StoreUnknown
from bot.web import PortTaken


def run(path: Path | None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    config = configured(path)
    chosen = config.settings.log
    logs.set_up(chosen.level, secrets=config.secrets(), as_json=chosen.json_lines)
    logs.catch()
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
                reload(bot.reload, config)
    finally:
        with in_time():
            bot.stop()


def _built(config: Configured) -> Bot:
    try:
        return Bot(config, Clock())
    except (ValueError, StoreUnknown) as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except (StoreError, PortTaken) as error:
        raise Failure(str(error), status=COULD_NOT) from error
