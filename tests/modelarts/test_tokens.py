"""Is an IAM token fetched once, kept, and fetched anew in time?"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from bot.modelarts.credentials import Login
from bot.modelarts.errors import BadCredentials, BadRequest, UnexpectedAnswer
from tests.modelarts.stub import NOON, PROJECT, STATISTICS, Hands, Reply, Stub, client, failed, ok
from tests.modelarts.test_statistics import POOL

IAM = "/v3/auth/tokens"
LOGIN = Login("bot", "p@ss\"w'örd", "acme")
STALE = failed(401, "APIG.0307", "The token must be updated.")


def token(value: str, expires_at: datetime = NOON + timedelta(hours=24), project: str | None = PROJECT) -> Reply:
    """IAM's answer."""
    body: dict[str, object] = {"expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%S.701000Z"), "methods": ["password"]}
    if project:
        body["project"] = {"id": project, "name": "cn-north-4"}
    return Reply(201, {"token": body}, {"X-Subject-Token": value})


def tokens_used(stub: Stub) -> list[str]:
    return [seen.headers["X-Auth-Token"] for seen in stub.seen if seen.path.startswith(STATISTICS)]


def fetches(stub: Stub) -> int:
    return sum(seen.path == IAM for seen in stub.seen)


def test_a_token_is_asked_for_as_iam_documents_it(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)

    seen = stub.seen[0]
    assert (seen.method, seen.target) == ("POST", "/v3/auth/tokens?nocatalog=true")
    assert json.loads(seen.body) == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": "bot", "password": LOGIN.password, "domain": {"name": "acme"}}},
            },
            "scope": {"project": {"id": PROJECT}},
        }
    }
    assert "Authorization" not in seen.headers
    assert tokens_used(stub) == ["MII1"]
    assert "Authorization" not in stub.seen[1].headers


def test_without_a_project_id_the_token_is_for_the_regions_project_and_names_it(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN, project_id=None) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        assert modelarts.project_id == PROJECT

    assert json.loads(stub.seen[0].body)["auth"]["scope"] == {"project": {"name": "cn-north-4"}}
    assert fetches(stub) == 1


def test_a_token_without_a_project_is_told_as_such(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1", project=None))

    with client(stub, hands, LOGIN, project_id=None) as modelarts, pytest.raises(UnexpectedAnswer, match="project id"):
        modelarts.pool_stats(POOL, now=NOON)


def test_one_token_serves_all_questions_of_all_threads(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN) as modelarts, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: modelarts.pool_stats(POOL, now=NOON), range(40)))

    assert fetches(stub) == 1
    assert tokens_used(stub) == ["MII1"] * 40


def test_a_token_is_refreshed_forty_minutes_before_it_expires(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"), token("MII2", NOON + timedelta(hours=48)))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        hands.turn(timedelta(hours=23, minutes=19))
        modelarts.pool_stats(POOL, now=NOON)
        hands.turn(timedelta(minutes=2))
        modelarts.pool_stats(POOL, now=NOON)

    assert tokens_used(stub) == ["MII1", "MII1", "MII2"]


def test_a_token_at_hand_is_used_while_iam_cannot_give_another(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"), Reply(503))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN) as modelarts:
        modelarts.pool_stats(POOL, now=NOON)
        hands.turn(timedelta(hours=23, minutes=30))
        modelarts.pool_stats(POOL, now=NOON)

    assert tokens_used(stub) == ["MII1", "MII1"]


def test_a_token_that_must_be_updated_is_fetched_anew_once(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"), token("MII2"))
    stub.on(STATISTICS, STALE, ok())

    with client(stub, hands, LOGIN) as modelarts:
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert tokens_used(stub) == ["MII1", "MII2"]


def test_a_new_token_that_is_refused_too_opens_the_circuit(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"), token("MII2"), token("MII3"))
    stub.on(STATISTICS, STALE)

    with client(stub, hands, LOGIN) as modelarts:
        for _ in range(3):
            with pytest.raises(BadCredentials, match="the token has expired, or belongs to another region"):
                modelarts.pool_stats(POOL, now=NOON)

    assert tokens_used(stub) == ["MII1", "MII2"]
    assert fetches(stub) == 2


def test_a_token_that_was_invalidated_is_not_used_for_the_probe(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1"), token("MII2"))
    stub.on(STATISTICS, failed(401, "APIG.0301", "decrypt token fail"), ok())

    with client(stub, hands, LOGIN) as modelarts:
        with pytest.raises(BadCredentials, match="the token is not valid"):
            modelarts.pool_stats(POOL, now=NOON)
        hands.turn(timedelta(minutes=5))
        assert modelarts.pool_stats(POOL, now=NOON).jobs == 234

    assert tokens_used(stub) == ["MII1", "MII2"]


def test_a_wrong_password_is_tried_once_in_five_minutes(stub: Stub, hands: Hands) -> None:
    wrong = {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}
    stub.on(IAM, Reply(401, wrong))

    with client(stub, hands, LOGIN) as modelarts, ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(modelarts.pool_stats, POOL, now=NOON) for _ in range(20)]
        errors = [question.exception() for question in asked]

    assert all(isinstance(error, BadCredentials) for error in errors)
    assert "the user name or the password is wrong" in str(errors[0])
    assert fetches(stub) == 1
    assert LOGIN.password not in str(errors[0])


def test_a_password_is_never_repeated(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, Reply(400, {"error": {"code": 400, "message": f"invalid: {LOGIN.password}"}}))

    with client(stub, hands, LOGIN) as modelarts, pytest.raises(BadRequest) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert LOGIN.password not in str(caught.value)
    assert LOGIN.password not in repr(LOGIN)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply(201, {"token": {"expires_at": "2030-01-01T00:00:00Z"}}), id="no token"),
        pytest.param(Reply(201, {"token": {}}, {"X-Subject-Token": "MII"}), id="no expiry"),
        pytest.param(Reply(200, b"<html>", {"X-Subject-Token": "MII"}), id="a web page"),
    ],
)
def test_an_answer_of_iam_without_a_usable_token_is_unexpected(answer: Reply, stub: Stub, hands: Hands) -> None:
    stub.on(IAM, answer)

    with client(stub, hands, LOGIN) as modelarts, pytest.raises(UnexpectedAnswer):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_token_of_short_life_is_not_fetched_for_each_question(stub: Stub, hands: Hands) -> None:
    stub.on(IAM, token("MII1", NOON + timedelta(minutes=30)))
    stub.on(STATISTICS, ok())

    with client(stub, hands, LOGIN) as modelarts:
        for _ in range(3):
            modelarts.pool_stats(POOL, now=NOON)

    assert fetches(stub) == 1
