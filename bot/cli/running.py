"""Run the bot until it is told to stop."""

from pathlib import Path

from bot.app.bot import Bot
from bot.cli.beginning import importing
from bot.cli.serving import begun, built
from bot.cli.stopping import in_time
from bot.clock import Clock


def run(path: Path | None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    # What is configured is imported here.
    with importing():
        config, signals = begun(path)
        bot = built(lambda: Bot(config, Clock()))
    try:
        bot.start()
        signals.until_stop(bot.reload, config)
    finally:
        with in_time():
            bot.stop()
