"""What can be configured, and which values make sense?"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from bot.core.access import Access, Grant
from bot.core.durations import Duration
from bot.core.language import Language
from bot.core.routes import Route
from bot.core.rules.model import SHIPPED, AlertRule
from bot.cron import Cron
from bot.settings.routing import MaintenanceSettings, RouteSettings
from bot.settings.values import Channel, Channels, Names, PoolNames, Section, at_least, one_or_more, one_or_several

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _off(value: object) -> object:
    """YAML reads a bare `off` as false."""
    return "off" if value is False else value


def collector_url(url: str) -> str:
    """The address, if it is one; collectors stand next to what they listen to, and mostly speak plain http.

    Raises:
        ValueError: It is none, or holds what no address may hold.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:
        # It would stand in every error that names the address.
        raise ValueError("holds a name or a password, which belong in no address")
    if not parts.hostname or parts.scheme not in {"https", "http"}:
        raise ValueError(f"{url!r} is not an address: write https://…")
    return url.rstrip("/")


def _https(url: str) -> str:
    url = collector_url(url)
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(f"{url!r}: plain http is only for this machine; write https://…")
    return url


def _secret_https(url: SecretStr) -> SecretStr:
    """As `_https`, and the address is not repeated where it is wrong."""
    try:
        _https(url.get_secret_value())
    except ValueError:
        raise ValueError("is not an address: write https://…") from None
    return url


def _loopback(url: str) -> str:
    if urlsplit(url).hostname not in LOOPBACK:
        raise ValueError(f"{url!r} must be an address of this machine: it is only for the stand-in")
    return url


Url = Annotated[str, AfterValidator(_https)]
LoopbackUrl = Annotated[str, AfterValidator(_loopback)]


_REGION = r"^[a-z]{2,}-[a-z]+-\d{1,3}$"
_PROJECT = r"^[A-Za-z0-9-]{1,64}$"
# What each pattern asks for, in words.
PATTERNS = {
    _REGION: "is no region: write one as Huawei Cloud does, such as cn-north-4",
    _PROJECT: "is no project id: copy it from the console (My Credentials, API Credentials)",
}


class ModelArtsSettings(Section):
    """Where ModelArts is and which pools matter."""

    region: Annotated[str, Field(pattern=_REGION)] | None = None
    endpoint: Url | None = None
    iam_endpoint: Url | None = None
    project_id: Annotated[str, Field(pattern=_PROJECT)] | None = None
    pools: PoolNames = "all"
    max_rate: Annotated[float, Field(gt=0, le=1000)] = 10.0
    auth: Literal["aksk", "token"] = "aksk"
    iam_user: str | None = None
    iam_domain: str | None = None
    iam_password: SecretStr | None = None
    connect_timeout: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(seconds=5)
    read_timeout: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(seconds=10)
    deadline: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(seconds=30)
    trust_env: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.auth == "token" and not (self.iam_user and self.iam_domain):
            raise ValueError("auth: token needs iam_user and iam_domain")
        return self


def _account_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", name) is None:
        raise ValueError(f"{name!r} is no name for an account: up to 40 letters, digits, - and _")
    return name


class AccountSettings(Section):
    """One of several accounts, projects or regions; what it leaves out is as under `modelarts`."""

    name: Annotated[str, AfterValidator(_account_name)]
    region: Annotated[str, Field(pattern=_REGION)] | None = None
    endpoint: Url | None = None
    iam_endpoint: Url | None = None
    project_id: Annotated[str, Field(pattern=_PROJECT)] | None = None
    pools: PoolNames | None = None
    max_rate: Annotated[float, Field(gt=0, le=1000)] | None = None
    auth: Literal["aksk", "token"] | None = None
    credentials_file: Annotated[str, Field(min_length=1)] | None = None
    credentials_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    iam_user: str | None = None
    iam_domain: str | None = None
    iam_password: SecretStr | None = None


class PollSettings(Section):
    """How often pools are read."""

    every: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(seconds=60)
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    blind_after: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(minutes=10)
    gone_after: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(minutes=15)


class SlackSettings(Section):
    """How Slack reaches the bot; without `mode` the secrets that are there decide."""

    mode: Annotated[Literal["socket", "http", "off"], BeforeValidator(_off)] | None = None
    token_key: SecretStr | None = None
    public_url: Url | None = None


class PublisherSettings(Section):
    """Who is named as the developer of the app in Teams, and which pages say more."""

    name: Annotated[str, Field(min_length=1, max_length=32)] = "Pool Stats"
    website: Url | None = None
    privacy: Url | None = None
    terms: Url | None = None


class TeamsSettings(Section):
    """How Teams reaches the bot, or the bot reaches it."""

    mode: Annotated[Literal["bot", "webhook", "off"], BeforeValidator(_off)] = "off"
    public_url: Url | None = None
    publisher: PublisherSettings = PublisherSettings()
    webhook_url: Annotated[SecretStr, AfterValidator(_secret_https)] | None = None
    openid_metadata_url: LoopbackUrl | None = None
    token_issuer: LoopbackUrl | None = None


class WebSettings(Section):
    """Where the bot listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080


class DeliverySettings(Section):
    """How messages are told."""

    group_by_pool: bool = True
    ask_for_jobs: bool = True
    summary_above: Annotated[int, Field(ge=0, le=1000)] = 8
    gather: Annotated[Duration, at_least(timedelta())] = timedelta(seconds=1)
    fallback: Channel | None = None
    lease: Annotated[Duration, at_least(timedelta(seconds=1))] = timedelta(seconds=40)


class ScaleSettings(Section):
    """How several processes share the work: does the one that leads read the pools, or do workers?"""

    mode: Literal["one", "cluster"] = "one"
    lease: Annotated[Duration, at_least(timedelta(seconds=2))] = timedelta(seconds=10)
    shards: Annotated[int, Field(ge=1, le=4096)] = 64


class RetentionSettings(Section):
    """How long what happened is kept."""

    readings: Annotated[Duration, at_least(timedelta(days=1))] = timedelta(days=30)
    hourly: Annotated[Duration, at_least(timedelta(days=1))] = timedelta(days=400)
    history: Annotated[Duration, at_least(timedelta(days=1))] = timedelta(days=400)


class LogSettings(Section):
    """How the log is written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


class TracesSettings(Section):
    """Who takes notes of how long the bot's work takes."""

    endpoint: Annotated[str, AfterValidator(collector_url)] | None = None


class DigestSettings(Section):
    """A summary at fixed times."""

    to: Channels
    cron: str
    timezone: str = "UTC"
    pools: PoolNames = "all"

    @model_validator(mode="after")
    def _comes(self) -> Self:
        Cron(self.cron, self.timezone)
        return self


def _workspace(text: str) -> str:
    key = text.removeprefix("slack:")
    if not re.fullmatch(r"[TE][A-Z0-9]{4,30}", key):
        raise ValueError(f"{text!r} is not a workspace: write slack:T…, or slack:E… for a whole organisation")
    return f"slack:{key}"


def _channel_id(text: str) -> str:
    if not re.fullmatch(r"slack:([TE][A-Z0-9]{4,30}/)?[CGD][A-Z0-9]{7,}", text):
        raise ValueError(f"{text!r} is not the id of a channel: write slack:C…, as Slack shows it under About")
    return text


ChannelId = Annotated[str, AfterValidator(_channel_id)]
Workspace = Annotated[str, AfterValidator(_workspace)]


class PoolGrant(Section):
    """Pools that only these channels, user groups and workspaces may see."""

    pools: Names
    channels: Names = ()
    groups: Names = ()
    workspaces: Annotated[tuple[Workspace, ...], BeforeValidator(one_or_more)] = ()

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.model_fields_set & {"channels", "groups", "workspaces"}:
            raise ValueError("names nobody who may see these pools: give channels, groups or workspaces")
        return self

    def grant(self) -> Grant:
        """As the core knows it."""
        return Grant(self.pools, self.channels, self.groups, self.workspaces)


class AccessSettings(Section):
    """Who may see and do what."""

    admins: Names = ()
    pools: tuple[PoolGrant, ...] = ()
    hide_users_in: Names = ()
    external: Annotated[tuple[ChannelId, ...], BeforeValidator(one_or_more)] = ()

    def access(self) -> Access:
        """As the core knows it."""
        grants = tuple(grant.grant() for grant in self.pools)
        return Access(self.admins, grants, self.hide_users_in, self.external)


class SlackSecrets(Section):
    """Slack's own names for its secrets."""

    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    api_url: Url = "https://slack.com/api"


class TeamsSecrets(Section):
    """The Teams SDK's own names for its secrets."""

    client_id: str | None = None
    client_secret: SecretStr | None = None
    tenant_id: str | None = None


class Settings(Section):
    """Everything that is configured, checked."""

    language: Language = Language.ENGLISH
    languages: Mapping[Channel, Language] = Field(default_factory=dict)
    modelarts: ModelArtsSettings = ModelArtsSettings()
    accounts: Annotated[tuple[AccountSettings, ...], BeforeValidator(one_or_several)] = ()
    poll: PollSettings = PollSettings()
    slack: SlackSettings = SlackSettings()
    teams: TeamsSettings = TeamsSettings()
    web: WebSettings = WebSettings()
    delivery: DeliverySettings = DeliverySettings()
    scale: ScaleSettings = ScaleSettings()
    retention: RetentionSettings = RetentionSettings()
    log: LogSettings = LogSettings()
    traces: TracesSettings = TracesSettings()
    rules: tuple[AlertRule, ...] = SHIPPED
    routes: tuple[RouteSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    digests: tuple[DigestSettings, ...] = ()
    access: AccessSettings = AccessSettings()

    def told_by(self) -> tuple[Route, ...]:
        """The routes as the core knows them, with everything that keeps them quiet."""
        maintenance = tuple(each.rest() for each in self.maintenance)
        return tuple(route.route(maintenance) for route in self.routes)
