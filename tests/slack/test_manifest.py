"""Would Slack make an app of the manifest?"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, ValidationError

from bot.slack.manifest import slack_manifest
from bot.slack.standing import NEEDED_SCOPES

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "manifests" / "slack" / "manifest.yaml"
SCHEMAS = sorted((HERE / "schemas").glob("*.json"))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(slack_manifest(mode="socket"), id="Socket Mode"),
        pytest.param(slack_manifest(mode="http", url="https://bot.example.com"), id="HTTP"),
        pytest.param(
            slack_manifest(mode="socket", installs="https://bot.example.com"), id="Socket Mode, in several workspaces"
        ),
        pytest.param(yaml.safe_load(SHIPPED.read_text()), id="the shipped file"),
    ],
)
def test_the_manifest_is_valid_against_both_published_schemas(schema: Path, manifest: dict[str, Any]) -> None:
    Draft7Validator(json.loads(schema.read_text())).validate(manifest)


def test_there_are_two_schemas_and_they_would_notice() -> None:
    assert len(SCHEMAS) == 2
    bad = slack_manifest(mode="socket")
    bad["features"]["slash_commands"][0]["command"] = "pool-stats"

    for schema in SCHEMAS:
        with pytest.raises(ValidationError):
            Draft7Validator(json.loads(schema.read_text())).validate(bad)


def test_the_shipped_manifest_is_the_generated_one() -> None:
    assert yaml.safe_load(SHIPPED.read_text()) == slack_manifest(mode="socket")


def test_over_http_every_address_leads_to_the_bot() -> None:
    manifest = slack_manifest(mode="http", url="https://bot.example.com/")

    at = "https://bot.example.com/slack/events"
    assert {command["url"] for command in manifest["features"]["slash_commands"]} == {at}
    assert manifest["settings"]["interactivity"]["request_url"] == at
    assert manifest["settings"]["socket_mode_enabled"] is False


def test_an_app_for_several_workspaces_brings_people_back_and_hears_of_the_end() -> None:
    manifest = slack_manifest(mode="http", url="https://bot.example.com", installs="https://bot.example.com/")

    assert manifest["oauth_config"]["redirect_urls"] == ["https://bot.example.com/slack/oauth_redirect"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert manifest["settings"]["token_rotation_enabled"]
    with pytest.raises(ValueError, match="https://"):
        slack_manifest(mode="socket", installs="")


def test_in_socket_mode_there_is_no_address() -> None:
    assert "https://" not in json.dumps(slack_manifest(mode="socket"))


@pytest.mark.parametrize("url", [None, "", "http://bot.example.com", "bot.example.com"])
def test_http_mode_wants_an_https_address(url: str | None) -> None:
    with pytest.raises(ValueError, match="https://"):
        slack_manifest(mode="http", url=url)


def test_a_name_that_slack_refuses_is_refused_here() -> None:
    with pytest.raises(ValueError, match="35"):
        slack_manifest(mode="socket", name="x" * 36)


def test_the_manifest_asks_for_the_rights_that_the_bot_cannot_be_without() -> None:
    scopes = slack_manifest(mode="socket")["oauth_config"]["scopes"]

    assert set(scopes["bot"]) >= NEEDED_SCOPES
    assert not set(scopes["bot"]) & set(scopes["bot_optional"])
