"""Is a request signed with the secret key it says? SDK-HMAC-SHA256 from the receiver's side."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

_AUTHORIZATION = re.compile(
    r"SDK-HMAC-SHA256 Access=(?P<access>[^,\s]{1,200}), ?"
    r"SignedHeaders=(?P<signed>[^,\s]+), ?Signature=(?P<hex>[0-9a-f]{64})"
)
_EMPTY = hashlib.sha256(b"").hexdigest()

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an Authorization header says."""

    access: str
    signed: tuple[str, ...]
    signature: str


def parse_claim(authorization: str) -> Claim | None:
    """The claim in an Authorization header; None if it is not one of SDK-HMAC-SHA256."""
    match = _AUTHORIZATION.fullmatch(authorization.strip())
    if match is None:
        return None
    return Claim(match["access"], tuple(match["signed"].lower().split(";")), match["hex"])


def signed_at(headers: Headers) -> datetime | None:
    """The time in X-Sdk-Date; None if it is missing or not one."""
    found = [value for name, value in headers if name.lower() == "x-sdk-date"]
    try:
        return datetime.strptime(found[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if len(found) == 1 else None
    except ValueError:
        return None


def verifies(claim: Claim, secret: str, method: str, target: str, headers: Headers, body: bytes) -> bool:
    """Whether the signature of `claim` is the one that `secret` gives for the request as it was received."""
    by_name: dict[str, list[str]] = {}
    for name, value in headers:
        by_name.setdefault(name.lower(), []).append(value.strip())
    if "x-sdk-date" not in claim.signed or list(claim.signed) != sorted(set(claim.signed)):
        return False
    if any(len(by_name.get(name, ())) != 1 for name in claim.signed):
        return False
    path, _, query = target.partition("?")
    request = "\n".join(
        [
            method.upper(),
            canonical_uri(path),
            canonical_query(query),
            "".join(f"{name}:{by_name[name][0]}\n" for name in claim.signed),
            ";".join(claim.signed),
            _payload_hash(by_name, body),
        ]
    )
    text = "\n".join(["SDK-HMAC-SHA256", by_name["x-sdk-date"][0], hashlib.sha256(request.encode()).hexdigest()])
    expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, claim.signature)


def canonical_uri(path: str) -> str:
    """The path as it is signed: every segment quoted anew, with a slash at the end.

    The official signer unquotes the path before it splits it, so a quoted slash is signed as a plain one.
    """
    uri = "/".join(quote(segment, safe="~") for segment in unquote(path).split("/"))
    return uri if uri.endswith("/") else f"{uri}/"


def canonical_query(query: str) -> str:
    """The query as it is signed: sorted, then quoted."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    decoded = sorted((unquote(key), unquote(value)) for key, _, value in pairs)
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in decoded)


def _payload_hash(by_name: dict[str, list[str]], body: bytes) -> str:
    if not body:
        return _EMPTY
    told = by_name.get("x-sdk-content-sha256")
    return told[0] if told else hashlib.sha256(body).hexdigest()
