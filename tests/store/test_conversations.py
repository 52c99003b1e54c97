"""Is it kept where the bot is in Teams, and forgotten where it is not any more?"""

from dataclasses import replace

from sqlalchemy import Engine

from bot.store import conversations
from bot.store.conversations import Conversation
from bot.store.engine import reading, writing
from tests.building import NOON

GENERAL = Conversation("19:team@thread.tacv2", "channel", "t", "https://a.example", "", "19:team@thread.tacv2", "ML")
ALERTS = Conversation("19:alerts@thread.tacv2", "channel", "t", "https://a.example", "Alerts", GENERAL.id, "ML")


def test_what_is_not_known_of_a_conversation_stays_as_it_was_known(engine: Engine) -> None:
    with writing(engine) as db:
        conversations.keep(db, ALERTS, now=NOON)
        conversations.keep(db, replace(ALERTS, name="", team_name="", service_url="https://b.example"), now=NOON)

    with reading(engine) as db:
        assert conversations.all_of(db) == [replace(ALERTS, service_url="https://b.example")]


def test_whoever_is_removed_from_a_team_has_left_its_channels(engine: Engine) -> None:
    with writing(engine) as db:
        conversations.keep(db, GENERAL, now=NOON)
        conversations.keep(db, ALERTS, now=NOON)
        conversations.leave(db, GENERAL.id, now=NOON)

    with reading(engine) as db:
        assert [each.left for each in conversations.all_of(db)] == [True, True]


def test_a_team_that_is_renamed_is_called_so_in_all_its_channels(engine: Engine) -> None:
    with writing(engine) as db:
        conversations.keep(db, GENERAL, now=NOON)
        conversations.keep(db, ALERTS, now=NOON)
        conversations.call_team(db, GENERAL.id, "Machine Learning")

    with reading(engine) as db:
        assert [each.called for each in conversations.all_of(db)] == [
            "Machine Learning/Alerts",
            "Machine Learning/General",
        ]
