"""Which headers prove that a request is ours? SDK-HMAC-SHA256: a pure function of request, keys and time.

The steps are those of https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html as the official
SDK carries them out. The key is the secret key itself; nothing is derived from it.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
DATE_HEADER = "X-Sdk-Date"

Pairs = Sequence[tuple[str, str]]

_CONTENT_HASH = "x-sdk-content-sha256"
_EMPTY_BODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Canonical:
    """A request in canonical form, all but its date: poll after poll, the date is the only thing that changes.

    Attributes:
        before: What stands before the date.
        after: What stands after it.
        signed_headers: The names of the signed headers, as `Authorization` lists them.
    """

    before: str
    after: str
    signed_headers: str

    def text(self, date: str) -> str:
        """The canonical request as of `date`."""
        return f"{self.before}{date}{self.after}"

    def authorization(self, access_key: str, secret_key: str, date: str) -> str:
        """The value of the `Authorization` header as of `date`."""
        digest = hashlib.sha256(self.text(date).encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{date}\n{digest}"
        signature = hmac.digest(secret_key.encode(), to_sign.encode(), "sha256").hex()
        return f"{ALGORITHM} Access={access_key}, SignedHeaders={self.signed_headers}, Signature={signature}"


def sign(
    method: str,
    path: str,
    query: Pairs,
    headers: Mapping[str, str],
    body: bytes,
    *,
    access_key: str,
    secret_key: str,
    at: datetime,
) -> dict[str, str]:
    """`headers` with the two that sign the request: its date and its authorization.

    Every header given is signed, so `Host` must be there as it will be sent, and `X-Security-Token` where the
    credentials are temporary. Headers that are added later are not covered, and need not be.

    Args:
        method: The HTTP method.
        path: The path as it will be sent, percent-encoded.
        query: Names and values, not encoded.
        headers: What will be sent.
        body: What will be sent, or nothing.
        access_key: The AK.
        secret_key: The SK.
        at: Now; ModelArts refuses a date that is more than 15 minutes off.
    """
    date = sdk_date(at)
    canonical = canonical_request(method, path, tuple(query), tuple(headers.items()), body)
    return {**headers, DATE_HEADER: date, "Authorization": canonical.authorization(access_key, secret_key, date)}


def sdk_date(at: datetime) -> str:
    """`at` as `X-Sdk-Date` writes it."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


@lru_cache(maxsize=4096)
def canonical_request(
    method: str, path: str, query: tuple[tuple[str, str], ...], headers: tuple[tuple[str, str], ...], body: bytes
) -> Canonical:
    """The canonical form of a request; kept, because the same pools are asked about every minute."""
    values = {name.lower(): str(value).strip() for name, value in headers}
    # The SDK leaves out names with an underscore: proxies drop such headers.
    names = sorted([name for name in values if "_" not in name] + [DATE_HEADER.lower()])
    place = names.index(DATE_HEADER.lower())
    signed_headers = ";".join(names)
    lines_before = "".join(f"{name}:{values[name]}\n" for name in names[:place])
    lines_after = "".join(f"{name}:{values[name]}\n" for name in names[place + 1 :])
    return Canonical(
        before=f"{method.upper()}\n{_canonical_path(path)}\n{query_string(query)}\n"
        f"{lines_before}{DATE_HEADER.lower()}:",
        after=f"\n{lines_after}\n{signed_headers}\n{_body_hash(values, body)}",
        signed_headers=signed_headers,
    )


def query_string(query: Pairs) -> str:
    """The query in the order and encoding that is signed; it is sent like that too."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query))


def _canonical_path(path: str) -> str:
    """The path with each segment encoded anew and a slash at its end (the request line has none)."""
    encoded = quote(unquote(path), safe="~/")
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _body_hash(headers: Mapping[str, str], body: bytes) -> str:
    if not body:
        return _EMPTY_BODY
    return headers.get(_CONTENT_HASH) or hashlib.sha256(body).hexdigest()
