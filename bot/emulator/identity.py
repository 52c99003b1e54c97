"""Who hands out credentials? IAM's tokens and projects, and the metadata service of a machine with an agency."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from bot.emulator.access import Access
from bot.emulator.http import Request, Response
from bot.emulator.refusals import Refusal, iam, no_such_api
from bot.emulator.routes import json_response

_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
_METADATA_TOKEN_PATH = "/meta-data/latest/api/token"  # noqa: S105 - a path
_METADATA_KEY_PATH = "/openstack/latest/securitykey"


def identity_route(request: Request) -> str | None:
    """The name of the IAM or metadata route a request calls."""
    return {
        ("POST", "/v3/auth/tokens"): "tokens",
        ("GET", "/v3/projects"): "projects",
        ("PUT", _METADATA_TOKEN_PATH): "metadata",
        ("GET", _METADATA_KEY_PATH): "metadata",
    }.get((request.method, request.path))


def issue_token(access: Access, request: Request, *, now: datetime) -> Response:
    """`POST /v3/auth/tokens`: a token for a user's name and password.

    Raises:
        Refusal: In IAM's own form.
    """
    try:
        told = json.loads(request.body)
        user = told["auth"]["identity"]["password"]["user"]
        methods, name, password, domain = (
            told["auth"]["identity"]["methods"],
            user["name"],
            user["password"],
            user["domain"]["name"],
        )
        scope = told["auth"].get("scope", {})
        project = scope.get("project") if isinstance(scope, dict) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise iam(400, "The request body is invalid") from None
    if methods != ["password"] or not all(isinstance(text, str) for text in (name, password, domain)):
        raise iam(400, "The request body is invalid")
    project_name, project_id = _project(access, project)
    token, expires_at = access.issue_token(domain, name, password, project_id, now=now)
    body: dict[str, object] = {
        "catalog": [],
        "expires_at": expires_at.strftime(_STAMP),
        "issued_at": now.strftime(_STAMP),
        "methods": ["password"],
        "roles": [{"id": "0", "name": "te_admin"}],
        "user": {"name": name, "id": "0" * 32, "password_expires_at": "", "domain": {"name": domain, "id": "1" * 32}},
    }
    if project_id is not None:
        body["project"] = {"id": project_id, "name": project_name, "domain": {"name": domain, "id": "1" * 32}}
    return json_response({"token": body}, 201, {"X-Subject-Token": token})


def list_projects(access: Access, request: Request) -> Response:
    """`GET /v3/projects`, optionally by name."""
    wanted = next((value for key, value in request.query if key == "name"), None)
    found = [
        {
            "id": project_id,
            "name": name,
            "domain_id": "1" * 32,
            "parent_id": "1" * 32,
            "enabled": True,
            "is_domain": False,
        }
        for name, project_id in access.projects.items()
        if wanted in (None, name)
    ]
    links = {"self": "https://iam.myhuaweicloud.com/v3/projects", "previous": None, "next": None}
    return json_response({"projects": found, "links": links})


class Metadata:
    """The metadata service at 169.254.169.254, as a machine with (or without) an agency sees it."""

    def __init__(self) -> None:
        self.agency = True
        self._token = secrets.token_urlsafe(40)

    def answer(self, access: Access, request: Request, project_id: str, *, now: datetime) -> Response:
        """The token for the next call, or a temporary key.

        Raises:
            Refusal: No agency, or a wrong token.
        """
        if request.path == _METADATA_TOKEN_PATH:
            seconds = request.header("x-metadata-token-ttl-seconds")
            if not seconds.isdigit() or not 0 < int(seconds) <= 21600:
                raise Refusal(400, "", "X-Metadata-Token-Ttl-Seconds is missing or wrong", iam=True)
            return Response(200, self._token.encode(), {"Content-Type": "text/plain"})
        if request.path != _METADATA_KEY_PATH:
            raise no_such_api()
        if request.header("x-metadata-token") not in ("", self._token):
            raise iam(401, "The metadata token is invalid")
        if not self.agency:
            raise iam(401, "Please configure Cloud Service Agency first")
        key = access.agency_key(project_id, now=now)
        expires = key.expires_at.strftime(_STAMP) if key.expires_at else ""
        credential = {"access": key.access, "secret": key.secret, "securitytoken": key.security_token}
        return json_response({"credential": {**credential, "expires_at": expires}})


def _project(access: Access, told: object) -> tuple[str, str | None]:
    if told is None:
        return "", None
    if not isinstance(told, Mapping):
        raise iam(400, "The request body is invalid")
    for name, project_id in access.projects.items():
        if told.get("id") == project_id or ("id" not in told and told.get("name") == name):
            return name, project_id
    raise iam(404, f"Could not find project: {told.get('id') or told.get('name')}.")
