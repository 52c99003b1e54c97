"""How does a command begin and end? The `pool-stats` command; what it can do is in `commands.py`.

Exit status: 0 done, 1 could not do it, 2 wrong usage or configuration. An error is one readable line. Where whoever
reads the output has had enough (`| head`), the command ends in silence with 0.
"""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bot.cli.beginning import importing
from bot.cli.failing import Failure, told


def main() -> None:
    """The command `pool-stats`."""
    # No other package that is installed has a say in how the configuration is read; looking for one takes its time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # A command that ends says what went wrong in its last line; the log is that of `run`, which sets it up.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        status = _carry_out(sys.argv[1:])
        # What is still held back would else be written when nobody can say any more what went wrong.
        sys.stdout.flush()
    except Failure as failure:
        for line in failure.lines:
            print(f"pool-stats: {line}", file=sys.stderr)  # noqa: T201 - standard error is this command's voice
        sys.exit(failure.status)
    except BrokenPipeError:
        _end_in_silence()
    except SystemExit as ended:
        # Typer makes a status of its own of it.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        _end_in_silence()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, never a traceback
        print(f"pool-stats: {told(error, os.environ)}", file=sys.stderr)  # noqa: T201 - standard error is this command's voice
        sys.exit(1)
    else:
        sys.exit(status)


def _carry_out(words: Sequence[str]) -> int:
    """Do what the command line says; the exit status."""
    match words:
        case ["run"]:
            _run(None)
        case ["run", "--config", file] if file and not file.startswith("-"):
            _run(Path(file))
        case _:
            with importing():
                from bot.cli.commands import carry_out

            return carry_out()
    return 0


def _run(config: Path | None) -> None:
    """Run the bot, as a service does: what reads other commands would slow each start, and be kept while it runs."""
    with importing():
        from bot.cli.running import run

    run(config)


def _end_in_silence() -> NoReturn:
    """Whoever read our output has had enough; what is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
