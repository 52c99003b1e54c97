"""`pool-stats check --online` on set-ups that are broken: each finding once, with what to do about it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import reaching
from bot.sandbox.server import Sandbox
from bot.slack.web import new_session
from tests.benchmarks.lines import certificate_in
from tests.cli.test_checking_teams import answering
from tests.modelarts.stub import Stub
from tests.running import pool_stats


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def found(env: dict[str, str], sandbox: Sandbox, **more: str) -> tuple[list[str], str]:
    """The findings of a check, and what it finds well."""
    routes = json.dumps([{"to": ["slack:#ml-platform", "slack:#random"]}])
    done = pool_stats("check", "--online", env=env | sandbox.environment() | {"POOL_STATS_ROUTES": routes} | more)
    assert done.returncode == 1, done.stderr
    return [line.removeprefix("pool-stats: ") for line in done.stderr.splitlines()], done.stdout


def test_wrong_tokens_a_wrong_project_and_a_folder_that_is_none_are_four_findings(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("not a folder", encoding="utf-8")
    right = sandbox.environment()
    findings, _ = found(
        env,
        sandbox,
        SLACK_BOT_TOKEN=right["SLACK_APP_TOKEN"],
        SLACK_APP_TOKEN=right["SLACK_BOT_TOKEN"],
        HUAWEICLOUD_SDK_PROJECT_ID="0" * 32,
        DATABASE_URL=f"sqlite:///{tmp_path}/taken/bot.db",
    )

    assert len(findings) == 4
    database, modelarts, bot_token, app_token = findings
    assert database.startswith(f"the folder {tmp_path}/taken for the database cannot be made or written: let this user")
    assert modelarts.endswith("check modelarts.project_id (HUAWEICLOUD_SDK_PROJECT_ID) and modelarts.region")
    assert "this is not a bot token; copy SLACK_BOT_TOKEN, which begins with xoxb-, anew" in bot_token
    assert "SLACK_APP_TOKEN is not an app token, which begins with xapp-: set one" in app_token


def test_a_signing_secret_of_the_wrong_length_is_found_and_not_shown(env: dict[str, str], sandbox: Sandbox) -> None:
    with answering(404) as address:
        findings, well = found(
            env,
            sandbox,
            POOL_STATS_SLACK__MODE="http",
            SLACK_SIGNING_SECRET="sesame7",
            POOL_STATS_SLACK__PUBLIC_URL=address,
        )

    channel, secret, way = findings
    assert "the bot is not in #random: invite it there" in channel
    assert "SLACK_SIGNING_SECRET is not one of Slack's" in secret
    assert f"Slack's way to the bot, {address}/slack/events: it does not lead to /slack/events of the bot" in way
    assert "sesame7" not in " ".join(findings) + well
    assert "ok: Slack accepts the bot token" in well


def test_what_is_not_slack_at_all_is_no_fault_of_the_token(env: dict[str, str], sandbox: Sandbox) -> None:
    with answering(404) as address:
        findings, _ = found(env, sandbox, SLACK_API_URL=f"{address}/api/", POOL_STATS_SLACK__MODE="http")

    (only,) = findings
    assert "127.0.0.1 is not Slack's Web API: check SLACK_API_URL" in only
    assert "SLACK_BOT_TOKEN" not in only


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_certificate_that_is_not_trusted_is_said_of_slack_too(tmp_path: Path) -> None:
    with Stub(certificate_in(tmp_path)) as proxy, new_session() as session:
        said = reaching.not_slack(session, f"{proxy.url}/api")

    assert "the certificate of 127.0.0.1 is not trusted here: see that no proxy answers in its place" in str(said)
    assert "REQUESTS_CA_BUNDLE" in str(said)


def test_slack_that_cannot_be_reached_is_no_fault_of_the_token(env: dict[str, str], sandbox: Sandbox) -> None:
    findings, _ = found(env, sandbox, SLACK_API_URL="http://127.0.0.1:9/api/", POOL_STATS_SLACK__MODE="http")

    (only,) = findings
    assert "see that this machine reaches slack.com" in only
    assert "SLACK_BOT_TOKEN" not in only
