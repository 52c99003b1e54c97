"""The configuration, as every command needs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.app.connecting import connect_modelarts
from bot.cli.failing import WRONG_USE, Failure
from bot.clock import Clock
from bot.modelarts.errors import ModelArtsError
from bot.modelarts.source import Source
from bot.settings.problems import ConfigError
from bot.settings.reading import Configured, read


def configured(path: Path | None) -> Configured:
    """The configuration of `path` and the environment; a `Failure` with every problem in it."""
    try:
        return read(path, os.environ)
    except ConfigError as error:
        raise Failure([str(problem) for problem in error.problems], status=WRONG_USE) from error


@contextmanager
def connect(config: Configured, clock: Clock) -> Iterator[Source]:
    """The client of the configured account, closed in the end."""
    try:
        modelarts = connect_modelarts(config, clock)
    except (ValueError, ModelArtsError) as error:
        raise Failure(str(error), status=WRONG_USE) from error
    try:
        yield modelarts
    finally:
        modelarts.close()
