"""Is every error named for what the caller can do, traced, and told to people without secrets?"""

from datetime import timedelta

import pytest

from bot.modelarts.client import ModelArts
from bot.modelarts.errors import (
    BadCredentials,
    BadRequest,
    ModelArtsError,
    NotAllowed,
    NotServed,
    Refused,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
    UnknownPool,
)
from tests.modelarts.stub import (
    EXAMPLE,
    KEYS,
    NOON,
    POOL_ID,
    POOLS,
    SECRET,
    STATISTICS,
    Hands,
    Reply,
    Stub,
    bad_signature,
    client,
    date_header,
    failed,
    ok,
)
from tests.modelarts.test_statistics import POOL

# Every code of the documents that a client can meet: status, code, message, what it is to the caller.
CODES: list[tuple[int, str, str, type[ModelArtsError]]] = [
    (400, "ModelArts.50004000", "Bad request.", BadRequest),
    (400, "ModelArts.50004000", "Bad request. invalid nodepool name", BadRequest),
    (404, "ModelArts.50015001", f"Pool {POOL_ID} not found.", UnknownPool),
    (404, "ModelArts.50015001", "pool not found", UnknownPool),
    (401, "ModelArts.50001000", "token is invalid", BadCredentials),
    (409, "ModelArts.50015000", "Pool already exists.", UnexpectedAnswer),
    (404, "ModelArts.50025001", "Network not exist.", UnexpectedAnswer),
    (404, "ModelArts.50005101", "Resourceflavor not found.", UnexpectedAnswer),
    (500, "ModelArts.50005000", "internal error", Unavailable),
    (400, "ModelArts.50004100", "Content type not supported", BadRequest),
    (400, "ModelArts.50025002", "network in use by pool", BadRequest),
    (401, "ModelArts.0201", "The token does not exist.", BadCredentials),
    (401, "ModelArts.0202", "The token has expired.", BadCredentials),
    (401, "ModelArts.0203", "Invalid token.", BadCredentials),
    (401, "ModelArts.0204", "Authorization failed.", BadCredentials),
    (401, "ModelArts.0205", "No authorization header.", BadCredentials),
    (401, "ModelArts.0207", "The token must contain project info of the current region.", BadCredentials),
    (401, "ModelArts.0212", "The token has no project.", BadCredentials),
    (401, "ModelArts.0112", "Failed to execute the policy.", NotAllowed),
    (403, "ModelArts.0108", "Not authorized to perform (modelarts:pool:get).", NotAllowed),
    (403, "ModelArts.0112", "Policy doesn't allow modelarts:pool:get to be performed.", NotAllowed),
    (403, "ModelArts.0203", "Invalid token.", BadCredentials),
    (403, "ModelArts.0206", "Invalid AK/SK.", BadCredentials),
    (403, "ModelArts.0210", "The project id in the URL does not match the token.", NotAllowed),
    (403, "ModelArts.4116", "The account is in arrears.", NotAllowed),
    (403, "ModelArts.4118", "The account is suspended.", NotAllowed),
    (404, "ModelArts.2890", "PoolNotFound", UnknownPool),
    (404, "ModelArts.4204", "API /v2/x does not exist.", NotServed),
    (400, "ModelArts.2886", "NotTrainingPool", BadRequest),
    (400, "ModelArts.2887", "PoolNotRunning", BadRequest),
    (400, "ModelArts.2889", "GetOsPoolFailed", BadRequest),
    (400, "ModelArts.0210", "Invalid project ID.", BadRequest),
    (429, "ModelArts.4206", "Too many requests.", Throttled),
    (429, "ModelArts.81101", "RPM limit", Throttled),
    (429, "ModelArts.81103", "TPM limit", Throttled),
    (500, "ModelArts.7101", "Call pdp auth api failed.", Unavailable),
    (500, "ModelArts.5039", "The traffic is a little busy.", Unavailable),
    (503, "ModelArts.4302", "The service is unavailable.", Unavailable),
    (503, "ModelArts.4700", "The service is unavailable.", Unavailable),
    (504, "ModelArts.4503", "Time-out.", Unavailable),
    (404, "APIG.0101", "The API does not exist or has not been published in the environment.", NotServed),
    (400, "APIG.0201", "API request error.", BadRequest),
    (413, "APIG.0201", "Request entity too large.", BadRequest),
    (414, "APIG.0201", "Request URI too large.", BadRequest),
    (494, "APIG.0201", "Request headers too large.", BadRequest),
    (502, "APIG.0201", "Backend unavailable.", Unavailable),
    (504, "APIG.0201", "Backend timeout.", Unavailable),
    (502, "APIG.0202", "Backend unavailable.", Unavailable),
    (504, "APIG.0203", "Backend timeout.", Unavailable),
    (401, "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail", BadCredentials),
    (401, "APIG.0301", "... Get secretKey failed,ak:QTWAOYTTINDUT2QVKYUC,err:ak not exist", BadCredentials),
    (401, "APIG.0301", "... calc ak sk signature fail:signature expired", BadCredentials),
    (401, "APIG.0301", "... decrypt token fail", BadCredentials),
    (401, "APIG.0301", "AK access failed to reach the limit,forbidden.", BadCredentials),
    (403, "APIG.0302", "The IAM user is not authorized to access the API.", NotAllowed),
    (401, "APIG.0305", "Incorrect authentication information.", BadCredentials),
    (403, "APIG.0306", "API access denied.", NotAllowed),
    (401, "APIG.0307", "The token must be updated.", BadCredentials),
    (
        429,
        "APIG.0308",
        "The throttling threshold has been reached: policy user over ratelimit,limit:60,time:1 minute",
        Throttled,
    ),
    (403, "APIG.0310", "The project is unavailable.", NotAllowed),
    (403, "APIG.0802", "The IAM user is forbidden in the currently selected region.", NotAllowed),
    (500, "APIG.0601", "Internal server error.", Unavailable),
    (502, "APIG.0606", "Bad gateway.", Unavailable),
    (500, "APIG.0610", "Internal server error.", Unavailable),
    (503, "APIG.0613", "IAM is unavailable.", Unavailable),
]


@pytest.mark.parametrize("prefix", ["APIG.", "APIGW."])
@pytest.mark.parametrize(("status", "code", "message", "kind"), CODES)
def test_every_documented_error_code_has_its_meaning(
    status: int, code: str, message: str, kind: type[ModelArtsError], prefix: str, stub: Stub, hands: Hands
) -> None:
    code = code.replace("APIG.", prefix)
    stub.on(STATISTICS, failed(status, code, message))

    with client(stub, hands) as modelarts, pytest.raises(ModelArtsError) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    error = caught.value
    assert type(error) is kind
    assert (error.error_code, error.request_id) == (code, "5f0c2d1e")
    assert str(error).startswith(("ModelArts", "there is no pool", "127.0.0.1"))
    assert KEYS.access_key not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"error_code": "ModelArts.0108", "error_msg": "no right"}, id="error_code"),
        pytest.param({"errorCode": "ModelArts.0108", "errorMsg": "no right"}, id="errorCode"),
        pytest.param({"code": "ModelArts.0108", "message": "no right"}, id="code"),
        pytest.param({"error": {"error_code": "ModelArts.0108", "error_msg": "no right"}}, id="one level down"),
        pytest.param(
            {"error": {"code": "ModelArts.0108", "message": "no right", "title": "Forbidden"}}, id="as IAM writes it"
        ),
    ],
)
def test_an_error_is_read_in_every_dialect(body: object, stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(403, body))

    with pytest.raises(NotAllowed, match="no right") as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.error_code == "ModelArts.0108"


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b'{"error": 5}', b"[" * 100_000, b"\xff"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, BadCredentials), (403, NotAllowed), (418, UnexpectedAnswer), (500, Unavailable)],
)
def test_an_error_without_a_readable_body_is_told_by_its_status(
    body: bytes, status: int, kind: type[ModelArtsError], stub: Stub, hands: Hands
) -> None:
    stub.on(STATISTICS, Reply(status, body))

    with client(stub, hands) as modelarts, pytest.raises(kind) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.error_code is None


def test_a_404_that_is_a_web_page_does_not_say_that_the_pool_is_gone(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, Reply(404, b"<html>Not Found</html>"))

    with pytest.raises(NotServed, match="check the endpoint"):
        modelarts.pool_stats(POOL, now=NOON)


def test_the_request_id_of_the_body_is_told_where_the_header_lacks_it(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(400, "APIG.0201", "API request error.", X_Request_Id=""))

    with pytest.raises(BadRequest) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.request_id == "9a7e"


def test_secrets_are_never_in_an_error_even_if_the_server_says_them(stub: Stub, modelarts: ModelArts) -> None:
    echo = f"cannot verify {SECRET} of {KEYS.access_key}\x1b[31m\u202e<!channel>" + "x" * 5000
    stub.on(STATISTICS, failed(400, "ModelArts.50004000", echo))

    with pytest.raises(BadRequest) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    told = str(caught.value)
    assert SECRET not in told
    assert KEYS.access_key not in told
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told) < 300


def test_a_secret_is_no_error_code_and_no_request_id(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(400, SECRET, "no", X_Request_Id=f"id-{SECRET}"))

    with pytest.raises(BadRequest) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert (caught.value.error_code, caught.value.request_id) == (None, None)


def test_an_error_code_that_is_not_one_is_left_out(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(STATISTICS, failed(400, "`<script>`\n", "no"))

    with pytest.raises(BadRequest) as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.error_code is None


def test_no_repr_shows_a_secret(stub: Stub, hands: Hands) -> None:
    with client(stub, hands) as modelarts:
        assert SECRET not in repr(KEYS)
        assert SECRET not in repr(vars(modelarts))


def test_the_tree_is_what_a_caller_can_do() -> None:
    assert issubclass(Throttled, Unavailable)
    assert issubclass(BadCredentials, Refused)
    assert issubclass(NotAllowed, Refused)
    assert issubclass(NotServed, UnexpectedAnswer)
    assert not issubclass(Refused, Unavailable)


def test_clock_skew_over_the_date_header_is_told_as_such(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, bad_signature(**date_header(NOON + timedelta(minutes=17))))

    with (
        client(stub, hands) as modelarts,
        pytest.raises(BadCredentials, match="clock of this machine is 17 min behind"),
    ):
        modelarts.pool_stats(POOL, now=NOON)


def test_a_small_clock_skew_is_mentioned_and_not_blamed(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, bad_signature(**date_header(NOON - timedelta(minutes=3))))

    with (
        client(stub, hands) as modelarts,
        pytest.raises(BadCredentials, match=r"secret key.*also.*3 min ahead") as caught,
    ):
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.clock_skew == timedelta(minutes=3)


def test_an_expired_signature_is_not_blamed_on_the_secret_key(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, failed(401, "APIG.0301", "... calc ak sk signature fail:signature expired"))

    with (
        client(stub, hands) as modelarts,
        pytest.raises(BadCredentials, match="temporary credentials ran out") as caught,
    ):
        modelarts.pool_stats(POOL, now=NOON)

    assert "secret key" not in str(caught.value)


def test_the_clock_skew_of_the_last_answer_can_be_asked(stub: Stub, hands: Hands) -> None:
    stub.on(STATISTICS, Reply(200, EXAMPLE, date_header(NOON + timedelta(seconds=20))))

    with client(stub, hands) as modelarts:
        assert modelarts.clock_skew is None
        modelarts.pool_stats(POOL, now=NOON)
        assert modelarts.clock_skew == timedelta(seconds=-20)


def test_a_pool_that_is_gone_is_told_by_its_name(stub: Stub, modelarts: ModelArts) -> None:
    stub.on(POOLS, ok({"items": []}))
    stub.on(STATISTICS, failed(404, "ModelArts.50015001", f"Pool {POOL_ID} not found."))

    with pytest.raises(UnknownPool, match=f"there is no pool '{POOL_ID}'") as caught:
        modelarts.pool_stats(POOL, now=NOON)

    assert caught.value.pool == POOL_ID
