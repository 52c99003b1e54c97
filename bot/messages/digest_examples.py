"""What do the messages about the digests of a channel look like? One example of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.digest import PoolDigest
from bot.core.digest_changes import Course, Handled
from bot.messages.digest import digest_message
from bot.messages.digests import (
    ListedDigest,
    channel_digests_message,
    digest_added,
    digest_put,
    digest_removed,
)
from bot.messages.model import Message

_DAY = timedelta(days=1)
_HOSTILE = "<!channel>*b*`c`\u202e"


def digest_examples(figures: Sequence[PoolDigest], alerts: Sequence[Alert], *, now: datetime) -> Mapping[str, Message]:
    """Each by its name."""
    first, second, third = (each.pool for each in figures[:3])
    courses = [
        Course(first, tuple(float(4 + 9 * (hour % 7)) for hour in range(24)), 31.2, 12.0, 40.4),
        Course(second, (2.0, None, None, 60.0), 15.5, None, 3.0),
        Course(third, (0.0,) * 24, 0.0, 0.0, 0.0),
    ]
    made = ListedDigest("0 9 * * mon-fri", "Asia/Shanghai", None, now + _DAY, "1")
    of_file = ListedDigest("*/30 8-18 * * *", "UTC", ("train-*", "infer-*"), now, channel="#ml-platform")
    hostile = ListedDigest("0 9 * * *", _HOSTILE, (_HOSTILE,), None, "2")
    return {
        "digest-against-before": digest_message(
            figures,
            since=now - _DAY,
            until=now,
            alerts=alerts,
            courses=courses,
            handled=Handled(2, 1, timedelta(minutes=4), timedelta(minutes=38)),
            posted=9,
        ),
        "digests-here": channel_digests_message([made, of_file], may_change=True),
        "digests-here-read-only": channel_digests_message([of_file], may_change=False),
        "digests-here-hostile": channel_digests_message([hostile] * 25, may_change=True),
        "digests-here-none": channel_digests_message([], may_change=True),
        "digest-added": digest_added(made),
        "digest-removed": digest_removed(made),
        "digest-put": digest_put(1),
        "digest-put-already": digest_put(0),
    }
