"""Run one of the stand-ins alone."""

import re
import signal
import sys
import threading
from pathlib import Path

from bot.cli.failing import WRONG_USE, Failure
from bot.emulator.pools import DEFAULT_PROJECT_ID
from bot.emulator.serve import serve as serve_emulator
from bot.sandbox.server import serve as serve_sandbox


def emulator(port: int, trace: Path | None, speed: float, scenario: str | None, project_id: str | None) -> None:
    """Serve ModelArts' stand-in until interrupted."""
    project_id = project_id or DEFAULT_PROJECT_ID
    if re.fullmatch(r"[A-Za-z0-9-]{1,64}", project_id) is None:
        raise Failure(f"{project_id!r} is no project id: up to 64 letters, digits and -", status=WRONG_USE)
    try:
        serve_emulator(port=port, trace=trace, speed=speed, scenario=scenario, project_id=project_id)
    except ValueError as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except OSError as error:
        raise Failure(f"cannot listen on port {port}: {error.strerror or error}") from error


def sandbox(port: int, app_url: str) -> None:
    """Serve Slack's stand-in until interrupted."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        serve_sandbox(port, app_url, out=sys.stdout, stop=stop)
    except ValueError as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except OSError as error:
        raise Failure(f"cannot listen on port {port}: {error.strerror or error}") from error
