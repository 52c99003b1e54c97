"""Do tokens, projects and temporary keys come as IAM and the metadata service hand them out?"""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.emulator import DEFAULT_PROJECT_ID, AccessKey, Emulator
from tests.emulator.asking import Answer, Asked, Hands, ask, send, wrong

TOKENS = "/v3/auth/tokens"


def token_body(emulator: Emulator, *, password: str | None = None, scope: object = None) -> dict[str, Any]:
    user = {
        "name": emulator.user.name,
        "password": password or emulator.user.password,
        "domain": {"name": emulator.user.domain},
    }
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": scope or {"project": {"name": "cn-north-4"}}}}


def ask_token(emulator: Emulator, body: object) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json;charset=utf8"}
    return send(emulator, Asked(TOKENS, (("nocatalog", "true"),), "POST", headers, text))


def with_token(emulator: Emulator, token: str) -> Answer:
    return send(emulator, Asked(headers={"X-Auth-Token": token}))


def test_a_token_opens_the_statistics(emulator: Emulator) -> None:
    issued = ask_token(emulator, token_body(emulator))

    assert issued.status == 201
    assert issued.headers["X-Subject-Token"].startswith("MII")
    assert issued.json["token"]["expires_at"] == "2026-03-03T12:00:00.000000Z"
    assert issued.json["token"]["project"]["id"] == DEFAULT_PROJECT_ID
    assert with_token(emulator, issued.headers["X-Subject-Token"]).status == 200


def test_a_project_may_be_named_by_its_id(emulator: Emulator) -> None:
    issued = ask_token(emulator, token_body(emulator, scope={"project": {"id": DEFAULT_PROJECT_ID}}))

    assert issued.json["token"]["project"]["name"] == "cn-north-4"


def test_a_wrong_password_is_told_in_the_form_of_iam(emulator: Emulator) -> None:
    refused = ask_token(emulator, token_body(emulator, password="wrong"))

    assert refused.status == 401
    assert refused.json == {
        "error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    }


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"auth": 1}', b'{"auth": {"identity": {"methods": ["token"]}}}'])
def test_a_body_that_is_none_is_told_in_the_form_of_iam(emulator: Emulator, body: bytes) -> None:
    refused = ask_token(emulator, body)

    assert (refused.status, refused.json["error"]["message"]) == (400, "The request body is invalid")


def test_a_token_ends_after_a_day(emulator: Emulator, hands: Hands) -> None:
    token = ask_token(emulator, token_body(emulator)).headers["X-Subject-Token"]
    hands.turn(hours=23, minutes=59)
    assert with_token(emulator, token).status == 200

    hands.turn(minutes=1)

    answer = with_token(emulator, token)
    assert (answer.status, answer.json["error_code"]) == (401, "APIG.0307")
    assert answer.json["error_msg"] == "The token must be updated."


def test_tokens_can_be_let_expire_early(emulator: Emulator) -> None:
    token = ask_token(emulator, token_body(emulator)).headers["X-Subject-Token"]

    emulator.expire_tokens()

    assert with_token(emulator, token).json["error_code"] == "APIG.0307"


def test_a_shorter_token_lifetime_can_be_set(emulator: Emulator, hands: Hands) -> None:
    emulator.access.token_lifetime = timedelta(minutes=1)
    token = ask_token(emulator, token_body(emulator)).headers["X-Subject-Token"]

    hands.turn(minutes=1)

    assert with_token(emulator, token).status == 401


def test_a_made_up_token_cannot_be_decrypted(emulator: Emulator) -> None:
    answer = with_token(emulator, "MIImade-up")

    assert (answer.status, answer.json["error_code"]) == (401, "APIG.0301")
    assert answer.json["error_msg"] == "Incorrect IAM authentication information: decrypt token fail"


def test_a_token_without_a_project_is_refused(emulator: Emulator) -> None:
    issued = ask_token(emulator, token_body(emulator, scope={"domain": {"name": "x"}}))

    answer = with_token(emulator, issued.headers["X-Subject-Token"])

    assert (answer.status, answer.json["error_code"]) == (401, "ModelArts.0212")


def test_projects_are_found_by_name(emulator: Emulator) -> None:
    found = ask(emulator, "/v3/projects", (("name", "cn-north-4"),))

    assert [project["id"] for project in found.json["projects"]] == [DEFAULT_PROJECT_ID]
    assert ask(emulator, "/v3/projects", (("name", "moon-1"),)).json["projects"] == []
    assert ask(emulator, "/v3/projects", key=wrong(emulator)).status == 401


def test_a_machine_with_an_agency_gets_a_key_that_works(emulator: Emulator) -> None:
    path = "/meta-data/latest/api/token"
    token = send(emulator, Asked(path, (), "PUT", {"X-Metadata-Token-Ttl-Seconds": "21600"}))
    assert token.status == 200

    told = send(
        emulator, Asked("/openstack/latest/securitykey", headers={"X-Metadata-Token": token.body.decode()})
    ).json["credential"]
    key = AccessKey(told["access"], told["secret"], security_token=told["securitytoken"])

    assert told["expires_at"] == "2026-03-03T12:00:00.000000Z"
    assert ask(emulator, key=key).status == 200


def test_a_machine_without_an_agency_is_told_so(emulator: Emulator) -> None:
    emulator.gateway.metadata.agency = False

    answer = send(emulator, Asked("/openstack/latest/securitykey"))

    assert (answer.status, answer.json["error"]["message"]) == (401, "Please configure Cloud Service Agency first")


def test_no_secret_is_in_a_repr(emulator: Emulator) -> None:
    assert emulator.access_key.secret not in repr(emulator.access_key)
    assert emulator.user.password not in repr(emulator.user)
