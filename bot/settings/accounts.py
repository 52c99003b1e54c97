"""Which accounts are there, and what is wrong with them that no single value shows?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.core.stats import Pool
from bot.settings.model import AccountSettings, ModelArtsSettings, Settings
from bot.settings.problems import Problem

# How the official SDK begins the names of its variables.
OFFICIAL = "HUAWEICLOUD_SDK"
# What of an access key a variable, or the file that it names, may hold.
KEYS = ("AK", "SK", "SECURITY_TOKEN")
# What says which project is meant: with several accounts each entry has its own.
_OF_AN_ENTRY = ("region", "endpoint", "iam_endpoint", "project_id")


@dataclass(frozen=True, slots=True)
class ChosenAccount:
    """One account with everything that holds for it; without a name where it is the only one."""

    name: str
    modelarts: ModelArtsSettings
    credentials_file: str | None = None
    credentials_env: str = OFFICIAL

    @property
    def origin(self) -> str:
        """Where its credentials stand, for who has to renew them."""
        if self.modelarts.auth == "token":
            return f"{self.section}__IAM_PASSWORD"
        return self.credentials_file or f"{self.credentials_env}_AK, {self.credentials_env}_SK"

    @property
    def section(self) -> str:
        """How the names of the variables begin that override its values."""
        return variable("accounts", self.name) if self.name else variable("modelarts")


def chosen(one: ModelArtsSettings, several: tuple[AccountSettings, ...]) -> tuple[ChosenAccount, ...]:
    """The accounts: those listed, with what they leave out taken from `one`; or that one alone."""
    if not several:
        return (ChosenAccount("", one),)
    return tuple(_merged(one, each) for each in several)


def wants(settings: Settings, pool: Pool) -> bool:
    """Whether the configuration is about `pool`; one of which it is not known whose it is, any account may want."""
    if not settings.accounts:
        # Of several accounts that there were before the one that is left may be any that is where it is.
        elsewhere = pool.region and settings.modelarts.region not in {pool.region, None}
        return not elsewhere and _names(settings.modelarts.pools, pool)
    of = (each for each in settings.accounts if pool.account in {each.name, ""})
    return any(_names(settings.modelarts.pools if each.pools is None else each.pools, pool) for each in of)


def _names(pools: Literal["all"] | tuple[str, ...], pool: Pool) -> bool:
    return pools == "all" or pool.named_by(pools)


def _merged(one: ModelArtsSettings, account: AccountSettings) -> ChosenAccount:
    given = {key: value for key in ModelArtsSettings.model_fields if (value := getattr(account, key, None)) is not None}
    env = account.credentials_env or OFFICIAL
    return ChosenAccount(account.name, one.model_copy(update=given), account.credentials_file, env)


def variable(*keys: str) -> str:
    """The name of the variable that overrides a value: POOL_STATS_ACCOUNTS__PROD__MAX_RATE."""
    return "POOL_STATS_" + "__".join(re.sub(r"[^A-Z0-9]", "_", key.upper()) for key in keys)


def wrong_accounts(data: Mapping[str, Any], place: Any) -> Iterator[Problem]:
    """What is wrong with the accounts beside each other, and beside `modelarts`."""
    accounts = data.get("accounts")
    several = enumerate(accounts if isinstance(accounts, list) else [accounts])
    listed = [(number, each) for number, each in several if isinstance(each, dict)]
    if not listed:
        return
    beside = data.get("modelarts")
    shared = beside if isinstance(beside, dict) else {}
    for key in _OF_AN_ENTRY:
        if shared.get(key) is not None:
            text = f"{key} belongs into an entry of accounts; beside accounts, modelarts says what they have in common"
            yield Problem(place(("modelarts", key)), text)
    regions = [str(each.get("region") or "").casefold() for _, each in listed]
    names: set[str] = set()
    projects: dict[tuple[str, str], str] = {}
    for number, each in listed:
        at, name = ("accounts", number), str(each.get("name", ""))
        if name and variable(name) in names:
            yield Problem(place((*at, "name")), f"another account is called {name!r}: every account needs its own name")
        elif name and regions.count(name.casefold()) > (str(each.get("region")).casefold() == name.casefold()):
            text = f"{name!r} is the region of another account, too: pools could not be told apart by it"
            yield Problem(place((*at, "name")), text)
        names.add(variable(name))
        yield from _alone(each, shared, at, place)
        where = str(each.get("endpoint") or each.get("region") or "").rstrip("/").casefold()
        project = (where, str(each.get("project_id") or ""))
        if all(project) and project in projects:
            text = f"the account {projects[project]!r} is about this project already: its pools would be read twice"
            yield Problem(place((*at, "project_id")), text)
        projects.setdefault(project, name)


def _alone(each: Mapping[str, Any], shared: Mapping[str, Any], at: tuple[Any, ...], place: Any) -> Iterator[Problem]:
    """What is wrong with one of them."""
    if not each.get("region") and not each.get("endpoint"):
        yield Problem(place(at), "where is it? set region, or endpoint")
    elif not each.get("region") and not each.get("project_id"):
        yield Problem(place(at), "set project_id, or the region whose name finds it")
    given = [key for key in ("credentials_file", "credentials_env") if each.get(key)]
    if len(given) > 1:
        yield Problem(place((*at, given[1])), f"{given[0]} is set as well: set one of the two")
    auth = each.get("auth") or shared.get("auth")
    if auth == "token":
        missing = [key for key in ("iam_user", "iam_domain") if not each.get(key) and not shared.get(key)]
        if missing:
            yield Problem(place(at), f"auth: token needs {' and '.join(missing)}")
        if given:
            yield Problem(place((*at, given[0])), f"{given[0]} is for access keys, but auth is token")
