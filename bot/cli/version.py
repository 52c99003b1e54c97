"""Which version is this?"""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import bot

_NAME = "pool-stats-bot"


def this_version() -> str:
    """The version that is installed, or that of the sources where they run as they lie."""
    try:
        return version(_NAME)
    except PackageNotFoundError:
        project = Path(bot.__file__).parent.parent / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
