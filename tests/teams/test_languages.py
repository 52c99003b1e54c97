"""Is each person in Teams spoken to in the language that Teams says they read, and everybody in that of the place?"""

from bot.core.language import Language
from bot.messages.model import Button, Message, Verb
from bot.sandbox.teams.model import CHAT, COLLEAGUE, YOU, Post
from tests.teams.serving import Side, wait_for


def test_the_language_of_who_asks_and_presses_is_that_of_their_teams(bot: Side) -> None:
    bot.bot.answer = lambda _: Message("a", "b", buttons=(Button("Why?", Verb.SAY, "/pool-stats a why"),))
    for person in (YOU, COLLEAGUE):
        bot.teams.people.say(person, CHAT, "pool-stats a", slash=True)
    wait_for(lambda: len(bot.bot.asked) == 2)
    wait_for(lambda: len(_answers_to_lin(bot)) == 1)

    assert bot.teams.people.press(COLLEAGUE, CHAT, _answers_to_lin(bot)[0].id, "Why?").ok

    wait_for(lambda: len(bot.bot.asked) == 3)
    spoken = {(asker.name, asker.language) for _, _, asker in bot.bot.asked}
    assert spoken == {("You", Language.ENGLISH), ("Lin", Language.CHINESE)}


def _answers_to_lin(bot: Side) -> list[Post]:
    tenant = bot.teams.tenant
    posts = tenant.posts(CHAT, seen_by=COLLEAGUE)
    return [each for each in posts if each.targeted_to == COLLEAGUE and each.sender == tenant.bot]


def test_what_everybody_reads_is_in_the_language_of_the_place(bot: Side) -> None:
    bot.teams.people.say(COLLEAGUE, CHAT, "@pool-stats a")

    wait_for(lambda: len(bot.bot.asked) == 1)
    assert bot.bot.asked[0][2].language is Language.ENGLISH
