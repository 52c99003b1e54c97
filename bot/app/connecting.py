"""The client of the configured ModelArts account."""

import threading
from functools import partial
from pathlib import Path

from bot.clock import Clock, wait
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Found, Keys, Login, find
from bot.modelarts.regions import iam_endpoint, modelarts_endpoint
from bot.settings.reading import Configured


class Leaving(Exception):  # noqa: N818 - named for what it says to whoever waits
    """The bot is stopping, so nobody waits to ask ModelArts again."""


def connect_modelarts(config: Configured, clock: Clock, leaving: threading.Event | None = None) -> ModelArts:
    """The client of the account, not yet having asked anything. Once it is `leaving` it waits for nothing any more.

    Raises:
        ValueError: Something that is needed is not configured, or cannot be used; says what to set.
    """
    chosen = config.settings.modelarts
    if chosen.endpoint is None and chosen.region is None:
        raise ValueError("ModelArts is not configured: set modelarts.region (POOL_STATS_MODELARTS__REGION)")
    found = None if chosen.auth == "token" else find(config.environ, home=Path.home())
    environ = config.environ
    return ModelArts(
        _credentials(config, found),
        wall=clock.wall,
        monotonic=clock.monotonic,
        wait=wait if leaving is None else partial(_wait_unless, leaving),
        region=chosen.region,
        endpoint=chosen.endpoint or modelarts_endpoint(chosen.region or "", environ),
        iam_endpoint=chosen.iam_endpoint or iam_endpoint(chosen.region, environ),
        project_id=_project_id(config, found),
        trust_env=chosen.trust_env,
        connect_timeout=chosen.connect_timeout,
        read_timeout=chosen.read_timeout,
        deadline=chosen.deadline,
        max_rate=chosen.max_rate,
    )


def _project_id(config: Configured, found: Found | None) -> str | None:
    """The environment names it as the official SDK does; the configuration and the credentials file come after."""
    configured = config.settings.modelarts.project_id
    return config.environ.get("HUAWEICLOUD_SDK_PROJECT_ID") or configured or (found.project_id if found else None)


def _credentials(config: Configured, found: Found | None) -> Keys | Login:
    chosen = config.settings.modelarts
    if chosen.auth == "token":
        if chosen.iam_password is None:
            raise ValueError("auth: token needs a password: set POOL_STATS_MODELARTS__IAM_PASSWORD (or …_FILE)")
        return Login(chosen.iam_user or "", chosen.iam_password.get_secret_value(), chosen.iam_domain or "")
    if found is None:
        raise ValueError(
            "there are no ModelArts credentials: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK,"
            " or name a file with HUAWEICLOUD_SDK_CREDENTIALS_FILE"
        )
    return found.keys


def _wait_unless(leaving: threading.Event, seconds: float) -> None:
    if wait(seconds, leaving):
        raise Leaving("the bot is stopping")
