"""Which app must be uploaded to Teams for this bot?

The package is a zip of the manifest, its words in Chinese, and two icons. The app asks for no right to read what people
write to each other: it hears what is said to it.
https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.charts.icons import colour_icon, outline_icon
from bot.core.language import Language, _, speaking

Json = dict[str, Any]

# The newest there is; and one for tenants that know nothing yet of slash commands and of messages for one person alone,
# which came with 1.29.
NEWEST, OLDER = "1.30", "1.19"
# Of the package: raise it when something in it changes, or Teams takes it for the one that is there already.
PACKAGE_VERSION = "1.0.0"
NAME = "Pool Stats"
COLOUR = "#1d3557"
CHINESE_FILE = "zh-cn.json"

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SCOPES = (("personal",), ("team", "groupChat"))
_LONGEST_PUBLISHER = 32
# Zip knows no earlier moment; with the real one no package would be like the one before.
_BEGINNING = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who stands behind the app, and which pages say more; without them it is the bot's own address."""

    name: str = NAME
    website: str | None = None
    privacy: str | None = None
    terms: str | None = None


def teams_manifest(
    client_id: str, *, url: str, publisher: Publisher | None = None, older: bool = False
) -> dict[str, Any]:
    """The app's manifest.

    Args:
        client_id: The bot's, as Entra has registered it. The app's own id is the same.
        url: Where Teams reaches the bot, such as `https://bot.example.com`.
        publisher: Who is named as its developer.
        older: Without slash commands and messages for one person alone, for a tenant that refuses the newest.

    Raises:
        ValueError: The id is none, the address is not one of https, or the publisher's name is too long.
    """
    if not _GUID.fullmatch(client_id):
        raise ValueError("CLIENT_ID is not the application id that Entra shows: 32 digits and letters in five groups")
    site, host = _site(url)
    behind = publisher or Publisher()
    if not 0 < len(behind.name) <= _LONGEST_PUBLISHER:
        raise ValueError(f"a publisher's name has between 1 and {_LONGEST_PUBLISHER} characters")
    website = behind.website or site
    version = OLDER if older else NEWEST
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{version}/MicrosoftTeams.schema.json",
        "manifestVersion": version,
        "version": PACKAGE_VERSION,
        "id": client_id.lower(),
        "developer": {
            "name": behind.name,
            "websiteUrl": website,
            "privacyUrl": behind.privacy or website,
            "termsOfUseUrl": behind.terms or website,
        },
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "zh-cn", "file": CHINESE_FILE}],
        },
        **_words(),
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": COLOUR,
        "defaultInstallScope": "team",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "bots": [_bot(client_id.lower(), older=older)],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host],
    }


def in_chinese(manifest: dict[str, Any]) -> dict[str, Any]:
    """What is said otherwise in Chinese, by its place in the manifest. What is typed stays as it is."""
    with speaking(Language.CHINESE):
        words, commands = _words(), _commands()
    said: Json = {f"{part}.{length}": text for part, texts in words.items() for length, text in texts.items()}
    for number, listed in enumerate(manifest["bots"][0]["commandLists"]):
        for place in range(len(listed["commands"])):
            said[f"bots[0].commandLists[{number}].commands[{place}].description"] = commands[place]["description"]
    return said


def teams_package(manifest: dict[str, Any]) -> bytes:
    """The zip that is uploaded. The same manifest gives the same bytes."""
    files = {
        "manifest.json": as_text(manifest),
        CHINESE_FILE: as_text(in_chinese(manifest)),
        "color.png": colour_icon(),
        "outline.png": outline_icon(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            # Else it says on which kind of machine it was made.
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return packed.getvalue()


def as_text(document: dict[str, Any]) -> bytes:
    """A document of the package as it stands in its file."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _site(url: str) -> tuple[str, str]:
    """The address without the path that Teams calls, and its host."""
    refused = ValueError("the app needs the address at which Teams reaches the bot, beginning with https://")
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        raise refused from None
    if not host or parts.scheme != "https" or parts.username or parts.query or parts.fragment:
        raise refused
    return url.strip().rstrip("/").removesuffix("/api/messages"), host


def _words() -> Json:
    return {
        "name": {"short": NAME, "full": _("Pool Stats for ModelArts")},
        "description": {
            "short": _("Jobs of ModelArts resource pools, and alerts when queues or failures spike"),
            "full": _(
                "Ask for a ModelArts resource pool and see how many of its jobs wait, run or failed, by job type, and"
                " what changed in the last hour. When the queue or the failures of a pool spike, an alert appears in"
                " the channels chosen for it and is kept up to date in place, until it is resolved. What people write"
                " to each other is not read: the bot hears what is said to it."
            ),
        },
    }


def _commands() -> list[Json]:
    """What is offered when somebody types / or mentions the bot; `title` is what is sent."""
    return [
        {"title": title, "description": description}
        for title, description in (
            ("pool-stats", _("All pools, the worst first; with a name, one pool: pool-stats train-a100")),
            ("pool-alerts", _("What is wrong right now")),
            ("pool-alerts rules", _("Which rules there are, and how often each told something")),
            ("pool-alerts add", _("Make a rule; what it would have told is shown first")),
            ("pool-alerts silence", _("Keep pools quiet for a while")),
            ("pool-alerts silences", _("What is kept quiet, and until when")),
            ("pool-alerts log", _("Who did what")),
            ("pool-digest", _("The regular summaries of this conversation")),
            ("pool-digest add", _("Have a summary here at a time of your choice")),
            ("pool-digest now", _("A summary at once")),
            ("home", _("Your pools, what is open, and your digests")),
            ("help", _("What can be asked")),
        )
    ]


def _bot(client_id: str, *, older: bool) -> Json:
    newer: Json = {} if older else {"supportsTargetedMessages": True}
    lists: list[Json] = []
    for scopes in _SCOPES:
        # In a personal chat all that is said is for the bot, and there are no slash commands.
        triggers: Json = {} if older or "personal" in scopes else {"triggers": ["slash", "mention"]}
        lists.append({"scopes": list(scopes), **triggers, "commands": _commands()})
    return {
        "botId": client_id,
        "scopes": [scope for scopes in _SCOPES for scope in scopes],
        "supportsFiles": False,
        "isNotificationOnly": False,
        **newer,
        "commandLists": lists,
    }
