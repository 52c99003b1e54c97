"""Write the package that is uploaded to Teams, from the configuration."""

import sys
from pathlib import Path

from bot.cli.failing import WRONG_USE, Failure
from bot.cli.loading import configured
from bot.teams.manifest import Publisher, teams_manifest, teams_package


def teams_app(url: str | None, out: Path | None, config: Path | None, *, older: bool) -> None:
    """Write the zip for `url`, else for `teams.public_url`; `older` for a tenant that refuses the newest manifest."""
    chosen = configured(config)
    teams = chosen.settings.teams
    address = url or teams.public_url
    if not chosen.teams.client_id:
        raise Failure("set CLIENT_ID to the application id of the bot's registration", status=WRONG_USE)
    if not address:
        raise Failure("say with --url, or as teams.public_url, where Teams reaches the bot", status=WRONG_USE)
    behind = teams.publisher
    publisher = Publisher(behind.name, behind.website, behind.privacy, behind.terms)
    try:
        package = teams_package(teams_manifest(chosen.teams.client_id, url=address, publisher=publisher, older=older))
    except ValueError as error:
        raise Failure(str(error), status=WRONG_USE) from error
    if out is not None:
        try:
            out.write_bytes(package)
        except OSError as error:
            raise Failure(f"cannot write {out}: {error.strerror}") from error
    elif sys.stdout.isatty():
        raise Failure(
            "the package is a zip, which no terminal shows: say with --out where to write it", status=WRONG_USE
        )
    else:
        sys.stdout.buffer.write(package)
