"""What does the environment say: secrets, values that override the file, and files that hold a secret?"""

import json
import re
from collections.abc import Iterable, Mapping
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
_OF_A_SERVICE = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_PORT = re.compile(r"(tcp|udp|sctp)://")
# The name of a file in the format of the official SDK, which is no secret.
_IS_NONE = "__CREDENTIALS_FILE"
_NO_ACCOUNTS = "there are no accounts yet: list them in the file, or in POOL_STATS_ACCOUNTS: [{name: …, region: …}]"


def secret_names(environ: Mapping[str, str]) -> list[str]:
    """The variables that may also be named with _FILE."""
    ours = (key.removesuffix("_FILE") for key in environ if key.startswith(PREFIX) and not key.endswith(_IS_NONE))
    return [*SLACK, *TEAMS, *SECRETS, *ours]


def with_files(environ: Mapping[str, str], names: Iterable[str], problems: list[Problem]) -> dict[str, str]:
    """The environment, with the secrets called `names` read from the files that `<NAME>_FILE` names."""
    found = dict(environ)
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


def files_of(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, Path]:
    """Which of the secrets called `names` stand in which file."""
    return {name: Path(file) for name in names if (file := environ.get(f"{name}_FILE")) and not environ.get(name)}


def override(data: dict[str, Any], environ: Mapping[str, str], problems: list[Problem]) -> dict[Loc, str]:
    """Put the variables' values into the file's, and say which place came from which variable."""
    places: dict[Loc, str] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG or _is_of_a_service(name, value):
            continue
        loc = tuple(part.lower() for part in name.removeprefix(PREFIX).split("__"))
        if loc[0] == "accounts" and len(loc) > 1:
            _override_account(data, loc, name, value, places, problems)
            continue
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


def _is_of_a_service(name: str, value: str) -> bool:
    """Whether Kubernetes made it: for a Service called pool-stats, or pool-stats-…, it tells every container of it."""
    return _OF_A_SERVICE.fullmatch(name) is not None or (name.endswith("_PORT") and _PORT.match(value) is not None)


def _override_account(
    data: dict[str, Any], loc: tuple[str, ...], name: str, value: str, places: dict[Loc, str], problems: list[Problem]
) -> None:
    """Put a value into the entry of `accounts` that the variable names."""
    listed = data.get("accounts")
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    called = [re.sub(r"[^a-z0-9]", "_", str(each.get("name", "")).casefold()) for each in entries]
    if len(loc) < 3 or loc[1] not in called:
        known = ", ".join(str(each.get("name")) for each in entries)
        text = f"there is no account {loc[1]!r} in accounts; known are: {known}" if known else _NO_ACCOUNTS
        problems.append(Problem(name, text))
    elif (wrong := _first_unknown((loc[0], *loc[2:]))) is not None:
        problems.append(Problem(name, unknown_key(wrong)))
    else:
        entry = entries[called.index(loc[1])]
        entry[loc[2]] = _value(value)
        places["accounts", listed.index(entry) if isinstance(listed, list) else 0, loc[2]] = name


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
