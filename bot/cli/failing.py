"""How does a command say that it could not do its work?"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
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


def told(error: Exception, environ: Mapping[str, str]) -> str:
    """An error as one line: ours are written for people; to one that nobody foresaw its kind is added.

    What it says was written by others, who know nothing of the secrets that `environ` holds or names: they are hidden.
    """
    text = " ".join(str(error).split()) or "no reason was given"
    if type(error).__module__.startswith("bot."):
        return text
    return f"this should not have happened ({type(error).__name__}): {_without_secrets(text, environ)[:300]}"


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    from bot.logs import Hide  # noqa: PLC0415 - no command that ends well needs it
    from bot.settings.environment import SECRETS, SLACK, TEAMS  # noqa: PLC0415 - likewise
    from bot.settings.problems import ConfigError  # noqa: PLC0415 - likewise
    from bot.settings.reading import read  # noqa: PLC0415 - likewise

    known = [environ.get(name, "") for name in (*SECRETS, *SLACK, *TEAMS)]
    with suppress(ConfigError):
        known += read(None, environ).secrets()
    return Hide(known).clean(text)


def misused(error: "TyperException") -> str:
    """Wrong use as one line that says where to read on; a command that lacks everything is answered with its help."""
    context: Context | None = getattr(error, "ctx", None)
    said = error.format_message()
    if context is not None and said == context.get_help():
        return said
    line = " ".join(said.replace("Value error, ", "").split()).removesuffix(".")
    where = "pool-stats" if context is None else context.command_path
    return f"pool-stats: {line[:1].lower()}{line[1:]}; see {where} --help"
