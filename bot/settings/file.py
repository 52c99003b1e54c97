"""What does a YAML file say, and on which line?"""

from pathlib import Path
from typing import Any

import yaml

from bot.settings.problems import Loc, Problem, reason

_TOO_LARGE = 1_000_000


def read_file(
    path: Path, problems: list[Problem], *, listed: str | None = None
) -> tuple[dict[str, Any], dict[Loc, int]]:
    """The file as data, and the line on which each part of it stands; a bare list is taken as the key `listed`."""
    lines: dict[Loc, int] = {}
    try:
        node = yaml.compose(_text(path), Loader=yaml.SafeLoader)
        bare = listed is not None and isinstance(node, yaml.SequenceNode)
        data = _plain(node, (listed,) if bare and listed else (), lines, path, problems) if node is not None else {}
        data = {listed: data} if bare else data
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        problems.append(Problem(where, f"is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}"))
        return {}, {}
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        problems.append(Problem(str(path), f"cannot be read: {reason(error)}"))
        return {}, {}
    if not isinstance(data, dict):
        problems.append(Problem(f"{path}:1", "must be a list of keys with their values, such as poll: {every: 60s}"))
        return {}, {}
    return data, lines


def _text(path: Path) -> str:
    """The file's text, if it is of a size that a person would write."""
    if path.stat().st_size > _TOO_LARGE:
        raise ValueError("it is larger than a megabyte")
    return path.read_text(encoding="utf-8")


def _plain(
    node: yaml.Node,
    at: Loc,
    lines: dict[Loc, int],
    path: Path,
    problems: list[Problem],
) -> Any:
    """The node as plain data; a key that stands twice is a problem, not the last one's win."""
    lines[at] = node.start_mark.line + 1
    match node:
        case yaml.MappingNode():
            made: dict[str, Any] = {}
            for key_node, value in node.value:
                key = str(key_node.value)
                if key in made:
                    problems.append(Problem(f"{path}:{key_node.start_mark.line + 1}", f"{key!r} stands here twice"))
                made[key] = _plain(value, (*at, key), lines, path, problems)
                lines[*at, key] = key_node.start_mark.line + 1
            return made
        case yaml.SequenceNode():
            return [_plain(each, (*at, index), lines, path, problems) for index, each in enumerate(node.value)]
        case _:
            return yaml.SafeLoader("").construct_object(node)
