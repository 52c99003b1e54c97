"""usergroups.*: which groups of people are there, and who is in them?"""

from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import TEAM, Json


def list_(request: Request) -> Json:
    """usergroups.list."""
    found = [
        {"id": group.id, "team_id": TEAM, "is_usergroup": True, "name": group.handle, "handle": group.handle}
        | ({"users": list(group.users)} if request.flag("include_users") else {})
        for group in request.workspace.groups.values()
    ]
    return {"usergroups": found}


def users(request: Request) -> Json:
    """usergroups.users.list."""
    group = request.workspace.groups.get(request.needed("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.users)}
