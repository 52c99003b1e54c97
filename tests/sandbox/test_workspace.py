"""Does the workspace tell what changes, to whoever listens?"""

import threading
from dataclasses import replace

from bot.sandbox.model import BOT, COLLEAGUE, YOU, Ack, Change, Command, Json, Message
from bot.sandbox.workspace import Workspace
from tests.sandbox.apps import GENERAL


def test_two_people_the_bot_and_the_channels_are_there() -> None:
    workspace = Workspace()

    names = {channel.name for channel in workspace.channels()}
    assert {"general", "ml-platform", "ml-oncall", "research", "capacity", "random", "old-cluster"} <= names
    assert [user.id for user in workspace.users()][:2] == [YOU, COLLEAGUE]
    assert workspace.bot.id == BOT
    assert list(workspace.commands) == ["/pool-stats", "/pool-alerts", "/pool-digest"]


def test_every_moment_is_later_than_the_one_before_and_unique() -> None:
    workspace = Workspace(clock=lambda: 1_800_000_000.0)
    seen: list[str] = []

    threads = [threading.Thread(target=lambda: seen.extend(workspace.next_ts() for _ in range(200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(seen)) == 800
    assert all(len(ts.split(".")[1]) == 6 for ts in seen)


def test_changes_are_told_to_whoever_subscribed_until_they_leave() -> None:
    workspace = Workspace()
    queue = workspace.subscribe()

    said = workspace.say(YOU, GENERAL, "hello")
    message = workspace.message(GENERAL, said.ts)
    assert message is not None
    workspace.change(replace(message, text="changed"))
    workspace.delete(GENERAL, said.ts)
    workspace.unsubscribe(queue)
    workspace.say(YOU, GENERAL, "unheard")

    kinds = [queue.get_nowait() for _ in range(queue.qsize())]
    assert kinds == [Change(kind, channel=GENERAL, ts=said.ts) for kind in ("message", "changed", "deleted")]


def test_what_is_typed_is_escaped_and_names_become_references() -> None:
    workspace = Workspace()

    ts = workspace.say(YOU, GENERAL, "<!channel> & @colleague in #research and #capacity, not me@example.com").ts

    message = workspace.message(GENERAL, ts)
    assert message is not None
    assert message.text == (
        "&lt;!channel&gt; &amp; <@U0COLLEAGUE> in <#C0RESEARCH1|research> and <#C0CAPACITY1|>, not me@example.com"
    )


def test_nobody_writes_where_they_are_not_or_where_it_is_archived() -> None:
    workspace = Workspace()
    workspace.remove(GENERAL, COLLEAGUE)

    assert workspace.say(COLLEAGUE, GENERAL, "hello").error == "channel_not_found"
    assert workspace.say(YOU, "C0OLDCLSTR1", "hello").error == "is_archived"


def test_a_command_that_asks_for_it_gets_names_as_references() -> None:
    told: list[Json] = []

    def deliver(_kind: str, payload: Json) -> Ack:
        told.append(payload)
        return Ack()

    workspace = Workspace(commands=[Command("/pool-stats", "d", should_escape=True)])
    workspace.deliver = deliver
    workspace.run_command(YOU, GENERAL, "/pool-stats", "@colleague")

    assert told[0]["text"] == "<@U0COLLEAGUE>"


def test_a_channel_forgets_its_oldest_message_before_it_fills_the_memory() -> None:
    workspace = Workspace()
    first = workspace.say(YOU, GENERAL, "first").ts

    posted = [workspace.post(Message(GENERAL, "", YOU, str(number))) for number in range(20_000)]

    assert workspace.message(GENERAL, first) is None
    assert workspace.messages(GENERAL) == posted
