"""How do a file and the environment become `Settings`, and what is wrong with them, all of it at once and where?"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, SecretStr, ValidationError

from bot.core.rules.model import AlertRule
from bot.settings.model import Section, Settings, SlackSecrets, TeamsSecrets

PREFIX = "POOL_STATS_"
CONFIG = "POOL_STATS_CONFIG"
_TOO_LARGE = 1_000_000
_M = TypeVar("_M", bound=BaseModel)

# Variables of others that hold a secret; each may also be named with _FILE, as a file that holds it.
_SLACK = {
    "SLACK_BOT_TOKEN": "bot_token",
    "SLACK_APP_TOKEN": "app_token",
    "SLACK_SIGNING_SECRET": "signing_secret",
    "SLACK_CLIENT_ID": "client_id",
    "SLACK_CLIENT_SECRET": "client_secret",
    "SLACK_API_URL": "api_url",
}
_TEAMS = {"CLIENT_ID": "client_id", "CLIENT_SECRET": "client_secret", "TENANT_ID": "tenant_id"}
_SECRET_KEYS = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "DATABASE_URL")


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


@dataclass(frozen=True, slots=True)
class Configured:
    """What was read: the settings, and the secrets from the environment."""

    settings: Settings
    slack: SlackSecrets
    teams: TeamsSecrets
    database_url: SecretStr | None
    # The environment with every `_FILE` of a secret replaced by what the file holds.
    environ: Mapping[str, str] = field(repr=False)
    path: Path | None = None

    def secrets(self) -> Iterator[str]:
        """Everything that must never be shown."""
        for section in (self.slack, self.teams, self.settings.modelarts):
            for _, value in section:
                if isinstance(value, SecretStr):
                    yield value.get_secret_value()
        for name in _SECRET_KEYS:
            if value := self.environ.get(name):
                yield value

    @property
    def slack_mode(self) -> str:
        """How Slack reaches the bot: as configured, else by the secrets that are there."""
        if self.settings.slack.mode is not None:
            return self.settings.slack.mode
        if self.slack.bot_token is None:
            return "off"
        if self.slack.app_token is not None:
            return "socket"
        return "http" if self.slack.signing_secret is not None else "off"


def read(path: Path | None, environ: Mapping[str, str]) -> Configured:
    """The configuration from `path` (else the file `POOL_STATS_CONFIG` names, else none) and the environment.

    Raises:
        ConfigError: Something is wrong; everything that is, is told.
    """
    if path is None and environ.get(CONFIG):
        path = Path(environ[CONFIG])
    problems: list[Problem] = []
    environ = _with_files(environ, problems)
    data, lines = _file(path, problems) if path is not None else ({}, {})
    places = _override(data, environ, problems)

    def place(loc: tuple[str | int, ...]) -> str:
        return _place(loc, places, lines, path)

    settings = _checked(Settings, data, place, problems)
    slack = _checked(SlackSecrets, _given(_SLACK, environ), lambda loc: _variable(loc, _SLACK), problems)
    teams = _checked(TeamsSecrets, _given(_TEAMS, environ), lambda loc: _variable(loc, _TEAMS), problems)
    problems.extend(_twice(data, place))
    if problems or settings is None or slack is None or teams is None:
        raise ConfigError(problems)
    url = environ.get("DATABASE_URL")
    return Configured(settings, slack, teams, SecretStr(url) if url else None, environ, path)


class _Rules(Section):
    rules: tuple[AlertRule, ...]


def read_rules(path: Path) -> tuple[AlertRule, ...]:
    """The rules of a file: a list of them, or the `rules:` of a configuration.

    Raises:
        ConfigError: Something is wrong; everything that is, is told.
    """
    problems: list[Problem] = []
    data, lines = _file(path, problems, listed="rules")
    data = {key: value for key, value in data.items() if key == "rules"}

    def place(loc: tuple[str | int, ...]) -> str:
        return _place(loc, {}, lines, path)

    found = _checked(_Rules, data, place, problems) if not problems else None
    problems.extend(_twice(data, place))
    if problems or found is None:
        raise ConfigError(problems)
    return found.rules


def _with_files(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The environment, with secrets read from the files that `<NAME>_FILE` names."""
    found = dict(environ)
    names = [*_SLACK, *_TEAMS, *_SECRET_KEYS, *(key[:-5] for key in environ if key.startswith(PREFIX))]
    for name in names:
        file = environ.get(f"{name}_FILE")
        if not file:
            continue
        found.pop(f"{name}_FILE", None)
        if environ.get(name):
            problems.append(Problem(f"{name}_FILE", f"{name} is set as well: set one of the two"))
            continue
        try:
            found[name] = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(f"{name}_FILE", f"cannot be read: {_reason(error)}"))
    return found


def _file(
    path: Path, problems: list[Problem], *, listed: str | None = None
) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    """The file as data, and the line on which each part of it stands; a bare list is taken as the key `listed`."""
    lines: dict[tuple[str | int, ...], int] = {}
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
        problems.append(Problem(str(path), f"cannot be read: {_reason(error)}"))
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
    at: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
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


def _override(
    data: dict[str, Any], environ: Mapping[str, str], problems: list[Problem]
) -> dict[tuple[str | int, ...], str]:
    """Put the variables' values into the file's, and say which place came from which variable."""
    places: dict[tuple[str | int, ...], str] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG:
            continue
        loc = tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
        models = _models_at(Settings, loc[:-1])
        if not any(loc[-1] in model.model_fields for model in models):
            problems.append(Problem(name, _unknown(loc)))
            continue
        inner: Any = data
        for part in loc[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                problems.append(Problem(name, f"{part!r} is not a section in the file"))
                break
        else:
            inner[loc[-1]] = _value(value)
            places[loc] = name
    return places


def _value(text: str) -> Any:
    """A variable's value: YAML where it is a list or a section, else the text as it is."""
    if text[:1] in {"[", "{"}:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError:
            return text
    return text


def _checked(model: type[_M], data: Mapping[str, Any], place: Any, problems: list[Problem]) -> _M | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            loc = each["loc"]
            text = _unknown(loc) if each["type"] == "extra_forbidden" else _told(each)
            problems.append(Problem(place(loc), text))
        return None


def _twice(data: Mapping[str, Any], place: Any) -> Iterator[Problem]:
    """Rules that share a name: an alert could not say which of them it is about."""
    seen: set[str] = set()
    rules = data.get("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        name = rule.get("name") if isinstance(rule, dict) else None
        if isinstance(name, str) and name.casefold() in seen:
            yield Problem(
                place(("rules", index, "name")), f"another rule is called {name!r}: every rule needs its own name"
            )
        seen.add(str(name).casefold())


def _told(error: Any) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _unknown(loc: tuple[str | int, ...]) -> str:
    known = sorted({name for model in _models_at(Settings, loc[:-1]) for name in model.model_fields})
    near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.0)
    return f"unknown key {str(loc[-1])!r}" + (f"; the nearest known key is {near[0]!r}" if near else "")


def _models_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """The sections that may stand at `loc`; where kinds differ, the one that `kind` names."""
    found: list[type[BaseModel]] = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        kinds = [each for each in found if part in _kinds(each)]
        if kinds:
            found = kinds
            continue
        found = [
            inner
            for each in found
            if part in each.model_fields
            for inner in _sections(each.model_fields[part].annotation)
        ]
    return found


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind is not None else ()


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for each in get_args(annotation):
            yield from _sections(each)


def _given(names: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    return {key: environ[name] for name, key in names.items() if environ.get(name)}


def _variable(loc: tuple[str | int, ...], names: Mapping[str, str]) -> str:
    return next((name for name, key in names.items() if loc and key == loc[0]), "environment")


def _place(
    loc: tuple[str | int, ...],
    places: Mapping[tuple[str | int, ...], str],
    lines: Mapping[tuple[str | int, ...], int],
    path: Path | None,
) -> str:
    """The variable, or the file and line, and the key's path."""
    # Where kinds differ pydantic names the kind in the path; the file does not.
    at = tuple(part for part in loc if part not in {"threshold", "spike"})
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    for end in range(len(at), 0, -1):
        if at[:end] in places:
            return places[at[:end]]
        if at[:end] in lines:
            return f"{path}:{lines[at[:end]]} {key}"
    return f"{path}:1 {key}".rstrip() if path is not None and lines else key or "configuration"


def _reason(error: Exception) -> str:
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
