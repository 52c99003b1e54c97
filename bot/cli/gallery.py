"""Draw what the bot can say as one page, each message as Slack shows it and beside it as Teams does.

The drawing is that of the stand-ins' chat pages, so it needs no account and no network.
"""

from collections.abc import Mapping
from pathlib import Path

import bot.sandbox.page
from bot.core.language import Language
from bot.messages.model import Message
from bot.sandbox.page.attachments import attachment
from bot.sandbox.page.blocks import Surface, draw
from bot.sandbox.page.names import Names
from bot.sandbox.page.tags import Html, joined, tag
from bot.sandbox.page.teams.card import draw as draw_card
from bot.sandbox.page.teams.inputs import Filling
from bot.slack.blocks import payload
from bot.teams.cards import card

_ASSETS = Path(bot.sandbox.page.__file__).parent
_SHEETS = ("assets/page.css", "assets/blocks.css", "teams/assets/teams.css")
# The sheets belong to a page that fills the window and does not scroll; this one is long.
_OWN = """
html, body.gallery { height: auto; overflow: visible; }
body.gallery { display: block; max-width: 1720px; margin: 0 auto; padding: 20px 24px 60px; }
.gallery > nav { columns: 15em; margin: 12px 0 28px; font-size: 14px; }
.gallery > nav a { display: block; }
.gallery .both { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 24px; }
.gallery h2 { margin: 36px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 18px; }
.gallery h3.platform { margin: 0 0 6px; color: var(--ink-soft); font-size: 13px; font-weight: 500; }
.gallery .both > div { min-width: 0; }
.gallery button, .gallery select { pointer-events: none; }
"""


def gallery(messages: Mapping[str, Message], language: Language) -> str:
    """The page with these messages, each under its name."""
    sheets = "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in _SHEETS)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "What the bot says"),
        tag("style", Html(sheets + _OWN)),
    )
    listed = tag("nav", *(tag("a", name, href=f"#{name}") for name in messages), aria_label="Messages")
    body = tag(
        "body",
        tag("h1", "What the bot says"),
        listed if len(messages) > 1 else None,
        *(_section(name, message) for name, message in messages.items()),
        class_="gallery",
    )
    return f"<!doctype html>\n{tag('html', head, body, lang=language.value)}\n"


def _section(name: str, message: Message) -> Html:
    sides = (("Slack", _in_slack(message), "slack"), ("Teams", _in_teams(name, message), "teams"))
    drawn = [tag("div", tag("h3", title, class_="platform"), side, class_=place) for title, side, place in sides]
    return tag("section", tag("h2", name), tag("div", *drawn, class_="both"), id=name)


def _in_slack(message: Message) -> Html:
    drawn, surface = payload(message), Surface(Names())
    beside = joined(attachment(each, surface) for each in drawn["attachments"])
    return tag("div", draw(drawn["blocks"], surface), beside, class_="content")


def _in_teams(name: str, message: Message) -> Html:
    inside = draw_card(card(message), Filling(name))
    return tag("div", tag("div", inside, class_="ac-card wide"), class_="content")
