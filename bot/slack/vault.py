"""How are the tokens of workspaces kept, so that who reads the database has nothing of them?

Fernet encrypts and signs; the key is in the environment alone. With several keys the first one seals and every one
opens, which is how a key is exchanged: put a new one in front, and take the old one away after a start.
"""

import json
from dataclasses import dataclass, field

VARIABLE = "POOL_STATS_SLACK__TOKEN_KEY"
HOW_TO_MAKE_ONE = (
    "make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)


class Unreadable(Exception):  # noqa: N818 - named for what is known of it
    """What is kept was not sealed with any of the keys, or is not what was sealed."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Slack gave for one workspace; `refresh` is there where tokens are rotated."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)


class Vault:
    """Seals and opens tokens.

    Args:
        keys: One key, or several with commas between; the first seals.

    Raises:
        ValueError: A key is none.
    """

    def __init__(self, keys: str) -> None:
        # Only who is in several workspaces pays for it: megabytes of memory.
        from cryptography import fernet  # noqa: PLC0415 - see above

        given = [key.strip() for key in keys.split(",") if key.strip()]
        try:
            fernets = [fernet.Fernet(key) for key in given]
        except ValueError:
            fernets = []
        if not fernets:
            # The library's own words would show what was given.
            raise ValueError(f"{VARIABLE} holds no key that can be used: {HOW_TO_MAKE_ONE}")
        self._newest = fernets[0]
        self._all = fernet.MultiFernet(fernets)
        self._sealed_otherwise = fernet.InvalidToken

    def __repr__(self) -> str:
        """Nothing of the keys."""
        return "Vault()"

    def seal(self, key: str, tokens: Tokens) -> str:
        """The tokens of the workspace `key`, as they may be kept."""
        content = {"workspace": key, "access": tokens.access, "refresh": tokens.refresh}
        return self._newest.encrypt(json.dumps(content).encode()).decode()

    def open(self, key: str, sealed: str) -> Tokens:
        """The tokens of the workspace `key`.

        Raises:
            Unreadable: They were sealed with another key, or for another workspace.
        """
        try:
            content = json.loads(self._all.decrypt(sealed.encode()))
        except self._sealed_otherwise as error:
            raise Unreadable(f"the token of {key} was kept with another {VARIABLE}") from error
        if content["workspace"] != key:
            raise Unreadable(f"what is kept for {key} is the token of another workspace")
        return Tokens(content["access"], content["refresh"])

    def sealed_anew(self, sealed: str) -> str | None:
        """The same, sealed with the first key; `None` where it is already, or cannot be opened.

        It is tried with the first key alone: what that opens needs nothing.
        """
        try:
            self._newest.decrypt(sealed.encode())
        except self._sealed_otherwise:
            pass
        else:
            return None
        try:
            return self._all.rotate(sealed.encode()).decode()
        except self._sealed_otherwise:
            return None
