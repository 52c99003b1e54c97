"""Read pools for a cluster until told to stop."""

import logging
import os
import sys
import threading
from pathlib import Path

from bot import logs
from bot.cli.failing import COULD_NOT, WRONG_USE, Failure
from bot.cli.loading import configured
from bot.cli.signals import Signals, reload
from bot.clock import Clock
from bot.store.engine import StoreError, StoreUnknown
from bot.web import PortTaken

log = logging.getLogger(__name__)


def work(path: Path | None, concurrency: int, port: int | None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    config = configured(path)
    chosen = config.settings.log
    logs.set_up(chosen.level, secrets=config.secrets(), as_json=chosen.json_lines)
    logs.catch()
    wake, signals = threading.Event(), Signals()
    signals.listen(wake)
    try:
        from bot.app.worker import Worker  # noqa: PLC0415 - Procrastinate is only there where a cluster is used
    except ModuleNotFoundError as error:
        why = "a worker needs Procrastinate: pip install 'pool-stats-bot[cluster]'"
        raise Failure(why, status=WRONG_USE) from error
    try:
        worker = Worker(config, Clock(), concurrency=concurrency, port=port)
    except (ValueError, StoreUnknown) as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except (StoreError, PortTaken) as error:
        raise Failure(str(error), status=COULD_NOT) from error
    in_time = False
    try:
        worker.start()
        while not signals.stop:
            wake.wait()
            wake.clear()
            if signals.reload:
                signals.reload = False
                reload(worker.reload, config)
    finally:
        in_time = worker.stop()
    if not in_time:
        # Threads that wait for an answer would be waited for.
        sys.stderr.flush()
        os._exit(0)
