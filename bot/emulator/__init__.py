"""Stands in for ModelArts over HTTP, written from the vendor's documents; shares nothing with our client."""

from bot.emulator.access import AccessKey
from bot.emulator.answers import Finished, Shape
from bot.emulator.engine import Engine
from bot.emulator.pools import DEFAULT_PROJECT_ID, Pool
from bot.emulator.replay import HIGHLIGHTS, Replay
from bot.emulator.scenarios import SCENARIOS
from bot.emulator.serve import serve
from bot.emulator.server import Emulator
from bot.emulator.traces import bundled_traces, trace_rows

__all__ = [
    "DEFAULT_PROJECT_ID",
    "HIGHLIGHTS",
    "SCENARIOS",
    "AccessKey",
    "Emulator",
    "Engine",
    "Finished",
    "Pool",
    "Replay",
    "Shape",
    "bundled_traces",
    "serve",
    "trace_rows",
]
