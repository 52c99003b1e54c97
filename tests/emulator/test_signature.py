"""Does the stand-in believe a good signature, and no other?"""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given
from hypothesis import strategies as st

from bot.emulator import AccessKey, Emulator
from bot.emulator.signature import canonical_query, canonical_uri, parse_claim, verifies
from tests.emulator.asking import POOLS, STATISTICS, Asked, Hands, ask, send, signed, wrong

AK, SK = "QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
VECTOR_PATH = (
    "/v2/0123456789abcdef0123456789abcdef/statistics/pools/auto-pool-os-86c13962597848eeb29c5861153a391f/workloads"
)
VECTOR_HEADERS = [
    ("Host", "modelarts.cn-north-4.myhuaweicloud.com"),
    ("content-type", "application/json"),
    ("X-PROJECT-ID", "0123456789abcdef0123456789abcdef"),
    ("X-Sdk-Date", "20251119T083000Z"),
]
VECTOR = (
    "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-project-id;x-sdk-date, "
    "Signature=8a01b424eb075a522919427d7e2cb30694954ae5b3374e8bb7cb07e42aeb9629"
)

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def reason(answer: Any) -> str:
    assert (answer.status, answer.json["error_code"]) == (401, "APIG.0301")
    return str(answer.json["error_msg"]).removeprefix("Incorrect IAM authentication information: ")


def test_a_known_vector_verifies() -> None:
    claim = parse_claim(VECTOR)

    assert claim is not None
    assert verifies(claim, SK, "GET", VECTOR_PATH, VECTOR_HEADERS, b"")


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "secret"),
    [
        pytest.param("POST", VECTOR_PATH, VECTOR_HEADERS, b"", SK, id="another method"),
        pytest.param("GET", VECTOR_PATH + "x", VECTOR_HEADERS, b"", SK, id="another path"),
        pytest.param("GET", VECTOR_PATH + "?a=1", VECTOR_HEADERS, b"", SK, id="a query was added"),
        pytest.param("GET", VECTOR_PATH, VECTOR_HEADERS, b"x", SK, id="a body was added"),
        pytest.param("GET", VECTOR_PATH, VECTOR_HEADERS[1:], b"", SK, id="a signed header is missing"),
        pytest.param(
            "GET", VECTOR_PATH, [*VECTOR_HEADERS, VECTOR_HEADERS[0]], b"", SK, id="a signed header is there twice"
        ),
        pytest.param("GET", VECTOR_PATH, VECTOR_HEADERS, b"", SK + "x", id="another secret"),
    ],
)
def test_a_signature_holds_for_nothing_else(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes, secret: str
) -> None:
    claim = parse_claim(VECTOR)

    assert claim is not None
    assert not verifies(claim, secret, method, target, headers, body)


def test_canonical_forms_are_those_of_the_documents() -> None:
    assert canonical_uri("/v2/p/pools/a%20b~c/%C3%A9") == "/v2/p/pools/a%20b~c/%C3%A9/"
    assert canonical_query("labelSelector=os.modelarts%2Fname%3Dmy%20pool%2A%2B~&empty=") == (
        "empty=&labelSelector=os.modelarts%2Fname%3Dmy%20pool%2A%2B~"
    )


@given(
    segments=st.lists(text, min_size=1, max_size=4),
    query=st.lists(st.tuples(text.filter(bool), text), max_size=4),
    body=text,
)
def test_whatever_the_official_signer_signs_verifies(
    segments: list[str], query: list[tuple[str, str]], body: str
) -> None:
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    headers = {"Host": "127.0.0.1:8", "X-Sdk-Date": "20251119T083000Z", "Content-Type": "application/json"}
    request = SdkRequest(
        "GET", "http", "127.0.0.1:8", path, query_params=list(query), header_params=dict(headers), body=body
    )
    told = Signer(BasicCredentials(AK, SK)).sign(request).header_params
    claim = parse_claim(told.pop("Authorization"))

    target = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")

    assert claim is not None
    assert verifies(claim, SK, "GET", target, list(told.items()), body.encode())


def test_a_good_signature_is_believed(emulator: Emulator) -> None:
    assert ask(emulator).status == 200


def test_a_wrong_secret_key_is_told(emulator: Emulator) -> None:
    answer = ask(emulator, key=wrong(emulator))

    assert reason(answer) == "verify aksk signature fail"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert len(answer.json["request_id"]) == 32


def test_an_unknown_access_key_is_told_by_its_name(emulator: Emulator) -> None:
    assert reason(ask(emulator, key=AccessKey("NOBODY", "x"))) == "Get secretKey failed,ak:NOBODY,err:ak not exist"


@pytest.mark.parametrize(("minutes", "status"), [(-15.1, 401), (-14.9, 200), (14.9, 200), (15.1, 401)])
def test_a_clock_may_be_wrong_by_fifteen_minutes(emulator: Emulator, hands: Hands, minutes: float, status: int) -> None:
    answer = ask(emulator, at=hands.at + timedelta(minutes=minutes))

    assert answer.status == status
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    if status == 401:
        assert reason(answer) == "calc ak sk signature fail:signature expired"


def test_no_authentication_at_all_is_told(emulator: Emulator) -> None:
    assert reason(send(emulator, Asked())) == "x-auth-token not found"


def test_a_bearer_token_cannot_be_decrypted(emulator: Emulator) -> None:
    assert reason(send(emulator, Asked(headers={"Authorization": "Bearer abc"}))) == "decrypt token fail"


def test_a_date_that_is_not_signed_is_refused(emulator: Emulator, hands: Hands) -> None:
    headers = signed(emulator, Asked(), emulator.access_key, at=hands.at)
    headers["Authorization"] = headers["Authorization"].replace(";x-sdk-date", "")

    assert reason(send(emulator, Asked(), headers)) == "verify aksk signature fail"


def test_temporary_credentials_need_their_security_token(emulator: Emulator, hands: Hands) -> None:
    key = AccessKey("TEMPORARY", "secret", emulator.project_id, "tok+/==", hands.at + timedelta(hours=1))
    emulator.access.add_key(key)

    assert ask(emulator, key=key).status == 200
    assert reason(ask(emulator, key=AccessKey("TEMPORARY", "secret"))) == "verify aksk signature fail"
    assert (
        reason(ask(emulator, key=AccessKey("TEMPORARY", "secret", security_token="x"))) == "verify aksk signature fail"
    )
    hands.turn(hours=2)
    assert reason(ask(emulator, key=key)) == "calc ak sk signature fail:signature expired"


def test_another_project_in_the_path_is_forbidden(emulator: Emulator) -> None:
    answer = ask(emulator, STATISTICS.replace("/v2/0", "/v2/f"))

    assert (answer.status, answer.json["error_code"]) == (403, "ModelArts.0210")


def test_an_action_can_be_denied_by_policy(emulator: Emulator) -> None:
    emulator.gateway.denied_actions.add("modelarts:pool:list")

    answer = ask(emulator, POOLS)

    assert (answer.status, answer.json["error_code"]) == (403, "ModelArts.0112")
    assert ask(emulator).status == 200


def test_the_sixth_failure_in_a_row_locks_the_key_for_five_minutes(emulator: Emulator, hands: Hands) -> None:
    for _ in range(6):
        assert reason(ask(emulator, key=wrong(emulator))) == "verify aksk signature fail"

    assert reason(ask(emulator)) == "AK access failed to reach the limit,forbidden."
    hands.turn(minutes=4, seconds=59)
    assert reason(ask(emulator)) == "AK access failed to reach the limit,forbidden."
    hands.turn(seconds=1)
    assert ask(emulator).status == 200


def test_five_failures_in_a_row_do_not_lock_the_key(emulator: Emulator) -> None:
    for _ in range(5):
        ask(emulator, key=wrong(emulator))

    assert ask(emulator).status == 200


def test_a_success_begins_the_count_of_failures_anew(emulator: Emulator) -> None:
    for _ in range(3):
        for _ in range(5):
            ask(emulator, key=wrong(emulator))
        assert ask(emulator).status == 200


def test_one_locked_key_does_not_lock_another(emulator: Emulator) -> None:
    other = AccessKey("OTHER", "secret", emulator.project_id)
    emulator.access.add_key(other)
    for _ in range(6):
        ask(emulator, key=wrong(emulator))

    assert ask(emulator, key=other).status == 200
