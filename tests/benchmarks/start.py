"""What does it cost to start?"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from tests.benchmarks.figures import Costs, Report, of_children
from tests.benchmarks.lines import CannotMeasure
from tests.benchmarks.waiting import idle_cpu
from tests.running import environment, free_port

# What the bot is built on; its import is the floor of every start.
SET = "import slack_bolt, apscheduler.schedulers.background, sqlalchemy, pydantic, requests"
# All that `run` is built on.
WHOLE_SET = f"{SET}, starlette.applications, uvicorn, prometheus_client, websocket, platformdirs"
MEMORY = "; print(open('/proc/self/status').read())"
READY_WITHIN = 30.0
FEW = 20
_NOBODY = {"POOL_STATS_SLACK__MODE": "off", "POOL_STATS_ROUTES": "[]"}
_OVER_HTTP = {"POOL_STATS_SLACK__MODE": "http"}


@dataclass(frozen=True, slots=True)
class Spent:
    """What one start took: seconds of CPU, seconds on the wall, megabytes of memory."""

    cpu: float
    wall: float
    memory: float = 0.0


def measure(*, rounds: int = 5, first: bool = True, window: float = 20.0, pools: int = 500) -> Report:
    """`pool-stats --help`, and `pool-stats run` until it is ready, beside the import of what they are built on."""
    if not Path("/proc/self/stat").exists():
        raise CannotMeasure("the CPU of a running process is read from /proc")
    report = Report("start: whole processes, CPU")
    spent: dict[str, list[Spent]] = {"set": [], "whole set": [], "help": [], "run": []}
    with _house() as env:
        made = _run(env) if first else None
        for _ in range(rounds):
            spent["set"].append(_to_its_end(env, "-c", SET + MEMORY))
            spent["whole set"].append(_to_its_end(env, "-c", WHOLE_SET + MEMORY))
            spent["help"].append(_to_its_end(env, "-m", "bot", "--help"))
            spent["run"].append(_run(env))
        idle = {
            "nobody to tell": _idle({**env, **_NOBODY}, window),
            "Slack over HTTP": _idle({**env, **_OVER_HTTP}, window),
        }
    # With a few pools everything is there that any number needs: threads, connections, what a first reading makes.
    few, several = (_resident_with(FEW), _resident_with(FEW + pools)) if pools else (0.0, 0.0)
    cpu = {name: Costs(tuple(each.cpu for each in of_name)) for name, of_name in spent.items()}
    wall = {name: Costs(tuple(each.wall for each in of_name)) for name, of_name in spent.items()}
    memory = {name: Costs(tuple(each.memory for each in of_name)) for name, of_name in spent.items()}
    of, of_whole = "the import", "the whole import"
    report.add("floor: importing bolt, apscheduler, sqlalchemy, pydantic, requests", cpu["set"], "s")
    report.add("floor: importing all that run is built on", cpu["whole set"], "s")
    report.add("pool-stats --help", cpu["help"], "s", floor=cpu["set"], of=of)
    report.add("pool-stats run, until it is ready", cpu["run"], "s", floor=cpu["set"], of=of)
    report.add("the same", cpu["run"], "s", floor=cpu["whole set"], of=of_whole)
    if made is not None:
        what = "the first start, which makes the tables"
        report.count(what, made.cpu, "s", floor=cpu["whole set"].usual, of=of_whole)
    report.add("--help by the clock on the wall", wall["help"], "s", floor=wall["set"], of=of)
    report.add(
        "run until it is ready, by the clock on the wall", wall["run"], "s", floor=wall["whole set"], of=of_whole
    )
    report.add("memory of the import", memory["set"], "MB")
    report.add("memory of run, once it is ready", memory["run"], "MB", floor=memory["set"], of=of)
    for what, (seconds, megabytes) in idle.items():
        report.count(f"CPU while nothing happens, one pool, {what}", seconds, "s/minute")
        report.count(f"memory meanwhile, {what}", megabytes, "MB", floor=memory["set"].usual, of=of)
    if pools:
        report.count(f"memory of a pool more, by {pools:,} pools", (several - few) * 1024 / pools, "KB")
    return report


@contextmanager
def _house(pools: int = 1) -> Iterator[dict[str, str]]:
    """The environment of a bot between the two stand-ins."""
    with ExitStack() as open_things:
        home = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="pool-stats-bench-")))
        emulator, sandbox = open_things.enter_context(Emulator()), open_things.enter_context(Sandbox())
        for number in range(pools):
            emulator.set_counts(f"train-{number}", {"train": {"Queue": 3, "Running": 5}})
        port = free_port()
        sandbox.app_url = f"http://127.0.0.1:{port}"
        yield environment(
            home,
            **emulator.environment,
            **sandbox.environment(),
            DATABASE_URL=f"sqlite:///{home / 'bot.db'}",
            POOL_STATS_SLACK__MODE="socket",
            POOL_STATS_WEB__PORT=str(port),
            POOL_STATS_ROUTES=json.dumps([{"to": ["slack:#ml-platform"]}]),
        )


def _idle(env: dict[str, str], window: float) -> tuple[float, float]:
    """CPU a minute and memory of a bot that has read its one pool and waits."""
    with _ready(env) as pid:
        return idle_cpu(pid, window), _resident(pid)


def _resident_with(pools: int) -> float:
    """The memory of a bot that has read so many pools, each once or a few times."""
    with _house(pools) as env:
        quickly = {"POOL_STATS_MODELARTS__MAX_RATE": "500", "POOL_STATS_POLL__EVERY": "10s"}
        with _ready({**env, **_NOBODY, **quickly}) as pid:
            url = f"http://127.0.0.1:{env['POOL_STATS_WEB__PORT']}/metrics"
            if not any(_read_so_far(url) >= pools for _ in range(60)):
                raise CannotMeasure(f"not all of {pools} pools were read within a minute")
            return _resident(pid)


def _read_so_far(url: str) -> int:
    threading.Event().wait(1.0)
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10).text.count("modelarts_poll_age_seconds{")


@contextmanager
def _ready(env: dict[str, str]) -> Iterator[int]:
    """The process of a bot that is ready."""
    log = Path(env["HOME"]) / "log"
    with log.open("wb") as said:
        bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=env, stdout=said, stderr=said)
    try:
        _wait_until_ready(bot, f"http://127.0.0.1:{env['POOL_STATS_WEB__PORT']}/readyz", log)
        yield bot.pid
    finally:
        bot.kill()
        bot.wait()


def _resident(pid: int) -> float:
    return _megabytes(Path(f"/proc/{pid}/status").read_text())


def _to_its_end(env: dict[str, str], *args: str) -> Spent:
    cpu, began = of_children(), time.monotonic()
    done = subprocess.run([sys.executable, *args], env=env, capture_output=True, text=True, check=True)
    return Spent(of_children() - cpu, time.monotonic() - began, _megabytes(done.stdout))


def _run(env: dict[str, str]) -> Spent:
    """Start the bot, wait until it says that it is ready, and end it."""
    began = time.monotonic()
    with _ready(env) as pid:
        wall = time.monotonic() - began
        # Behind the name in parentheses: user time and system time are the 14th and 15th field.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return Spent(cpu, wall, _resident(pid))


def _wait_until_ready(bot: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    pause = threading.Event()
    deadline = time.monotonic() + READY_WITHIN
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline and bot.poll() is None:
            try:
                if session.get(url, timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            # Each question costs the bot something too.
            pause.wait(0.1)
    said = log.read_text(errors="replace").strip().splitlines()
    raise CannotMeasure(f"the bot did not become ready; the last that it said: {said[-1] if said else 'nothing'}")


def _megabytes(status: str) -> float:
    """The resident memory that /proc/PID/status tells."""
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)
