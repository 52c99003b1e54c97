"""Start `pool-stats` as many processes, each in the time of a fork: `python -m tests.delivery.launch`.

Standard input takes one order a line: `{"args": […], "env": {…}, "said": FILE, "log": FILE, "last": NAME or null,
"how": SIGNAL}`. Standard output answers `born PID` in the same order, and `died PID STATUS` when one has ended.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

# Everything that a start needs, so that a fork has it already.
import alembic.command
import alembic.script
import psycopg

import bot.app.bot
import bot.cli.running
from bot.cli import main as pool_stats
from tests.delivery.boundaries import Boundaries

IMPORTED = (alembic.command, alembic.script, psycopg, bot.app.bot, bot.cli.running)


def main() -> None:
    """Take orders until standard input ends; then kill what still runs."""
    living: set[int] = set()

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                living.discard(found[0])
                os.write(1, f"died {found[0]} {os.waitstatus_to_exitcode(found[1])}\n".encode())

    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin:
        order = json.loads(line)
        # One that dies at once must not be told of before it is known.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.fork()
        if not child:
            _live(order)
        living.add(child)
        os.write(1, f"born {child}\n".encode())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for child in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _live(order: dict[str, Any]) -> None:
    """Be the command, to the end."""
    status = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.environ.clear()
        os.environ.update(order["env"])
        Boundaries(Path(order["log"]), order["last"], order["how"]).watch()
        sys.argv = ["pool-stats", *order["args"]]
        pool_stats()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
