"""Would Teams take the app that the manifest describes?"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, ValidationError
from PIL import Image

from bot.core.language import Language, speaking
from bot.core.spoken import HOME, spoken
from bot.messages.model import Button, Verb
from bot.teams.manifest import OLDER, Publisher, as_text, in_chinese, teams_manifest, teams_package
from bot.teams.opening import opens_form

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "manifests" / "teams"
SCHEMA = json.loads((HERE / "schemas" / "teams-manifest-1.30.schema.json").read_text(encoding="utf-8"))

# What stands in the files that come with the project: an id that is nobody's.
NOBODY = "00000000-0000-0000-0000-000000000000"
EXAMPLE = teams_manifest(NOBODY, url="https://bot.example.com")
FULL = teams_manifest(
    "5A4DB0C5-0000-4000-8000-00000000B075",
    url="https://bot.example.com:8443/pools/api/messages",
    publisher=Publisher(
        "机器学习平台", "https://ml.example.com", "https://ml.example.com/p", "https://ml.example.com/t"
    ),
)


def errors_of(manifest: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft4Validator(SCHEMA).iter_errors(manifest)]


@pytest.mark.parametrize(
    "manifest", [EXAMPLE, FULL, json.loads((SHIPPED / "manifest.json").read_bytes())], ids=["least", "all", "shipped"]
)
def test_the_manifest_is_valid_against_the_published_schema(manifest: dict[str, Any]) -> None:
    assert errors_of(manifest) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": "pool-stats"},
        {"bots": [EXAMPLE["bots"][0] | {"scopes": ["channel"]}]},
        {"name": {"short": "x" * 31, "full": "x"}},
        {"permission": []},
    ],
    ids=lambda spoilt: next(iter(spoilt)),
)
def test_the_schema_would_notice(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft4Validator(SCHEMA).validate(EXAMPLE | spoilt)


def test_an_older_tenant_gets_the_same_without_what_it_does_not_know() -> None:
    older = teams_manifest(NOBODY, url="https://bot.example.com", older=True)

    assert older["manifestVersion"] == OLDER == "1.19"
    assert "v1.19/" in older["$schema"]
    written = json.dumps(older)
    assert "supportsTargetedMessages" not in written
    assert "triggers" not in written
    newest = EXAMPLE | {"manifestVersion": "1.19", "$schema": older["$schema"]}
    newest["bots"] = [{key: value for key, value in EXAMPLE["bots"][0].items() if key != "supportsTargetedMessages"}]
    newest["bots"][0]["commandLists"] = [
        {key: value for key, value in listed.items() if key != "triggers"}
        for listed in newest["bots"][0]["commandLists"]
    ]
    assert older == newest


def test_slash_commands_are_offered_where_there_are_any_and_answered_to_the_asker_alone() -> None:
    (bot,) = EXAMPLE["bots"]

    assert bot["supportsTargetedMessages"] is True
    assert {tuple(each["scopes"]): each.get("triggers") for each in bot["commandLists"]} == {
        ("personal",): None,
        ("team", "groupChat"): ["slash", "mention"],
    }


def test_the_app_asks_for_no_right_to_read_what_people_write_to_each_other() -> None:
    assert "authorization" not in EXAMPLE
    assert "webApplicationInfo" not in EXAMPLE
    assert EXAMPLE["permissions"] == ["identity", "messageTeamMembers"]
    assert EXAMPLE["validDomains"] == ["bot.example.com"]


@pytest.mark.parametrize("command", EXAMPLE["bots"][0]["commandLists"][1]["commands"], ids=lambda each: each["title"])
def test_what_a_command_sends_is_something_that_the_bot_understands(command: dict[str, str]) -> None:
    meant = spoken(command["title"])

    assert meant.command != "/pool-stats" or meant.text in {"", "help"}
    if command["title"] == "home":
        assert meant.command == HOME
    if command["title"].endswith((" add", " silence")):
        assert opens_form(Button("", Verb.SAY, f"{meant.command} {meant.text}"))


def test_its_words_are_there_in_chinese_and_what_is_typed_is_not_translated() -> None:
    said = in_chinese(EXAMPLE)

    assert set(said) >= {"name.short", "name.full", "description.short", "description.full"}
    lists = EXAMPLE["bots"][0]["commandLists"]
    assert len(said) == 4 + sum(len(each["commands"]) for each in lists)
    pattern = re.compile(
        r"(name|description)\.(short|full)|bots\[0\]\.commandLists\[[0-2]\]\.commands\[\d+\]\.description"
    )
    assert all(pattern.fullmatch(key) for key in said)
    assert len(said["description.short"]) <= 80
    assert all(re.search("[\u4e00-\u9fff]", text) for key, text in said.items() if key != "name.short")
    with speaking(Language.CHINESE):
        assert teams_manifest(NOBODY, url="https://bot.example.com")["bots"][0]["commandLists"][0]["commands"][0][
            "title"
        ] == ("pool-stats")


def test_the_package_is_the_same_every_time_and_has_what_teams_wants_at_its_root() -> None:
    packed = teams_package(EXAMPLE)

    assert packed == teams_package(EXAMPLE)
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        assert package.testzip() is None
        assert package.namelist() == ["manifest.json", "zh-cn.json", "color.png", "outline.png"]
        manifest = json.loads(package.read("manifest.json"))
        assert manifest == EXAMPLE
        assert {each["file"] for each in manifest["localizationInfo"]["additionalLanguages"]} == {"zh-cn.json"}
        colour = Image.open(io.BytesIO(package.read(manifest["icons"]["color"])))
        outline = Image.open(io.BytesIO(package.read(manifest["icons"]["outline"])))
    assert (colour.format, colour.size, colour.mode) == ("PNG", (192, 192), "RGB")
    assert (outline.format, outline.size, outline.mode) == ("PNG", (32, 32), "RGBA")
    assert {colour for _, colour in (outline.convert("RGB").getcolors() or [])} == {(255, 255, 255)}
    assert outline.getchannel("A").getextrema() == (0, 255)
    assert outline.getpixel((0, 0)) == (255, 255, 255, 0)


def test_the_shipped_files_are_the_ones_that_are_made() -> None:
    assert (SHIPPED / "manifest.json").read_bytes() == as_text(EXAMPLE)
    assert (SHIPPED / "zh-cn.json").read_bytes() == as_text(in_chinese(EXAMPLE))
    with zipfile.ZipFile(io.BytesIO(teams_package(EXAMPLE))) as package:
        for name in ("color.png", "outline.png"):
            # The pictures are compared, not the bytes: how well they are packed depends on a library.
            made, shipped = (
                Image.open(io.BytesIO(each)) for each in (package.read(name), (SHIPPED / name).read_bytes())
            )
            assert (made.mode, made.size, made.tobytes()) == (shipped.mode, shipped.size, shipped.tobytes())


@pytest.mark.parametrize("url", ["", "http://bot.example.com", "bot.example.com", "https://", "https://a.example/?x=1"])
def test_the_address_is_one_of_https(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        teams_manifest(NOBODY, url=url)


def test_what_teams_would_refuse_is_refused_here() -> None:
    with pytest.raises(ValueError, match="CLIENT_ID"):
        teams_manifest("my-bot", url="https://bot.example.com")
    with pytest.raises(ValueError, match="32"):
        teams_manifest(NOBODY, url="https://bot.example.com", publisher=Publisher("x" * 33))
