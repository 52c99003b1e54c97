"""Is a request signed as ModelArts verifies it: by known vectors, and as the official SDK signs it?"""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.modelarts.signing import canonical_request, query_string, sdk_date, sign

AK = "QTWAOYTTINDUT2QVKYUC"
SK = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
AT = datetime(2025, 11, 19, 8, 30, tzinfo=UTC)
DATE = "20251119T083000Z"
HOST = "modelarts.cn-north-4.myhuaweicloud.com"
PID = "0123456789abcdef0123456789abcdef"
POOL = "auto-pool-os-86c13962597848eeb29c5861153a391f"

JSON = {"Content-Type": "application/json"}
STATISTICS = f"/v2/{PID}/statistics/pools/{POOL}/workloads"
QUERY = (
    ("type", "train"),
    ("type", "x-infer"),
    ("sort", "create_time"),
    ("ascend", "false"),
    ("limit", "500"),
    ("offset", "0"),
    ("status", "Queue"),
    ("hostip", "10.0.0.1,10.0.0.2"),
)
V3_QUERY = (("labelSelector", "os.modelarts/name=my pool*+~"), ("empty", ""))
V3_BODY = '{"name":"池 a&b"}'.encode()

VECTORS = [
    pytest.param(
        "GET",
        STATISTICS,
        (),
        {**JSON, "X-Project-Id": PID, "Host": HOST},
        b"",
        "09655f2230436c2d5ecb4c3e84c28876669be6a335cbe33b30d11ffc152433d8",
        "content-type;host;x-project-id;x-sdk-date",
        "8a01b424eb075a522919427d7e2cb30694954ae5b3374e8bb7cb07e42aeb9629",
        id="V1: job statistics",
    ),
    pytest.param(
        "GET",
        STATISTICS,
        (),
        {"Host": HOST},
        b"",
        "2bf14b1db0e7d512fcb42d03121d66f720472b82f569cce5e1a5ec560a592ff1",
        "host;x-sdk-date",
        "09e1bf8947f0ad4b28bc3eaf368a1d002f78066a9aaf3bff45e1f85166ae0cc4",
        id="V1b: host and date alone",
    ),
    pytest.param(
        "GET",
        f"/v2/{PID}/pools/{POOL}/workloads",
        QUERY,
        {**JSON, "X-Project-Id": PID, "Host": HOST, "X-Security-Token": "gQpjbi1ub3J0aC00+/=="},
        b"",
        "e937e28fa1c24f8efaeffe017bb89a6f2db57b888cba7d54a37ef929bb136a89",
        "content-type;host;x-project-id;x-sdk-date;x-security-token",
        "ce3e65c4ac62cf00d79a6b160d5951fe09befa1268a9172c4b549088ea81d84d",
        id="V2: a query and temporary credentials",
    ),
    pytest.param(
        "POST",
        f"/v2/{PID}/pools/a%20b~c/%C3%A9",
        V3_QUERY,
        {**JSON, "Host": HOST},
        V3_BODY,
        "8531f9dfe110cee1552ae2966389a9b5cec72734388439522d18885d75f5b255",
        "content-type;host;x-sdk-date",
        "0e807dcbae6845fac120d83e02d8d649f90e50767343bb1395e1e2ca2e11e1da",
        id="V3: an encoded path, odd characters and a body",
    ),
]


@pytest.mark.parametrize(("method", "path", "query", "headers", "body", "digest", "names", "signature"), VECTORS)
def test_every_known_vector_is_signed_as_published(
    method: str,
    path: str,
    query: tuple[tuple[str, str], ...],
    headers: dict[str, str],
    body: bytes,
    digest: str,
    names: str,
    signature: str,
) -> None:
    signed = sign(method, path, query, headers, body, access_key=AK, secret_key=SK, at=AT)
    canonical = canonical_request(method, path, query, tuple(headers.items()), body).text(DATE)

    assert hashlib.sha256(canonical.encode()).hexdigest() == digest
    assert signed["X-Sdk-Date"] == DATE
    assert signed["Authorization"] == f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders={names}, Signature={signature}"
    assert headers.items() <= signed.items()


def test_the_canonical_request_is_written_as_the_documents_write_it() -> None:
    headers = (("Content-Type", "application/json"), ("X-Project-Id", PID), ("Host", HOST))

    assert canonical_request("GET", STATISTICS, (), headers, b"").text(DATE).splitlines() == [
        "GET",
        f"{STATISTICS}/",
        "",
        "content-type:application/json",
        f"host:{HOST}",
        f"x-project-id:{PID}",
        f"x-sdk-date:{DATE}",
        "",
        "content-type;host;x-project-id;x-sdk-date",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ]


def test_a_query_is_sorted_before_it_is_encoded() -> None:
    assert query_string(QUERY) == (
        "ascend=false&hostip=10.0.0.1%2C10.0.0.2&limit=500&offset=0&sort=create_time&status=Queue&type=train&type=x-infer"
    )
    assert query_string(V3_QUERY) == "empty=&labelSelector=os.modelarts%2Fname%3Dmy%20pool%2A%2B~"


def test_a_moment_of_any_time_zone_is_written_as_utc() -> None:
    assert sdk_date(AT.astimezone(timezone(timedelta(hours=8)))) == DATE


def test_a_later_moment_gives_another_signature() -> None:
    first = sign("GET", STATISTICS, (), {"Host": HOST}, b"", access_key=AK, secret_key=SK, at=AT)
    later = sign("GET", STATISTICS, (), {"Host": HOST}, b"", access_key=AK, secret_key=SK, at=AT + timedelta(seconds=1))

    assert first["Authorization"] != later["Authorization"]


_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_SEGMENT = st.text(st.sampled_from("abz09-_.~%/ +*é池:@!$&'()"), max_size=30)
_HEADER_NAME = st.sampled_from(
    [
        "Content-Type",
        "X-Project-Id",
        "X-Security-Token",
        "User-Agent",
        "x-lower",
        "X_Under",
        "X-Sdk-Content-Sha256",
        "A",
    ]
)
_HEADER_VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
_BODY = st.one_of(st.just(b""), st.binary(max_size=60), _TEXT.map(str.encode))


@st.composite
def _requests(draw: st.DrawFn) -> tuple[str, str, tuple[tuple[str, str], ...], dict[str, str], bytes, datetime]:
    headers = {"Host": "127.0.0.1:8080", **draw(st.dictionaries(_HEADER_NAME, _HEADER_VALUE, max_size=5))}
    if not headers.get("Content-Type", "").startswith(("application/json", "application/bson")):
        # The SDK marks other bodies as unsigned by itself; we have none.
        headers.pop("Content-Type", None)
    return (
        draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "get"])),
        "/" + draw(_SEGMENT),
        tuple(draw(st.lists(st.tuples(_TEXT, _TEXT), max_size=6))),
        headers,
        draw(_BODY),
        draw(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1))).replace(tzinfo=UTC),  # noqa: DTZ001 - aware at once
    )


def _agrees_with_the_sdk(
    request: tuple[str, str, tuple[tuple[str, str], ...], dict[str, str], bytes, datetime], secret_key: str
) -> None:
    method, path, query, headers, body, at = request
    theirs = SdkRequest(
        method=method,
        host=headers["Host"],
        resource_path=path,
        query_params=list(query),
        header_params={**headers, "X-Sdk-Date": sdk_date(at)},
        body=body,
    )
    Signer(BasicCredentials(AK, secret_key)).sign(theirs)

    ours = sign(method, path, query, headers, body, access_key=AK, secret_key=secret_key, at=at)

    assert ours["Authorization"] == theirs.header_params["Authorization"]
    assert query_string(query) == theirs.uri.partition("?")[2] or "?" in path


_SECRET_KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@given(_requests(), _SECRET_KEYS)
@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_thousands_of_random_requests_are_signed_as_the_official_sdk_signs_them(
    request: tuple[str, str, tuple[tuple[str, str], ...], dict[str, str], bytes, datetime], secret_key: str
) -> None:
    _agrees_with_the_sdk(request, secret_key)


@pytest.mark.soak
@given(_requests(), _SECRET_KEYS)
@settings(max_examples=100_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_100_000_random_requests_are_signed_as_the_official_sdk_signs_them(
    request: tuple[str, str, tuple[tuple[str, str], ...], dict[str, str], bytes, datetime], secret_key: str
) -> None:
    _agrees_with_the_sdk(request, secret_key)
