"""Who signs what? Keys that can roll over, tokens signed with them, and the check of those that come back.

Inbound activities: https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

_BITS = 2048
_EXPONENT = 65537
# How many keys the key set still names after they were replaced.
_KEPT_KEYS = 2


class NotOurs(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """A token that is not accepted; the text says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key and its name."""

    kid: str
    private: rsa.RSAPrivateKey

    def as_jwk(self) -> dict[str, Any]:
        """The public half as the key set names it."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _encoded(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": _encoded(numbers.e.to_bytes(3, "big")),
            "endorsements": ["msteams"],
        }


class Issuer:
    """Signs tokens and checks them.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._now = clock
        self._lock = Lock()
        self._keys: list[Key] = []

    def key(self) -> Key:
        """The key in use; made when it is first needed, for that takes a moment."""
        with self._lock:
            if not self._keys:
                self._keys.append(new_key())
            return self._keys[-1]

    def use(self, key: Key) -> None:
        """Sign with this key instead of one that has to be made."""
        with self._lock:
            self._keys = [key]

    def roll_over(self, *, forget: bool = False) -> Key:
        """Sign with a new key from now on; the key set keeps naming the old one, unless it shall be forgotten."""
        made = new_key()
        with self._lock:
            self._keys = [made] if forget else [*self._keys[-_KEPT_KEYS + 1 :], made]
        return made

    def key_set(self) -> dict[str, Any]:
        """The JWKS document."""
        self.key()
        with self._lock:
            return {"keys": [each.as_jwk() for each in self._keys]}

    def sign(self, claims: dict[str, Any], *, lasts: float, key: Key | None = None) -> str:
        """A token with these claims and its times."""
        key = key or self.key()
        now = int(self._now())
        times = {"iat": now, "nbf": now - 300, "exp": now + int(lasts)}
        head = {"alg": "RS256", "typ": "JWT", "kid": key.kid, "x5t": key.kid}
        text = f"{_document(head)}.{_document(times | claims)}"
        return f"{text}.{_encoded(key.private.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"

    def claims(self, token: str, *, audience: str, issuer: str) -> dict[str, Any]:
        """What a token says, if it is one of ours and good now.

        Raises:
            NotOurs: It is not.
        """
        head, claims, signed, signature = _parts(token)
        with self._lock:
            key = next((each for each in self._keys if each.kid == head.get("kid")), None)
        if key is None or head.get("alg") != "RS256":
            raise NotOurs("signed by nobody we know")
        try:
            key.private.public_key().verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise NotOurs("the signature does not fit") from None
        if claims.get("aud") != audience or claims.get("iss") != issuer:
            raise NotOurs("issued for something else")
        if not isinstance(claims.get("exp"), int) or claims["exp"] < self._now():
            raise NotOurs("expired")
        return claims


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        head, claims, signature = token.split(".")
        found = json.loads(_decoded(head)), json.loads(_decoded(claims))
        parts = (*found, f"{head}.{claims}".encode(), _decoded(signature))
    except ValueError:
        raise NotOurs("not a token") from None
    if not all(isinstance(each, dict) for each in found):
        raise NotOurs("not a token")
    return parts


def new_key() -> Key:
    """A key nobody has seen; making it takes a moment."""
    return Key(secrets.token_urlsafe(20), rsa.generate_private_key(_EXPONENT, _BITS))


def _document(claims: dict[str, Any]) -> str:
    return _encoded(json.dumps(claims, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
