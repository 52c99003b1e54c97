"""How is it said what is wrong with a configuration?"""

from collections.abc import Sequence
from dataclasses import dataclass

# A place in the file: keys and positions.
Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where."""

    place: str
    text: str

    def __str__(self) -> str:
        """As one line."""
        return f"{self.place}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "reading it is not permitted"
        case IsADirectoryError():
            return "it is a folder"
        case UnicodeDecodeError():
            return "it is not UTF-8 text"
        case RecursionError():
            return "it is nested too deeply"
        case OSError():
            return error.strerror or "it cannot be read"
        case _:
            return str(error)
