"""Are credentials found where the official SDK finds them, and addresses where it has them?"""

from pathlib import Path
from typing import Any

import pytest
from huaweicloudsdkcore.auth.endpoint import get_iam_endpoint_by_id
from huaweicloudsdkmodelarts.v1.region.modelarts_region import ModelArtsRegion

from bot.modelarts.credentials import CredentialsError, Keys, Login, find, read_file
from bot.modelarts.errors import BadRequest, UnexpectedAnswer
from bot.modelarts.regions import MODELARTS_REGIONS, checked_endpoint, iam_endpoint, modelarts_endpoint
from tests.modelarts.stub import KEYS, NOON, PROJECT, SECRET, STATISTICS, Hands, Reply, Stub, client, ok
from tests.modelarts.test_statistics import POOL

NOWHERE = Path("/nonexistent")


def written(folder: Path, text: str) -> Path:
    path = folder / "credentials"
    path.write_text(text)
    return path


def test_the_official_variables_are_read() -> None:
    found = find(
        {
            "HUAWEICLOUD_SDK_AK": "AK1",
            "HUAWEICLOUD_SDK_SK": "SK1",
            "HUAWEICLOUD_SDK_SECURITY_TOKEN": "TOK",
            "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT,
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": "https://iam.example.com",
        },
        home=NOWHERE,
    )

    assert found is not None
    assert (found.keys, found.project_id, found.iam_endpoint, found.origin) == (
        Keys("AK1", "SK1", "TOK"),
        PROJECT,
        "https://iam.example.com",
        "environment",
    )


def test_the_official_credentials_file_is_read(tmp_path: Path) -> None:
    text = "[global]\nak = G\nsk = G\n[basic]\nak = AK2\nsk = S%K=2\nsecurity_token = TOK\nproject_id = p\n"
    path = written(tmp_path, text + "iam_endpoint = https://iam.example.com\n")

    found = find({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)}, home=NOWHERE)

    assert found is not None
    assert (found.keys, found.project_id, found.iam_endpoint) == (
        Keys("AK2", "S%K=2", "TOK"),
        "p",
        "https://iam.example.com",
    )


def test_the_credentials_file_of_the_home_folder_is_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / ".huaweicloud").mkdir()
    written(tmp_path / ".huaweicloud", "[basic]\nak = HOME\nsk = HOME\n")

    at_home = find({}, home=tmp_path)
    set_besides = find({"HUAWEICLOUD_SDK_AK": "ENV", "HUAWEICLOUD_SDK_SK": "ENV"}, home=tmp_path)

    assert at_home is not None
    assert at_home.keys.access_key == "HOME"
    assert set_besides is not None
    assert set_besides.keys.access_key == "ENV"
    assert find({"HUAWEICLOUD_SDK_AK": "", "HUAWEICLOUD_SDK_SK": " "}, home=NOWHERE) is None


def test_a_project_id_of_the_environment_wins_over_the_files(tmp_path: Path) -> None:
    path = written(tmp_path, "[basic]\nak = A\nsk = S\nproject_id = of-file\n")

    found = find({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path), "HUAWEICLOUD_SDK_PROJECT_ID": "of-env"}, home=NOWHERE)

    assert found is not None
    assert found.project_id == "of-env"


@pytest.mark.parametrize("missing", ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"])
def test_half_a_key_pair_is_told_by_what_is_missing(missing: str) -> None:
    environment = {"HUAWEICLOUD_SDK_AK": SECRET, "HUAWEICLOUD_SDK_SK": SECRET}
    del environment[missing]

    with pytest.raises(CredentialsError, match=f"{missing} is not set") as caught:
        find(environment, home=NOWHERE)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ak = A\nsk = {SECRET}\n", "is not a credentials file"),
        (f"[basic]\nak = A\n{SECRET}\n", "is not a credentials file"),
        (f"[basic]\nsk = {SECRET}\nsk = {SECRET}\n", "is not a credentials file"),
        (f"[basic]\nsk = {SECRET}\n", "must state ak and sk"),
        (f"[global]\nak = A\nsk = {SECRET}\n", "no section"),
        (f"[basic]\nak = A\nsk = {SECRET} {SECRET}\n", "characters that no secret key has"),
        ("#" * 70_000, "too large"),
    ],
)
def test_a_credentials_file_that_cannot_be_used_is_told_without_its_secrets(
    text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(CredentialsError, match=told) as caught:
        read_file(written(tmp_path, text))

    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_credentials_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="cannot be read"):
        find({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "none")}, home=NOWHERE)


@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "schlüssel", "tab\t"])
def test_keys_that_cannot_travel_in_a_header_are_refused(value: str) -> None:
    with pytest.raises(CredentialsError, match="access key"):
        Keys(value, "SK")
    with pytest.raises(CredentialsError, match="secret key"):
        Keys("AK", value)
    with pytest.raises(CredentialsError, match="security token"):
        Keys("AK", "SK", value)


def test_no_secret_is_in_any_repr() -> None:
    shown = repr(Keys("AKAKAK", "SKSKSK", "TOKTOK")) + repr(Login("user", "PASSPASS", "domain"))

    for secret in ("AKAKAK", "SKSKSK", "TOKTOK", "PASSPASS"):
        assert secret not in shown


def test_temporary_credentials_send_and_sign_their_token(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, ok())

    with client(stub, hands, Keys("AK", "SK", "gQpjbi1ub3J0aC00+/==")) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)

    headers = stub.seen[0].headers
    assert headers["X-Security-Token"] == "gQpjbi1ub3J0aC00+/=="
    assert "SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token," in headers["Authorization"]


def test_the_project_id_is_looked_up_from_the_region_once_where_it_is_not_given(stub: Stub, hands: Hands) -> None:
    stub.on("/v3/projects", ok({"projects": [{"id": PROJECT, "name": "cn-north-4"}], "links": {}}))
    stub.on(STATISTICS, ok())

    with client(stub, hands, project_id=None) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        modelarts.pool_stats(POOL, now=NOON)
        assert modelarts.project_id == PROJECT

    assert [seen.target for seen in stub.seen].count("/v3/projects?name=cn-north-4") == 1
    assert stub.seen[0].headers["Authorization"].startswith(f"SDK-HMAC-SHA256 Access={KEYS.access_key}")
    assert "X-Project-Id" not in stub.seen[0].headers


@pytest.mark.parametrize(
    ("projects", "told"),
    [([], "no project called 'cn-north-4'"), ([{"id": "a"}, {"id": "b"}], "2 projects called 'cn-north-4'")],
)
def test_no_project_and_several_projects_are_told_and_not_guessed(
    projects: list[Any], told: str, stub: Stub, hands: Hands
) -> None:
    stub.on("/v3/projects", ok({"projects": projects}))

    with client(stub, hands, project_id=None) as modelarts, pytest.raises(UnexpectedAnswer, match=told):
        modelarts.pool_stats(POOL, now=NOON)


def test_iams_words_for_a_wrong_question_are_understood(stub: Stub, hands: Hands) -> None:
    stub.on("/v3/projects", Reply(400, {"error": {"code": 400, "message": "The request body is invalid"}}))

    with client(stub, hands, project_id=None) as modelarts, pytest.raises(BadRequest, match="request body is invalid"):
        modelarts.pool_stats(POOL, now=NOON)


def test_the_region_table_is_that_of_the_official_sdk() -> None:
    theirs = {name: region.endpoints[0] for name, region in ModelArtsRegion.static_fields.items()}

    assert {region: modelarts_endpoint(region) for region in MODELARTS_REGIONS} == theirs


@pytest.mark.parametrize(
    "region", [*MODELARTS_REGIONS, "ae-ad-1", "cn-east-2", "cn-south-2", "eu-west-0", "ru-moscow-1", "na-mexico-1"]
)
def test_the_iam_table_is_that_of_the_official_sdk(region: str) -> None:
    assert iam_endpoint(region) == get_iam_endpoint_by_id(region, "https://iam.myhuaweicloud.com")


def test_the_european_iam_is_known_though_the_sdk_lacks_it() -> None:
    assert iam_endpoint("eu-west-101") == "https://iam.eu-west-101.myhuaweicloud.eu"


def test_an_unknown_region_is_told_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"'cn-nort-4'.*nearest known is cn-north-4"):
        modelarts_endpoint("cn-nort-4")


def test_the_sdks_variables_override_the_tables() -> None:
    environment = {
        "HUAWEICLOUD_SDK_REGION_MODELARTS_CN_NORTH_4": "https://a.example.com,https://b.example.com",
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": "http://127.0.0.1:8080",
    }

    assert modelarts_endpoint("cn-north-4", environment) == "https://a.example.com"
    assert iam_endpoint("cn-north-4", environment) == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("https://modelarts.example.com", "https://modelarts.example.com"),
        (" https://modelarts.example.com/ ", "https://modelarts.example.com"),
        ("modelarts.example.com", "https://modelarts.example.com"),
        ("https://modelarts.example.com:8443", "https://modelarts.example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_endpoint_is_https_or_this_machine(text: str, endpoint: str) -> None:
    assert checked_endpoint(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://modelarts.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://modelarts.example.com",
        "file:///etc/passwd",
        "https://user:secret@modelarts.example.com",
        "https://modelarts.example.com/v2",
        "https://modelarts.example.com?x=1",
        "https://modelarts.example.com#x",
        "https://bad host",
        "https://evil\r\nHost: x",
        "https://host:99999",
        "https://[::1",
    ],
)
def test_an_endpoint_that_is_not_safe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"endpoint|https|address") as caught:
        checked_endpoint(text)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"endpoint": None, "region": None}, {"project_id": None, "region": None}])
def test_a_client_that_could_ask_nobody_is_refused(settings: dict[str, Any], stub: Stub, hands: Hands) -> None:
    with pytest.raises(ValueError, match="must be stated"):
        client(stub, hands, **settings)
