"""How do a file and the environment become `Settings`, and what is wrong with them, all of it at once and where?"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, SecretStr, ValidationError

from bot.core.rules.model import KINDS, AlertRule
from bot.settings.accounts import KEYS, OFFICIAL, ChosenAccount, chosen, wrong_accounts
from bot.settings.environment import (
    CONFIG,
    HEADERS,
    SECRETS,
    SLACK,
    TEAMS,
    files_of,
    override,
    secret_names,
    with_files,
)
from bot.settings.keys import unknown_key
from bot.settings.model import PATTERNS, Settings, SlackSecrets, TeamsSecrets
from bot.settings.problems import ConfigError, Loc, Problem
from bot.settings.values import Section

_M = TypeVar("_M", bound=BaseModel)


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
    # Where in the file, or in which variable, a part of the settings stands.
    place: Callable[[Loc], str] = field(default=lambda loc: _place(loc, {}, {}, None), repr=False, compare=False)
    # The environment as it was given, and which secrets stand in which file: they may be exchanged while the bot runs.
    given: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    files: Mapping[str, Path] = field(default_factory=dict, repr=False, compare=False)

    @property
    def accounts(self) -> tuple[ChosenAccount, ...]:
        """Every account that pools are read of; the one under `modelarts` where no others are listed."""
        return chosen(self.settings.modelarts, self.settings.accounts)

    def secrets(self) -> Iterator[str]:
        """Everything that must never be shown."""
        of_modelarts = (self.settings.modelarts, *self.settings.accounts)
        for section in (self.slack, self.teams, self.settings.teams, *of_modelarts):
            for _, value in section:
                if isinstance(value, SecretStr):
                    yield value.get_secret_value()
        if key := self.settings.slack.token_key:
            yield from (part.strip() for part in key.get_secret_value().split(",") if part.strip())
        of_accounts = (f"{each.credentials_env}_{key}" for each in self.accounts for key in KEYS)
        for name in dict.fromkeys((*SECRETS, *of_accounts)):
            if value := self.environ.get(name):
                yield value
        yield from _in_addresses(self.environ.get("DATABASE_URL", ""), self.settings.teams.webhook_url)
        for name in HEADERS:
            # A header alone is a secret as well, as it is written and as it is sent.
            for each in self.environ.get(name, "").split(","):
                yield from (each.partition("=")[2].strip(), unquote(each.partition("=")[2].strip()))

    @property
    def installs_by_oauth(self) -> bool:
        """Whether workspaces install the app by themselves, each with a token of its own."""
        return bool(self.slack.client_id) and self.slack.client_secret is not None

    @property
    def slack_mode(self) -> str:
        """How Slack reaches the bot: as configured, else by the secrets that are there."""
        if self.settings.slack.mode is not None:
            return self.settings.slack.mode
        if self.slack.bot_token is None and not self.installs_by_oauth:
            return "off"
        if self.slack.app_token is not None:
            return "socket"
        return "http" if self.slack.signing_secret is not None else "off"


def _in_addresses(database_url: str, webhook: SecretStr | None) -> Iterator[str]:
    """What is secret in an address, as others write it: a driver names the password alone, an error of HTTP no host."""
    if found := re.search(r"://[^:@/]*:([^@]*)@", database_url):
        yield from (found[1], unquote(found[1]))
    if webhook is not None:
        yield re.sub(r"^\w+://[^/?]*", "", webhook.get_secret_value())


def read(path: Path | None, environ: Mapping[str, str]) -> Configured:
    """The configuration from `path` (else the file `POOL_STATS_CONFIG` names, else none) and the environment.

    Raises:
        ConfigError: Something is wrong; everything that is, is told.
    """
    if path is None and environ.get(CONFIG):
        path = Path(environ[CONFIG])
    problems: list[Problem] = []
    given, names = environ, secret_names(environ)
    environ = with_files(environ, names, problems)
    data, lines = _file(path, problems) if path is not None else ({}, {})
    places = override(data, environ, problems)

    def place(loc: Loc) -> str:
        return _place(loc, places, lines, path)

    settings = _checked(Settings, data, place, problems)
    slack = _checked(SlackSecrets, _given(SLACK, environ), lambda loc: _variable(loc, SLACK), problems)
    teams = _checked(TeamsSecrets, _given(TEAMS, environ), lambda loc: _variable(loc, TEAMS), problems)
    problems.extend(_twice(data, place))
    problems.extend(wrong_accounts(data, place))
    if settings is not None:
        names = [*names, *(f"{each.credentials_env or OFFICIAL}_{key}" for each in settings.accounts for key in KEYS)]
        environ = with_files(environ, names, problems)
    if problems or settings is None or slack is None or teams is None:
        raise ConfigError(problems)
    url = environ.get("DATABASE_URL")
    return Configured(
        settings,
        slack,
        teams,
        SecretStr(url) if url else None,
        environ,
        path,
        place,
        given=given,
        files=files_of(given, names),
    )


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

    def place(loc: Loc) -> str:
        return _place(loc, {}, lines, path)

    found = _checked(_Rules, data, place, problems) if not problems else None
    problems.extend(_twice(data, place))
    if problems or found is None:
        raise ConfigError(problems)
    return found.rules


def _file(path: Path, problems: list[Problem], *, listed: str | None = None) -> tuple[dict[str, Any], dict[Loc, int]]:
    # It imports YAML, which who has no file does without.
    from bot.settings.file import read_file  # noqa: PLC0415 - see above

    return read_file(path, problems, listed=listed)


def _checked(model: type[_M], data: Mapping[str, Any], place: Any, problems: list[Problem]) -> _M | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            loc = each["loc"]
            text = unknown_key(loc) if each["type"] == "extra_forbidden" else _told(each)
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


# What pydantic calls by the names of Python's types.
_SHAPES = {
    "tuple_type": "should be a list",
    "model_type": "should be a section with keys of its own",
    "dict_type": "should be a section with keys of its own",
}


def _told(error: Any) -> str:
    if error["type"] in _SHAPES:
        return _SHAPES[error["type"]]
    if pattern := PATTERNS.get(error.get("ctx", {}).get("pattern", "")):
        return pattern
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _given(names: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    return {key: environ[name] for name, key in names.items() if environ.get(name)}


def _variable(loc: Loc, names: Mapping[str, str]) -> str:
    return next((name for name, key in names.items() if loc and key == loc[0]), "environment")


def _place(
    loc: Loc,
    places: Mapping[Loc, str],
    lines: Mapping[Loc, int],
    path: Path | None,
) -> str:
    """The variable, or the file and line, and the key's path."""
    # Where kinds differ pydantic names the kind in the path; the file does not.
    at = tuple(part for part in loc if part not in KINDS)
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    for end in range(len(at), 0, -1):
        if at[:end] in places:
            # Of a list that stands in one variable it is said which entry is meant.
            return places[at[:end]] if end == len(at) else f"{places[at[:end]]} {key}"
        if at[:end] in lines:
            return f"{path}:{lines[at[:end]]} {key}"
    return f"{path}:1 {key}".rstrip() if path is not None and lines else key or "configuration"
