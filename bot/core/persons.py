"""Who can be called by name, and how is that written in the configuration?"""

import re
from dataclasses import dataclass

_SLACK_IDS = re.compile(r"[UWS][A-Z0-9]{2,40}|@(?:here|channel|everyone)")
# How somebody who is written to in Teams is named: by the bot's own id of them, or in the directory.
IN_TEAMS = re.compile(r"29:.+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TEAMS_IDS = re.compile(r"[^\s<>]{3,128}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is called, or a group: by the platform's own id, so that no name can stand for somebody else.

    Attributes:
        platform: slack or teams.
        id: In Slack U…, W…, S… (a user group), @here, @channel or @everyone; in Teams the id of the user in Entra, or
            the name that they sign in with.
        name: What people call them, for where nobody can be called.
    """

    platform: str
    id: str
    name: str = ""

    def __str__(self) -> str:
        """As the configuration writes it."""
        return f"{self.platform}:{self.id}"


def parse_person(text: str) -> Person:
    """Whom the configuration calls `text`: slack:U012ABC, slack:S012ABC, slack:@here, teams:someone@example.com Name.

    Raises:
        ValueError: It is not somebody who can be called.
    """
    platform, _, rest = text.strip().partition(":")
    who, _, name = rest.partition(" ")
    known = {"slack": _SLACK_IDS, "teams": _TEAMS_IDS}.get(platform)
    if known is None or not known.fullmatch(who):
        raise ValueError(
            f"{text!r} is nobody who can be called: write slack:U…, slack:S… (a user group), slack:@here, "
            "or teams: and a user's id or sign-in name, with the name to show after it"
        )
    return Person(platform, who, name.strip())
