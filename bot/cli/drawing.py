"""Draw messages and manifests without sending anything."""

import json
import sys
from pathlib import Path
from typing import Literal

import yaml

from bot.cli.failing import WRONG_USE, Failure
from bot.cli.gallery import gallery
from bot.cli.loading import configured
from bot.core.command import quoted
from bot.core.language import Language, speaking
from bot.messages.examples import EXAMPLES, examples
from bot.slack.blocks import payload
from bot.slack.manifest import slack_manifest
from bot.teams.cards import card


def preview(name: str | None, form: str, language: Language = Language.ENGLISH) -> None:
    """Print an example of every message, or of one, as the platform gets it or as a page, in that language."""
    if name is not None and name not in EXAMPLES:
        raise Failure(f"there is no message {quoted(name)}; there are: {', '.join(EXAMPLES)}", status=WRONG_USE)
    with speaking(language):
        said = examples()
        wanted = {each: said[each] for each in ([name] if name is not None else said)}
        if form == "html":
            sys.stdout.write(gallery(wanted, language))
            return
        draw = payload if form == "slack" else card
        drawn = {each: draw(message) for each, message in wanted.items()}
    json.dump(drawn[name] if name is not None else drawn, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def manifest(url: str | None, out: Path | None, config: Path | None) -> None:
    """Write the app manifest for the configured mode; with `url` for HTTP, else for Socket Mode."""
    chosen = configured(config)
    mode = chosen.settings.slack.mode
    # What workspaces install it from is an address of the bot's in Socket Mode as well.
    installs = (url or chosen.settings.slack.public_url or "") if chosen.installs_by_oauth else None
    if mode == "http" and url is None:
        raise Failure("slack.mode is http: say with --url where Slack reaches the bot", status=WRONG_USE)
    try:
        kind: Literal["http", "socket"] = "http" if url is not None and mode != "socket" else "socket"
        made = slack_manifest(mode=kind, url=url, installs=installs)
    except ValueError as error:
        raise Failure(str(error), status=WRONG_USE) from error
    text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror}") from error
