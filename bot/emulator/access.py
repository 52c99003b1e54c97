"""Who is calling, and are they locked out? Access keys, tokens, and the lock after repeated failures."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from bot.emulator.pools import DEFAULT_PROJECT_ID
from bot.emulator.refusals import Refusal, iam, not_authenticated, token_expired
from bot.emulator.signature import Headers, parse_claim, signed_at, verifies

MOST_SKEW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=5)
FAILURES_ALLOWED = 5  # "more than five consecutive times": the sixth locks
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key pair; with a security token it is a temporary one."""

    access: str = "STANDINACCESSKEY0001"
    secret: str = field(default="stand-in-secret-key-of-no-account-000001", repr=False)
    project_id: str = DEFAULT_PROJECT_ID
    security_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user who may ask for a token."""

    name: str = "stand-in"
    password: str = field(default="stand-in-password", repr=False)
    domain: str = "stand-in-account"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was believed; without a project where the credentials name none."""

    project_id: str | None
    access: str | None = None


class Access:
    """Access keys, users and tokens of one account."""

    def __init__(self, keys: list[AccessKey], users: list[User], projects: dict[str, str]) -> None:
        self.projects = projects  # name -> id
        self.token_lifetime = timedelta(hours=24)
        self._keys = {key.access: key for key in keys}
        self._users = {(user.domain, user.name): user for user in users}
        self._tokens: dict[str, tuple[str | None, datetime]] = {}
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, datetime] = {}
        self._lock = Lock()

    def add_key(self, key: AccessKey) -> None:
        """Accept a further key, or another secret for a known one."""
        with self._lock:
            self._keys[key.access] = key

    def authenticate(self, method: str, target: str, headers: Headers, body: bytes, *, now: datetime) -> Caller:
        """The caller of a request.

        Raises:
            Refusal: The gateway does not believe them.
        """
        found = {name.lower(): value for name, value in headers}
        claim = parse_claim(found.get("authorization", ""))
        if claim is not None:
            with self._lock:
                self._refuse_locked(claim.access, now)
                try:
                    caller = self._believe(claim.access, method, target, headers, body, now)
                except Refusal:
                    self._count_failure(claim.access, now)
                    raise
                self._failures.pop(claim.access, None)
                return caller
        if "x-auth-token" in found:
            return self._token_holder(found["x-auth-token"], now)
        if "authorization" in found and found["authorization"].startswith("SDK-HMAC-SHA256"):
            raise not_authenticated("verify aksk signature fail")
        raise not_authenticated("decrypt token fail" if "authorization" in found else "x-auth-token not found")

    def _believe(self, access: str, method: str, target: str, headers: Headers, body: bytes, now: datetime) -> Caller:
        found = {name.lower(): value for name, value in headers}
        claim = parse_claim(found["authorization"])
        key = self._keys.get(access)
        if key is None or claim is None:
            raise not_authenticated(f"Get secretKey failed,ak:{access},err:ak not exist")
        at = signed_at(headers)
        if at is None or not verifies(claim, key.secret, method, target, headers, body):
            raise not_authenticated("verify aksk signature fail")
        if abs(at - now) > MOST_SKEW or (key.expires_at is not None and now >= key.expires_at):
            raise not_authenticated("calc ak sk signature fail:signature expired")
        if key.security_token is not None:
            signed = "x-security-token" in claim.signed
            if not signed or not secrets.compare_digest(found.get("x-security-token", ""), key.security_token):
                raise not_authenticated("verify aksk signature fail")
        return Caller(key.project_id, access)

    def _refuse_locked(self, access: str, now: datetime) -> None:
        until = self._locked_until.get(access)
        if until is not None and now < until:
            raise not_authenticated("AK access failed to reach the limit,forbidden.")
        if until is not None:
            del self._locked_until[access]

    def _count_failure(self, access: str, now: datetime) -> None:
        if len(self._failures) > _MOST_KEPT:
            self._failures.clear()
        self._failures[access] = self._failures.get(access, 0) + 1
        if self._failures[access] > FAILURES_ALLOWED:
            del self._failures[access]
            self._locked_until[access] = now + LOCKED_FOR

    def _token_holder(self, token: str, now: datetime) -> Caller:
        with self._lock:
            held = self._tokens.get(token)
        if held is None:
            raise not_authenticated("decrypt token fail")
        project_id, expires_at = held
        if now >= expires_at:
            raise token_expired()
        return Caller(project_id)

    def issue_token(
        self, domain: str, name: str, password: str, project_id: str | None, *, now: datetime
    ) -> tuple[str, datetime]:
        """A token for a user, and when it expires.

        Raises:
            Refusal: Wrong name or password.
        """
        user = self._users.get((domain, name))
        if user is None or not secrets.compare_digest(user.password.encode(), password.encode()):
            raise iam(401, "The username or password is wrong.")
        token, expires_at = f"MII{secrets.token_urlsafe(1500)}", now + self.token_lifetime
        with self._lock:
            if len(self._tokens) > _MOST_KEPT:
                self._tokens.clear()
            self._tokens[token] = (project_id, expires_at)
        return token, expires_at

    def expire_tokens(self, *, now: datetime) -> None:
        """Let every token issued so far be expired, as after a change of permissions."""
        with self._lock:
            self._tokens = {token: (project, min(now, until)) for token, (project, until) in self._tokens.items()}

    def agency_key(self, project_id: str, *, now: datetime) -> AccessKey:
        """A new temporary key, as a machine with an agency gets it."""
        key = AccessKey(
            access=f"TEMP{secrets.token_hex(8).upper()}",
            secret=secrets.token_hex(20),
            project_id=project_id,
            security_token=secrets.token_urlsafe(300),
            expires_at=now + timedelta(hours=24),
        )
        self.add_key(key)
        return key
