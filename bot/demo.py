"""All of it on one machine: a recorded cluster behind ModelArts' stand-in, the bot, and chats to talk in."""

import json
import logging
import os
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from bot import logs
from bot.app.bot import Bot
from bot.clock import Clock
from bot.core.language import Language
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.emulator.engine import Engine
from bot.emulator.replay import Replay
from bot.emulator.server import Emulator
from bot.emulator.traces import STATUSES, Row, trace_rows
from bot.sandbox.model import default_users
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.stand_in import TeamsStandIn
from bot.sandbox.workspace import Workspace
from bot.settings.reading import Configured, read
from bot.store import samples
from bot.store.engine import open_store, upgrade, writing
from bot.web import PortTaken

TRACE = "demo"
# The days before, which the rules learn from and the first answer looks back on.
HISTORY = timedelta(days=7)
CHANNEL = "#ml-platform"
TEAMS_CHANNEL = "ML Platform/Alerts"
# Where the demo listens unless told otherwise; the next free port where that is taken.
PORT = 8765


def demo(*, port: int, speed: float, browser: bool, language: Language = Language.ENGLISH) -> None:
    """Run everything until interrupted; the channels and whoever looks at the chat page are spoken to in `language`.

    Raises:
        PortTaken: Something else listens on the port that was asked for.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="pool-stats-demo-")))
        url = start(running, folder, port=port, speed=speed, language=language)
        print(f"The chat page: {url}", flush=True)  # noqa: T201 - this is what a person waits for
        print("Type /pool-stats there. A queue spikes within a minute. Ctrl-C stops everything.", flush=True)  # noqa: T201
        if browser and sys.stdout.isatty():
            webbrowser.open(url)
        stop.wait()
        print("Stopping.", flush=True)  # noqa: T201 - so that Ctrl-C is seen to work


def start(running: ExitStack, folder: Path, *, port: int, speed: float, language: Language = Language.ENGLISH) -> str:
    """Start the parts; they stop when `running` is left. The chat page's address."""
    replay = Replay(TRACE, speed)
    emulator = Emulator(replay.engine())
    database = f"sqlite:///{folder / 'demo.db'}"
    _fill(database, emulator.engine, until=replay.start_at)
    banner = (
        f"A recorded cluster, replayed {speed:g} times as fast. Try /pool-stats; a queue will spike within a minute."
    )
    # The bot speaks to Teams only where Microsoft's library is installed.
    has_teams = find_spec("microsoft_teams") is not None
    teams = TeamsStandIn(banner=banner.replace("/pool-stats", "@pool-stats")) if has_teams else None
    sandbox = running.enter_context(_sandbox(port, banner, teams, language))
    running.enter_context(emulator)
    config = _configured(
        emulator.environment
        | sandbox.environment()
        | {"DATABASE_URL": database, "POOL_STATS_LANGUAGE": language.value},
        with_teams=teams is not None,
    )
    logs.set_up("warning", secrets=config.secrets())
    replay.begin()
    bot = Bot(config, Clock(start=replay.start_at, speed=speed))
    bot.start()
    running.callback(bot.stop)
    if teams is not None:
        teams.app_url = f"http://127.0.0.1:{bot.web.port}"
        # Teams tells a bot where it is installed when that happens, and never again.
        teams.happening.introduce()
    if bot.slack is not None:
        # So that the first command finds somebody who answers.
        bot.slack.wait_until_connected(5.0)
    return sandbox.url


def _sandbox(port: int, banner: str, teams: TeamsStandIn | None, language: Language) -> Sandbox:
    """The chats, on the port that was asked for; else on the usual one, or any that is free."""
    you, colleague, *others = default_users()
    if language is Language.CHINESE:
        you = replace(you, locale="zh-CN")
    else:
        # One who reads the other language, so that both can be seen side by side.
        colleague = replace(colleague, real_name="同事", locale="zh-CN", tz="Asia/Shanghai", tz_offset=28800)
    workspace = Workspace(users=(you, colleague, *others))
    try:
        return Sandbox(port=port or PORT, banner=banner, teams=teams, workspace=workspace)
    except OSError as error:
        if port:
            raise PortTaken(f"cannot listen on port {port}: {error.strerror}; choose another with --port") from error
        return Sandbox(banner=banner, teams=teams, workspace=workspace)


def _configured(environ: Mapping[str, str], *, with_teams: bool) -> Configured:
    """The shipped rules on every pool, told in a channel of each chat; nothing of this machine's own configuration."""
    told = [f"slack:{CHANNEL}", *([f"teams:{TEAMS_CHANNEL}"] if with_teams else [])]
    return read(
        None,
        {
            "PATH": os.environ.get("PATH", ""),
            "POOL_STATS_WEB__PORT": "0",
            "POOL_STATS_MODELARTS__MAX_RATE": "100",
            "POOL_STATS_TEAMS__MODE": "bot" if with_teams else "off",
            "POOL_STATS_ROUTES": json.dumps([{"to": told}]),
            **environ,
        },
    )


def _fill(database: str, engine: Engine, *, until: datetime) -> None:
    """Put the days before into the store, as if the bot had been running."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    pools = {pool.key: Pool(pool.id, pool.name) for pool in engine.pools()}
    rows = [row for row in trace_rows(TRACE) if until - HISTORY <= row.at < until]
    store = open_store(database)
    try:
        upgrade(store)
        with writing(store) as db:
            samples.save_many(db, _readings(rows, pools))
    finally:
        store.dispose()


def _readings(rows: Iterable[Row], pools: Mapping[str, Pool]) -> Iterator[PoolStats]:
    def moment(row: Row) -> tuple[str, datetime]:
        return (row.pool, row.at)

    for (pool, at), group in groupby(sorted(rows, key=moment), key=moment):
        types = {row.type: TypeCounts(_counts(row)) for row in group}
        yield PoolStats(pools[pool], at, {name: counts for name, counts in types.items() if counts.jobs})


def _counts(row: Row) -> dict[JobStatus, int]:
    return {JobStatus(name): count for name, count in zip(STATUSES, row.counts, strict=True) if count is not None}
