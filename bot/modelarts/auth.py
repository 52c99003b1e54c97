"""Who asks, and how is it proven to ModelArts: a signature by a key pair, or the token of an IAM user?"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.because import Because
from bot.core.language import N_
from bot.modelarts.asking import Auth
from bot.modelarts.credentials import Keys, Login
from bot.modelarts.errors import BadCredentials, Unavailable, UnexpectedAnswer
from bot.modelarts.failures import is_stale_token
from bot.modelarts.flight import Flight
from bot.modelarts.rotating import Rotating
from bot.modelarts.signing import sign
from bot.modelarts.text import shown
from bot.modelarts.transport import Answer, Request, full_headers
from bot.modelarts.wire import WireModel, parsed

# The margin of the official SDK for temporary credentials; IAM prescribes none.
REFRESH_BEFORE = timedelta(minutes=40)

TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the name of a header
Ask = Callable[[Request, Auth], Answer]


class Signing:
    """Signs each request with the key pair that holds."""

    def __init__(self, source: Rotating) -> None:
        self._source = source
        self._proof: Signed | None = None

    def now(self) -> "Signed":
        """A signature with the pair that holds now."""
        keys, proof = self._source.current(), self._proof
        if proof is None or proof.credentials is not keys:
            proof = self._proof = Signed(keys, self._source)
        return proof


class Signed:
    """Signs a request with a key pair."""

    def __init__(self, keys: Keys | Login, source: Rotating) -> None:
        if not isinstance(keys, Keys):
            raise TypeError("only a key pair signs")
        self.credentials = keys
        self._source = source

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret key and the token; the access key too, since it tells whose it is."""
        return self.credentials.secrets

    def headers(self, request: Request, at: datetime) -> Mapping[str, str]:
        """The headers of `request`, signed as of `at`."""
        keys = self.credentials
        token = [("X-Security-Token", keys.security_token)] if keys.security_token else []
        return sign(
            request.method,
            request.path,
            request.query,
            full_headers(request, token),
            request.body,
            access_key=keys.access_key,
            secret_key=keys.secret_key,
            at=at,
        )

    def renew(self, used: Mapping[str, str], error: BadCredentials) -> bool:  # noqa: ARG002 - tokens need them
        """Whether the pair has been exchanged for another one."""
        return self._source.renewed() != self.credentials


class _Unproven:
    """For the one question that carries its proof in its body."""

    def __init__(self, login: Login) -> None:
        self.credentials = login
        self.secrets = login.secrets

    def now(self) -> "_Unproven":
        return self

    def headers(self, request: Request, at: datetime) -> Mapping[str, str]:  # noqa: ARG002 - nothing is signed
        return full_headers(request)

    def renew(self, used: Mapping[str, str], error: BadCredentials) -> bool:  # noqa: ARG002 - nothing is kept
        return False


class _Project(WireModel):
    id: str


class _Token(WireModel):
    expires_at: datetime
    project: _Project | None = None


class _TokenAnswer(WireModel):
    token: _Token


@dataclass(frozen=True, slots=True)
class _Held:
    value: str
    refresh_at: datetime
    expires_at: datetime
    project_id: str | None


class Tokens:
    """Shows a token that IAM gives for a password; kept for all threads, fetched anew before it expires.

    Args:
        source: The user.
        iam: IAM's `https://host[:port]`.
        scope: The project the token is for: `{"id": ...}` or `{"name": region}`.
        ask: Sends a request.
    """

    def __init__(self, source: Rotating, *, iam: str, scope: Mapping[str, str], ask: Ask) -> None:
        self._source = source
        self._iam = iam
        self._scope = scope
        self._ask = ask
        self._lock = threading.Lock()
        self._flight: Flight[_Held] = Flight()
        self._held: _Held | None = None

    def now(self) -> "Tokens":
        """The same: a token holds for hours, whatever becomes of the password."""
        return self

    @property
    def credentials(self) -> Login:
        """The login that holds now."""
        login = self._source.current()
        if not isinstance(login, Login):
            raise TypeError("only a login gets tokens")
        return login

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password and the token."""
        held, secrets = self._held, self.credentials.secrets
        return secrets if held is None else (*secrets, held.value)

    def headers(self, request: Request, at: datetime) -> Mapping[str, str]:
        """The headers of `request` with a token that is valid at `at`."""
        return full_headers(request, [(TOKEN_HEADER, self._valid(at).value)])

    def renew(self, used: Mapping[str, str], error: BadCredentials) -> bool:
        """Forget the token that was refused, unless another thread has already replaced it; whether that helps."""
        before = self.credentials
        with self._lock:
            if self._held is not None and self._held.value == used.get(TOKEN_HEADER):
                self._held = None
        return is_stale_token(error) or self._source.renewed() != before

    def project_id(self, at: datetime) -> str:
        """The project that the token is for.

        Raises:
            UnexpectedAnswer: IAM gave a token without one.
        """
        project = self._valid(at).project_id
        if project is None:
            raise UnexpectedAnswer(Because("IAM gave a token that is for no project: state the project id"))
        return project

    def _valid(self, at: datetime) -> _Held:
        held = self._held
        if held is not None and at < held.refresh_at:
            return held
        try:
            return self._flight.run(lambda: self._renewed(at))
        except Unavailable:
            # Early refresh is a margin for exactly this: the token at hand is still good.
            if held is None or at >= held.expires_at:
                raise
            return held

    def _renewed(self, at: datetime) -> _Held:
        """A new token, unless another thread has just fetched one."""
        held = self._held
        if held is None or at >= held.refresh_at:
            held = self._fetch(at)
            with self._lock:
                self._held = held
        return held

    def _fetch(self, at: datetime) -> _Held:
        # Asked for once a day: the password may have been exchanged since.
        self._source.renewed()
        login = self.credentials
        user = {"name": login.user, "password": login.password, "domain": {"name": login.domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        request = Request(
            "POST",
            self._iam,
            "/v3/auth/tokens",
            query=(("nocatalog", "true"),),
            headers=(("Content-Type", "application/json;charset=utf8"),),
            body=json.dumps({"auth": {"identity": identity, "scope": {"project": dict(self._scope)}}}).encode(),
        )
        answer = self._ask(request, _Unproven(login))
        value = answer.headers.get("X-Subject-Token", "").strip()
        if not value or not value.isascii() or not value.isprintable():
            raise UnexpectedAnswer(Because("IAM answered without a token"))
        token = parsed(_TokenAnswer, answer.body).token
        expires_at = token.expires_at if token.expires_at.tzinfo else token.expires_at.replace(tzinfo=UTC)
        margin = min(REFRESH_BEFORE, max(expires_at - at, timedelta()) / 2)
        return _Held(value, expires_at - margin, expires_at, None if token.project is None else token.project.id)


class _ProjectList(WireModel):
    projects: list[_Project]


def looked_up_project(ask: Ask, auth: Auth, *, iam: str, region: str) -> str:
    """The id of the one project that `region` has for whoever `auth` proves.

    Raises:
        UnexpectedAnswer: There is none, or more than one.
    """
    request = Request(
        "GET",
        iam,
        "/v3/projects",
        query=(("name", region),),
        headers=(("Content-Type", "application/json"),),
    )
    projects = parsed(_ProjectList, ask(request, auth).body).projects
    if len(projects) != 1:
        if not projects:
            words = N_("IAM knows no project called {name} for these credentials: state the project id")
        else:
            words = N_("IAM knows {number} projects called {name} for these credentials: state the project id")
        raise UnexpectedAnswer(Because(words, number=len(projects), name=shown(region)))
    return projects[0].id
