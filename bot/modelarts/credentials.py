"""With what do we prove who we are: which keys, from given values, the official variables or the official file?"""

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

# How the official SDK begins the names of its variables.
OFFICIAL = "HUAWEICLOUD_SDK"

_FILE_LIMIT = 64 * 1024


class CredentialsError(ValueError):
    """The credentials cannot be used as they are written; says what to change, never what they are."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key pair; with a security token where the pair is temporary. Its `repr` shows none of it."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """For whom requests are counted."""
        return self.access_key

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret key and the token; the access key too, since it tells whose it is."""
        return tuple(value for value in (self.secret_key, self.security_token, self.access_key) if value)

    def __post_init__(self) -> None:
        for name, value in (
            ("access key", self.access_key),
            ("secret key", self.secret_key),
            ("security token", self.security_token),
        ):
            # They travel in headers: a line break or a blank inside is a mistake in copying, or an attack.
            if value is not None and not (value.isascii() and value.isprintable() and value and " " not in value):
                raise CredentialsError(f"the {name} is empty or contains characters that no {name} has")


@dataclass(frozen=True, slots=True)
class Login:
    """An IAM user who gets a token for a password. Its `repr` does not show the password."""

    user: str
    password: str = field(repr=False)
    domain: str

    @property
    def name(self) -> str:
        """For whom requests are counted."""
        return f"{self.domain}/{self.user}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password."""
        return (self.password,)


@dataclass(frozen=True, slots=True)
class Found:
    """What the environment and the credentials file say.

    Attributes:
        keys: The key pair.
        project_id: The project, where it is stated.
        iam_endpoint: Where IAM answers, where it is stated.
        origin: Where the keys were found, for `pool-stats check`.
        file: The credentials file, where they stand in one.
    """

    keys: Keys
    project_id: str | None
    iam_endpoint: str | None
    origin: str
    file: Path | None = None


def find(environment: Mapping[str, str], *, home: Path, prefix: str = OFFICIAL) -> Found | None:
    """The keys that `environment` names, or its credentials file, or the file under `home`; in this order.

    The names are the official SDK's; with another `prefix` they are others that end alike, and no file under `home` is
    looked for. An empty variable counts as not set. A project id in the environment wins over the file's.

    Raises:
        CredentialsError: Something is set and cannot be used.
    """
    access_key = _set(environment, f"{prefix}_AK")
    secret_key = _set(environment, f"{prefix}_SK")
    if (access_key is None) != (secret_key is None):
        missing = f"{prefix}_AK" if access_key is None else f"{prefix}_SK"
        raise CredentialsError(f"{missing} is not set, though its counterpart is")
    project_id = _set(environment, f"{prefix}_PROJECT_ID")
    iam = _set(environment, f"{prefix}_IAM_ENDPOINT")
    if access_key is not None and secret_key is not None:
        keys = Keys(access_key, secret_key, _set(environment, f"{prefix}_SECURITY_TOKEN"))
        return Found(keys, project_id, iam, "environment")
    named = _set(environment, f"{prefix}_CREDENTIALS_FILE")
    path = Path(named).expanduser() if named else home / ".huaweicloud" / "credentials"
    if not named and (prefix != OFFICIAL or not path.is_file()):
        return None
    profile = read_file(path)
    return replace(profile, project_id=project_id or profile.project_id, iam_endpoint=iam or profile.iam_endpoint)


def read_file(path: Path) -> Found:
    """What the `[basic]` section of the official credentials file at `path` says.

    Raises:
        CredentialsError: It cannot be read, or the keys are not in it.
    """
    basic = _basic_section(path)
    if "ak" not in basic or "sk" not in basic:
        raise CredentialsError(f"the section [basic] of {path} must state ak and sk")
    return Found(
        keys=Keys(basic["ak"], basic["sk"], basic.get("security_token")),
        project_id=basic.get("project_id"),
        iam_endpoint=basic.get("iam_endpoint"),
        origin=str(path),
        file=path,
    )


def _basic_section(path: Path) -> dict[str, str]:
    # Parse errors quote the line they are about, which may be the secret: they are not chained.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_FILE_LIMIT + 1)
        if len(text) > _FILE_LIMIT:
            raise CredentialsError(f"{path} is too large for a credentials file")
        parser.read_string(text)
    except OSError as error:
        raise CredentialsError(f"the credentials file {path} cannot be read: {error.strerror}") from None
    except (configparser.Error, UnicodeDecodeError):
        raise CredentialsError(
            f"{path} is not a credentials file: write [basic] and, under it, ak = ... and sk = ..."
        ) from None
    if not parser.has_section("basic"):
        raise CredentialsError(f"{path} has no section [basic]")
    return {name: value.strip() for name, value in parser.items("basic") if value.strip()}


def _set(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name, "").strip() or None
