"""What are people and channels called, and which addresses may a message lead to?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Names:
    """What drawing has to look up.

    Args:
        users: Display name by user id.
        channels: Name without the number sign, by channel id.
        emphasised: The user who is looking: mentions of them stand out.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    emphasised: str = ""


def safe_link(address: str) -> str | None:
    """`address` if a browser may follow it from a message, else None (`javascript:` and such)."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    if parts.scheme in {"http", "https"} and parts.netloc:
        return address.strip()
    return address.strip() if parts.scheme in {"mailto", "tel"} else None


def local_picture(address: str) -> str | None:
    """`address` if this machine serves it, else None: the page loads nothing from the network."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if not parts.scheme and not parts.netloc and address.startswith("/"):
        return address
    if host in {"127.0.0.1", "localhost", "::1"} and parts.scheme in {"http", "https"}:
        return address
    return None


def file_picture(file: Mapping[str, object]) -> str | None:
    """Where this server keeps the picture a `slack_file` names, by its id or by its private address."""
    found = re.search(r"(?:^|[-/])(F[A-Z0-9]{4,40})(?:/|$)", str(file.get("id") or file.get("url") or ""))
    return f"/page/files/{found[1]}" if found else None
