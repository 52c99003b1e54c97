"""What does the environment say: secrets, values that override the file, and files that hold a secret?"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.settings.keys import models_at, unknown_key
from bot.settings.model import Settings
from bot.settings.problems import Loc, Problem, reason

PREFIX = "POOL_STATS_"
CONFIG = "POOL_STATS_CONFIG"

# Variables of others that hold a secret; each may also be named with _FILE, as a file that holds it.
SLACK = {
    "SLACK_BOT_TOKEN": "bot_token",
    "SLACK_APP_TOKEN": "app_token",
    "SLACK_SIGNING_SECRET": "signing_secret",
    "SLACK_CLIENT_ID": "client_id",
    "SLACK_CLIENT_SECRET": "client_secret",
    "SLACK_API_URL": "api_url",
}
TEAMS = {"CLIENT_ID": "client_id", "CLIENT_SECRET": "client_secret", "TENANT_ID": "tenant_id"}
HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
SECRETS = ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "DATABASE_URL", *HEADERS)


def with_files(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The environment, with secrets read from the files that `<NAME>_FILE` names."""
    found = dict(environ)
    names = [*SLACK, *TEAMS, *SECRETS, *(key[:-5] for key in environ if key.startswith(PREFIX))]
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
            problems.append(Problem(f"{name}_FILE", f"cannot be read: {reason(error)}"))
    return found


def override(data: dict[str, Any], environ: Mapping[str, str], problems: list[Problem]) -> dict[Loc, str]:
    """Put the variables' values into the file's, and say which place came from which variable."""
    places: dict[Loc, str] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG:
            continue
        loc = tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
        wrong = _first_unknown(loc)
        if wrong is not None:
            problems.append(Problem(name, unknown_key(wrong)))
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


def _first_unknown(loc: tuple[str, ...]) -> tuple[str, ...] | None:
    """The beginning of `loc` up to the first key that does not exist; `None` where all of them do."""
    for end in range(1, len(loc) + 1):
        if not any(loc[end - 1] in model.model_fields for model in models_at(Settings, loc[: end - 1])):
            return loc[:end]
    return None


def _value(text: str) -> Any:
    """A variable's value: YAML where it is a list or a section, else the text as it is."""
    if text[:1] in {"[", "{"}:
        # JSON is YAML too; who writes no other has nothing imported for it.
        with suppress(ValueError, RecursionError):
            return json.loads(text)
        import yaml  # noqa: PLC0415 - see above

        try:
            return yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):  # no YAML, no such day, nested too deeply
            return text
    return text
