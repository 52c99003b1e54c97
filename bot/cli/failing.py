"""How does a command say that it could not do its work?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Context, TyperException

COULD_NOT, WRONG_USE = 1, 2


class Failure(Exception):  # noqa: N818 - named for what the person at the terminal sees
    """The command ends with `status`, saying `lines` on standard error."""

    def __init__(self, lines: str | Sequence[str], *, status: int = COULD_NOT) -> None:
        self.lines = (lines,) if isinstance(lines, str) else tuple(lines)
        self.status = status
        super().__init__("; ".join(self.lines))


def told(error: Exception) -> str:
    """An error as one line: ours are written for people; to one that nobody foresaw its kind is added."""
    text = " ".join(str(error).split()) or "no reason was given"
    if type(error).__module__.startswith("bot."):
        return text
    return f"this should not have happened ({type(error).__name__}): {text[:300]}"


def misused(error: "TyperException") -> str:
    """Wrong use as one line that says where to read on; a command that lacks everything is answered with its help."""
    context: Context | None = getattr(error, "ctx", None)
    said = error.format_message()
    if context is not None and said == context.get_help():
        return said
    line = " ".join(said.replace("Value error, ", "").split()).removesuffix(".")
    where = "pool-stats" if context is None else context.command_path
    return f"pool-stats: {line[:1].lower()}{line[1:]}; see {where} --help"
