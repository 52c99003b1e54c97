"""Read pools for a cluster until told to stop."""

import os
import sys
from pathlib import Path

from bot.cli.failing import WRONG_USE, Failure
from bot.cli.serving import begun, built
from bot.clock import Clock


def work(path: Path | None, concurrency: int, port: int | None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    config, signals = begun(path)
    try:
        from bot.app.worker import Worker  # noqa: PLC0415 - Procrastinate is only there where a cluster is used
    except ModuleNotFoundError as error:
        why = "a worker needs Procrastinate: pip install 'pool-stats-bot[cluster]'"
        raise Failure(why, status=WRONG_USE) from error
    worker = built(lambda: Worker(config, Clock(), concurrency=concurrency, port=port))
    in_time = False
    try:
        worker.start()
        signals.until_stop(worker.reload, config)
    finally:
        in_time = worker.stop()
    if not in_time:
        # Threads that wait for an answer would be waited for.
        sys.stderr.flush()
        os._exit(0)
