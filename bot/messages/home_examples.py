"""What does a person's Home look like in every state? The pages, as Slack draws them in a place of their own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.alerts import Alert
from bot.core.language import _
from bot.core.scope import Scope, Sight
from bot.core.silences import Silence
from bot.core.stats import Pool, PoolStats
from bot.messages.digests import ListedDigest
from bot.messages.home import Seen, home_page, mine_chosen
from bot.messages.model import Message
from bot.messages.page import Page

_HOUR = timedelta(hours=1)


def home_pages(
    reading: PoolStats, firing: Alert, acknowledged: Alert, silenced: Alert, hostile: Pool, *, now: datetime
) -> Mapping[str, Page]:
    """One page in each state, as of `now`."""
    quiet = Silence("5e1f", Scope(("train-*",)), Sight(), now + 2 * _HOUR, "new driver", "slack:U012ABC wei", "", now)
    daily = ListedDigest("0 9 * * mon-fri", "Asia/Shanghai", None, now + _HOUR, "d1")
    configured = ListedDigest("0 18 * * *", "UTC", ("train-*",), None, channel="#ml-platform")
    trends = {reading.pool.id: (1, 4, None, 9, 16)}
    full = Seen(
        now,
        (reading,),
        pools=3,
        mine=("train-*", "infer-910b*"),
        alerts=(firing, acknowledged, silenced),
        elsewhere=1,
        silences=((quiet, 1),),
        digests=(("#research", daily), ("#ml-platform", configured)),
        zone="Asia/Shanghai",
        trends=trends,
    )
    many = replace(
        full,
        readings=[replace(reading, pool=Pool(f"pool-{number}", f"train-{number:03}")) for number in range(120)],
        alerts=[replace(firing, id=f"a{number}") for number in range(60)],
        silences=[(replace(quiet, id=f"s{number}"), 0) for number in range(30)],
        digests=[("#research", daily)] * 30,
    )
    words = hostile.name[:80]
    bad = replace(
        full,
        readings=(replace(reading, pool=hostile),),
        mine=(words,),
        alerts=(replace(firing, pool=hostile, rule=words),),
        silences=((replace(quiet, reason=words, by=f"slack:U1 {words}", scope=Scope((words,))), 1),),
        digests=((words, replace(daily, pools=(words,))),),
        zone=words,
    )
    seen = {
        "home": full,
        "home-nothing-open": Seen(now, (reading,), pools=1, zone="Asia/Shanghai"),
        "home-new": Seen(now),
        "home-none-of-mine": Seen(now, pools=3, mine=("gone-*",), zone="UTC"),
        "home-many": many,
        "home-hostile": bad,
        "home-without-store": Seen(now, trouble=_("the database cannot be reached now")),
    }
    return {name: home_page(each) for name, each in seen.items()}


def home_examples() -> Mapping[str, Message]:
    """What is said when somebody has chosen their own pools."""
    return {"mine-chosen": mine_chosen(("train-*", "infer-910b*")), "mine-all": mine_chosen(())}
