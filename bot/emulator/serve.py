"""The stand-in alone, in the foreground, until somebody stops it: what `pool-stats emulator` runs."""

import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.emulator.causes import CAUSES, set_up
from bot.emulator.clock import Clock, wall
from bot.emulator.engine import Engine
from bot.emulator.pools import DEFAULT_PROJECT_ID
from bot.emulator.replay import Replay
from bot.emulator.scenarios import Scenario
from bot.emulator.server import Emulator


def serve(
    port: int = 0,
    trace: str | Path | None = None,
    speed: float = 1.0,
    scenario: str | None = None,
    *,
    host: str = "127.0.0.1",
    start_at: datetime | None = None,
    seed: int = 1,
    project_id: str = DEFAULT_PROJECT_ID,
    out: TextIO | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Print the environment that points a client here, then serve until SIGINT, SIGTERM or `stop`.

    Without a trace and a scenario the trace `demo` is played. Answers tell wall-clock times.

    Raises:
        ValueError: A broken trace, an unknown scenario, both of them, or an impossible speed.
        OSError: The port is taken.
    """
    engine = build_engine(trace, speed, scenario, start_at=start_at, seed=seed, project_id=project_id)
    stop = stop or threading.Event()
    out = out or sys.stdout
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    with Emulator(engine, host=host, port=port, clock=wall) as emulator:
        for name, value in emulator.environment.items():
            out.write(f"{name}={value}\n")
        out.flush()
        stop.wait()


def build_engine(
    trace: str | Path | None = None,
    speed: float = 1.0,
    scenario: str | None = None,
    *,
    start_at: datetime | None = None,
    seed: int = 1,
    project_id: str = DEFAULT_PROJECT_ID,
    clock: Clock = wall,
) -> Engine:
    """The pools of a trace or a scenario, played from now on at `speed`.

    Raises:
        ValueError: A broken trace, an unknown scenario, both of them, or an impossible speed.
    """
    if trace is not None and scenario is not None:
        raise ValueError("a trace and a scenario exclude each other")
    if not 0 < speed <= 1_000_000:
        raise ValueError(f"speed {speed} is not between 0 and 1,000,000")
    if scenario is None:
        return Replay(trace or "demo", speed, start_at, clock=clock).engine(project_id=project_id)
    started = clock()
    begin = start_at or started
    if scenario == CAUSES:
        made = Engine(clock=lambda: begin + (clock() - started) * speed, project_id=project_id)
        set_up(made)
        return made
    return Engine(
        clock=lambda: begin + (clock() - started) * speed,
        source=Scenario(scenario, begin, seed=seed),
        project_id=project_id,
    )
