"""Which workspace is a payload of Slack's about?"""

from collections.abc import Mapping
from typing import Any


def ids_of(body: Mapping[str, Any]) -> tuple[str, str, bool]:
    """The organisation and workspace that a payload of Slack's is about, and whether the app is installed in the whole.

    What comes of an event says for whom it was delivered in its first authorization: the event itself may be of another
    workspace, in a channel that both share.
    """
    authorizations = body.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else None
    if isinstance(first, dict):
        return _text(first, "enterprise_id"), _text(first, "team_id"), first.get("is_enterprise_install") is True
    whole = str(body.get("is_enterprise_install")).casefold() == "true"
    team = _text(_part(body, "team"), "id") or _text(body, "team_id")
    enterprise = _text(_part(body, "enterprise"), "id") or _text(body, "enterprise_id")
    view = _part(body, "view")
    if not team and not enterprise:
        team = _text(view, "app_installed_team_id") or _text(view, "team_id")
    return enterprise, team, whole


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    return text if isinstance(text, str) else ""
