"""The clients of the configured ModelArts accounts."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bot.clock import Clock, Leaving, wait
from bot.modelarts.accounts import Accounts
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import CredentialsError, Found, Keys, Login, find, read_file
from bot.modelarts.limits import Limits
from bot.modelarts.lists import Member
from bot.modelarts.regions import iam_endpoint, modelarts_endpoint
from bot.modelarts.rotating import Rotating
from bot.modelarts.source import Source
from bot.settings.accounts import KEYS, ChosenAccount, variable
from bot.settings.model import ModelArtsSettings
from bot.settings.problems import reason
from bot.settings.reading import Configured


@dataclass(frozen=True, slots=True)
class _Times:
    """How time passes for all who ask: once the bot leaves nobody waits for anything any more."""

    clock: Clock
    leaving: threading.Event | None

    def wait(self, seconds: float) -> None:
        if wait(seconds, self.leaving) and self.leaving is not None:
            raise Leaving("the bot is stopping")


def connect_modelarts(
    config: Configured, clock: Clock, leaving: threading.Event | None = None, *, part: float = 1.0
) -> Source:
    """Whom to ask about the pools, not yet having asked anything: the client of the account, or those of several.

    Args:
        config: What is configured.
        clock: How time passes.
        leaving: Set when nobody shall wait any more.
        part: How much of `max_rate` is for this process, where others ask as well.

    Raises:
        ValueError: Something that is needed is not configured, or cannot be used; says what to set.
    """
    times = _Times(clock, leaving)
    limits = Limits(monotonic=clock.monotonic, wall=clock.wall, wait=times.wait)
    chosen = [replace(each, modelarts=_slower(each.modelarts, part)) for each in config.accounts]
    if not config.settings.accounts:
        return _client(config, chosen[0], times, limits)
    members: list[Member] = []
    problems: list[str] = []
    for account in chosen:
        try:
            client = _client(config, account, times, limits)
        except ValueError as error:
            problems.append(f"account {account.name}: {error}")
        else:
            members.append(Member(account.name, account.modelarts.region or "", client))
    problems += _twice(members)
    if problems:
        for member in members:
            member.client.close()
        raise ValueError("; ".join(problems))
    return Accounts(members, monotonic=clock.monotonic)


def _slower(chosen: ModelArtsSettings, part: float) -> ModelArtsSettings:
    return chosen if part == 1 else chosen.model_copy(update={"max_rate": chosen.max_rate * part})


def _twice(members: list[Member]) -> Iterator[str]:
    """Accounts that turn out to be about one project."""
    seen: dict[tuple[str, str], str] = {}
    for member in members:
        project = member.client.stated_project
        if project is not None and (first := seen.setdefault(project, member.name)) != member.name:
            yield f"account {member.name}: its project is that of account {first}: state another project_id"


def _client(config: Configured, account: ChosenAccount, times: _Times, limits: Limits) -> ModelArts:
    chosen, environ = account.modelarts, config.environ
    if chosen.endpoint is None and chosen.region is None:
        raise ValueError("ModelArts is not configured: set modelarts.region (POOL_STATS_MODELARTS__REGION)")
    found = None if chosen.auth == "token" else _found(account, environ)
    source = Rotating(
        _login(account, environ) if found is None else found.keys,
        partial(_anew, config, account),
        list(_files(config, account, found)),
        monotonic=times.clock.monotonic,
        whose=f"account {account.name}" if account.name else "ModelArts",
    )
    return ModelArts(
        source,
        wall=times.clock.wall,
        monotonic=times.clock.monotonic,
        wait=wait if times.leaving is None else times.wait,
        region=chosen.region,
        endpoint=chosen.endpoint or modelarts_endpoint(chosen.region or "", environ),
        iam_endpoint=chosen.iam_endpoint or iam_endpoint(chosen.region, environ),
        project_id=_project_id(config, account, found),
        trust_env=chosen.trust_env,
        connect_timeout=chosen.connect_timeout,
        read_timeout=chosen.read_timeout,
        deadline=chosen.deadline,
        max_rate=chosen.max_rate,
        limits=limits,
    )


def _project_id(config: Configured, account: ChosenAccount, found: Found | None) -> str | None:
    """Of the only account the environment says it, as for the official SDK; of several each entry.

    What stands beside credentials is the project of whoever has them alone: it cannot be that of two regions.
    """
    named = config.environ.get(f"{account.credentials_env}_PROJECT_ID") or None
    configured = account.modelarts.project_id
    if not account.name:
        return named or configured or (found.project_id if found else None)
    if configured or sum(each.origin == account.origin for each in config.accounts) > 1:
        return configured
    return named or (found.project_id if found else None)


def _found(account: ChosenAccount, environ: Mapping[str, str]) -> Found:
    """The keys of the account.

    Raises:
        CredentialsError: There are none, or they cannot be used.
    """
    if account.credentials_file is not None:
        return read_file(Path(account.credentials_file).expanduser())
    prefix = account.credentials_env
    found = find(environ, home=Path.home(), prefix=prefix)
    if found is None:
        entry = ", or set credentials_file or credentials_env in its entry" if account.name else ""
        raise CredentialsError(
            f"there are no ModelArts credentials: set {prefix}_AK and {prefix}_SK,"
            f" or name a file with {prefix}_CREDENTIALS_FILE{entry}"
        )
    return found


def _login(account: ChosenAccount, environ: Mapping[str, str]) -> Login:
    chosen, name = account.modelarts, _password(account)
    given = environ.get(name) or (chosen.iam_password.get_secret_value() if chosen.iam_password else None)
    if not given:
        raise CredentialsError(f"auth: token needs a password: set {name} (or …_FILE)")
    return Login(chosen.iam_user or "", given, chosen.iam_domain or "")


def _password(account: ChosenAccount) -> str:
    return f"{account.section}__IAM_PASSWORD"


def _anew(config: Configured, account: ChosenAccount) -> Keys | Login:
    """The credentials as their files say them now.

    Raises:
        CredentialsError: They cannot be read, or cannot be used.
    """
    environ = dict(config.environ)
    for name in _names(account):
        if (file := config.files.get(name)) is not None:
            try:
                environ[name] = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise CredentialsError(f"{name}_FILE cannot be read: {reason(error)}") from None
    return _login(account, environ) if account.modelarts.auth == "token" else _found(account, environ).keys


def _names(account: ChosenAccount) -> list[str]:
    """The variables that may hold its secrets."""
    if account.modelarts.auth == "token":
        return [_password(account), variable("modelarts", "iam_password")]
    return [f"{account.credentials_env}_{key}" for key in KEYS]


def _files(config: Configured, account: ChosenAccount, found: Found | None) -> Iterator[Path]:
    if found is not None and found.file is not None:
        yield found.file
    yield from (config.files[name] for name in _names(account) if name in config.files)
