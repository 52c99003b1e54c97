"""What does every message look like? One example of each, for the golden files and `pool-stats preview`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from bot.core.alerts import ABSENT, Alert, Event, Move, State, move
from bot.core.because import Because, Why
from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.digest import PoolDigest, digest
from bot.core.durations import spoken
from bot.core.judge import NOT_COVERED
from bot.core.language import _
from bot.core.pool_words import pool_question
from bot.core.rules.model import Severity
from bot.core.stats import JobStatus, Pool, PoolStats, TypeCounts
from bot.messages import trouble
from bot.messages.alert import alert_entry, alert_message, open_alerts_message
from bot.messages.all_pools import all_pools_message
from bot.messages.blindness_examples import blindness_examples
from bot.messages.chart_examples import chart_examples
from bot.messages.delivery_examples import delivery_examples
from bot.messages.digest import digest_message, digests_message
from bot.messages.digest_examples import digest_examples
from bot.messages.evidence_examples import evidence_examples
from bot.messages.help import help_message
from bot.messages.home_examples import home_examples, home_pages
from bot.messages.incident_examples import incident_examples
from bot.messages.job_examples import job_examples
from bot.messages.model import Message
from bot.messages.page import Page, page_message
from bot.messages.pool_stats import pool_stats_message
from bot.messages.rest_examples import rest_examples
from bot.messages.rule_examples import rule_examples
from bot.messages.silence_examples import silence_examples

NOW = datetime(2026, 3, 2, 14, 2, 12, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

_A100 = Pool("train-a100-86c13962597848eeb29c5861153a391f", "train-a100")
_V100 = Pool("train-v100-86c13962597848eeb29c5861153a391f", "train-v100")
_INFER = Pool("pool-5ff6-86c13962597848eeb29c5861153a391f", "infer-910b")
_RESEARCH = Pool("pool-7923ba1a-338d-4b66-ae96-789cc4fd7da5", "research")
_CHINESE = Pool("pool-0e11-86c13962597848eeb29c5861153a391f", "训练资源池-北京四")
_HOSTILE = Pool(
    "pool-bad0-86c13962597848eeb29c5861153a391f",
    "[x](http://evil.example) **a** <!channel> &amp; {{DATE(2026-01-01T00:00:00Z)}} `b`\n\u202e<at>all</at>",
)


def _counts(**status: int) -> TypeCounts:
    return TypeCounts({JobStatus(name): number for name, number in status.items()})


def _train(**changed: int) -> TypeCounts:
    usual = {"Queue": 4, "Running": 40, "Completed": 31, "Terminated": 2, "Failed": 3}
    return TypeCounts({status: (usual | changed).get(status.value, 0) for status in JobStatus})


def _reading(pool: Pool = _A100, age: timedelta = timedelta(seconds=12), /, **types: TypeCounts) -> PoolStats:
    return PoolStats(pool, NOW - age, types)


def _usual(queue: int) -> Because:
    return Because("{status} {level}; usual here {usual}", status="Queue", level=queue, usual="2–9")


_NOTEBOOK = _counts(Queue=0, Running=2)
_BUSY = _reading(train=_train(Queue=16, Failed=6), notebook=_NOTEBOOK)
_EARLIER = _reading(_A100, _HOUR, train=_train(), notebook=_NOTEBOOK)
_TREND = [
    (NOW - 10 * step * _MINUTE, (4, 5, 3, 6, 4, 7)[step % 6] + max(0, 12 - 3 * step)) for step in range(36, -1, -1)
]
_GAPS = [(at, None if 9 < index < 14 else value) for index, (at, value) in enumerate(_TREND)]

_FIRING = Alert(
    id="7",
    rule="queue spike",
    metric=JobStatus.QUEUE,
    severity=Severity.WARNING,
    pool=_A100,
    job_type=None,
    state=State.FIRING,
    began_at=NOW - 12 * _MINUTE,
    changed_at=NOW - 12 * _MINUTE,
    seen_at=NOW - 12 * _MINUTE,
    value=94,
    peak=94,
    why=_usual(94),
    fired_at=NOW - 12 * _MINUTE,
)
_WORSE = replace(_FIRING, value=120, peak=120, why=_usual(120), seen_at=NOW)
_BETTER = replace(_WORSE, value=8, clear_since=NOW - _MINUTE)
_STALE = replace(_WORSE, seen_at=NOW - 9 * _MINUTE, stale_since=NOW - 9 * _MINUTE)
_FAILURES = replace(
    _FIRING,
    id="8",
    rule="failures spike",
    metric=JobStatus.FAILED,
    severity=Severity.CRITICAL,
    job_type="train",
    pool=_V100,
    value=11,
    peak=11,
    why=Because(
        "{value} more {status} within {minutes} minutes; usual here {usual}",
        value=11,
        status="Failed",
        minutes=15,
        usual="0–1",
    ),
)
_CROWDED = replace(
    _FIRING,
    id="11",
    rule="crowded",
    kind="ratio",
    value=84,
    peak=84,
    why=Because(
        "{seen}; above {limit}",
        seen=Because(
            "{status} {count}, {times:.1f} times {to} {other}",
            status="Queue",
            count=84,
            times=7.0,
            to="Running",
            other=12,
        ),
        limit="2",
    ),
)
_STUCK = replace(
    _FIRING,
    id="12",
    rule="stuck",
    kind="stuck",
    severity=Severity.CRITICAL,
    value=84,
    peak=84,
    why=Because(
        "{seen}; {said}; Running {running}",
        seen=Because("{status} {count}", status="Queue", count=84),
        said=Because("nothing has started for {length}", length=timedelta(minutes=32)),
        running=12,
    ),
)
_UNREAD = replace(
    _FIRING,
    id="13",
    rule="no data",
    kind=ABSENT,
    metric=None,
    value=0,
    peak=0,
    why=Because("No reading since {at}; longer than {length}", at="2026-03-02 13:40 UTC", length=timedelta(minutes=10)),
)
_HOSTILE_ALERT = replace(_FIRING, id="9", pool=_HOSTILE, rule="*long* <!here> `queue`", why="Queue 94, above [50](x)")
_PENDING = replace(_FIRING, id="10", state=State.PENDING, fired_at=None)

_ACKNOWLEDGED, _ACKNOWLEDGE = move(_WORSE, Event.ACKNOWLEDGE, at=NOW, why="acknowledged", actor="slack:U012ABC")
_TAKEN_BACK, _UNACKNOWLEDGE = move(_ACKNOWLEDGED, Event.UNACKNOWLEDGE, at=NOW, why="taken back", actor="slack:U012ABC")
_SILENCED, _SILENCE = move(
    _WORSE, Event.SILENCE, at=NOW, why="silenced for 2 h", actor="slack:U012ABC", until=NOW + 2 * _HOUR
)
_AGAIN, _SILENCE_OVER = move(_SILENCED, Event.SILENCE_OVER, at=NOW + 2 * _HOUR, why="the silence is over")
_UNSILENCED, _UNSILENCE = move(_SILENCED, Event.SILENCE_OVER, at=NOW, why="silence ended", actor="slack:U012ABC")
_RESOLVED, _CLEARED = move(_BETTER, Event.CLEARED, at=NOW, why=_usual(8))
_CLOSED, _GONE = move(_WORSE, Event.GONE, at=NOW, why=NOT_COVERED)
_READ_AGAIN, _HEARD = move(
    replace(_UNREAD, seen_at=NOW, clear_since=NOW), Event.CLEARED, at=NOW, why=Because("the pool is read again")
)
_HELD = Move(NOW, Event.HELD, State.PENDING, State.FIRING, _FIRING.why)


def _pool_answers() -> dict[str, Message]:
    sparse = _reading(
        _INFER,
        2 * _HOUR,
        train=replace(_counts(Queue=234, Pending=0, Running=0), total=240),
        infer=replace(_counts(Running=12), unknown={"Evicted": 2}),
        **{"x-infer": replace(_counts(Running=3), unknown={"Evicted": 0, "*new*": 1})},
    )
    after_reset = _reading(train=_train(Queue=2, Completed=3, Failed=1))
    return {
        "pool": pool_stats_message(_BUSY, now=NOW, earlier=_EARLIER, trend=_TREND),
        "pool-alerting": pool_stats_message(
            _BUSY, now=NOW, earlier=_EARLIER, trend=_GAPS, open_alerts=(_WORSE, replace(_FAILURES, pool=_A100))
        ),
        "pool-first-reading": pool_stats_message(_BUSY, now=NOW, earlier=None),
        "pool-nothing-changed": pool_stats_message(
            _EARLIER, now=NOW - _HOUR, earlier=_reading(_A100, 2 * _HOUR, train=_train(), notebook=_NOTEBOOK)
        ),
        "pool-counts-reset": pool_stats_message(after_reset, now=NOW, earlier=_EARLIER),
        "pool-empty": pool_stats_message(_reading(_RESEARCH), now=NOW, earlier=None),
        "pool-sparse-and-new": pool_stats_message(sparse, now=NOW, earlier=None),
        "pool-chinese": pool_stats_message(_reading(_CHINESE, train=_train()), now=NOW, earlier=None),
        "pool-hostile": pool_stats_message(
            _reading(_HOSTILE, **{"train|<b>": _train()}), now=NOW, earlier=None, open_alerts=(_HOSTILE_ALERT,)
        ),
    }


def _pools_answers() -> dict[str, Message]:
    few = [
        _BUSY,
        _reading(_V100, train=_train(Queue=0, Failed=14)),
        _reading(_INFER, _MINUTE, infer=_counts(Running=12, Abnormal=1)),
        _reading(_CHINESE, train=_train(Queue=1)),
    ]
    many = [
        _reading(
            Pool(f"pool-{number:04x}-86c13962597848eeb29c5861153a391f", f"lab-{number:02}"), train=_train(Queue=number)
        )
        for number in range(45)
    ]
    bars: dict[str, list[int | None]] = {
        _A100.id: [4, 6, 5, 9, 12, 94, 120, None, 60, 30, 18, 16],
        _V100.id: [0] * 12,
        _INFER.id: [None] * 12,
    }
    failures = {"research": _("ModelArts did not answer within {time}", time=spoken(timedelta(seconds=10)))}
    hostile = {_HOSTILE.name: "<!channel> *may* not read {{this}}"}
    return {
        "pools": all_pools_message(few, now=NOW, open_alerts=(_WORSE, _FAILURES), trends=bars),
        "pools-many": all_pools_message(many, now=NOW),
        "pools-last-page": all_pools_message(many, now=NOW, page=9),
        "pools-filtered": all_pools_message(many[:9], now=NOW, only="lab-0*"),
        "pools-hostile-none-like-that": all_pools_message([], now=NOW, only="*<!channel>*"),
        "pools-unread": all_pools_message(few[:2], now=NOW, failures=failures),
        "pools-unread-hostile": all_pools_message([], now=NOW, failures=hostile),
        "pools-none": all_pools_message([], now=NOW),
    }


def _alerts() -> dict[str, Message]:
    standing = {
        "pending": _PENDING,
        "firing": _FIRING,
        "firing-critical": _FAILURES,
        "firing-info": replace(_FIRING, severity=Severity.INFO),
        "worse": _WORSE,
        "better": _BETTER,
        "stale": _STALE,
        "acknowledged": _ACKNOWLEDGED,
        "acknowledged-stale": replace(_ACKNOWLEDGED, stale_since=NOW),
        "unacknowledged": _TAKEN_BACK,
        "silenced": _SILENCED,
        "resolved": _RESOLVED,
        "closed": _CLOSED,
        "hostile": _HOSTILE_ALERT,
        "ratio": _CROWDED,
        "stuck": _STUCK,
        "absent": _UNREAD,
        "absent-resolved": _READ_AGAIN,
    }
    entries = {
        "told": (_FIRING, _HELD),
        "resolved": (_RESOLVED, _CLEARED),
        "closed": (_CLOSED, _GONE),
        "acknowledged": (_ACKNOWLEDGED, _ACKNOWLEDGE),
        "unacknowledged": (_TAKEN_BACK, _UNACKNOWLEDGE),
        "silenced": (_SILENCED, _SILENCE),
        "silence-over": (_AGAIN, _SILENCE_OVER),
        "unsilenced": (_UNSILENCED, _UNSILENCE),
        "absent-resolved": (_READ_AGAIN, _HEARD),
    }
    many = [replace(_FIRING, id=str(number), began_at=NOW - number * _MINUTE) for number in range(30)]
    return {
        **{f"alert-{name}": alert_message(alert, now=NOW) for name, alert in standing.items()},
        **{f"entry-{name}": alert_entry(alert, what, now=NOW) for name, (alert, what) in entries.items()},
        "alerts": open_alerts_message([_FAILURES, _ACKNOWLEDGED, _SILENCED, _STALE], now=NOW),
        "alerts-many": open_alerts_message(many, now=NOW),
        "alerts-none": open_alerts_message([], now=NOW),
        **incident_examples(_WORSE, replace(_FAILURES, pool=_A100), now=NOW),
        **evidence_examples(_FIRING, replace(_FAILURES, pool=_A100), _RESOLVED, _HOSTILE.name, now=NOW),
    }


def _window(pool: Pool, queues: tuple[int, ...]) -> PoolDigest:
    """A reading every two hours of a day; jobs fail while the queue is long."""
    day = timedelta(days=1)
    readings = [
        _reading(
            pool,
            day - 2 * index * _HOUR,
            train=_train(Queue=queue, Failed=3 + (index if queue else 0), Completed=31 + 20 * index),
        )
        for index, queue in enumerate(queues)
    ]
    return digest(readings, since=NOW - day, until=NOW, gap=4 * _HOUR)


def _digests() -> dict[str, Message]:
    day = timedelta(days=1)
    queues = (4, 6, 5, 9, 94, 120, 60, 30, 12, 8, 5, 4, 16)
    figures = [_window(_A100, queues), _window(_V100, queues[:9]), _window(_CHINESE, (0,) * 13)]
    planned = [
        ("slack:#ml-platform", "0 9 * * mon-fri", "Asia/Shanghai", "all"),
        ("teams:ML Platform/Alerts", "0 18 * * *", "UTC", "train-*, infer-*"),
    ]
    return {
        "digest": digest_message(
            figures, since=NOW - day, until=NOW, alerts=[_RESOLVED, _FAILURES], unseen=[_RESEARCH]
        ),
        "digest-calm": digest_message(figures[2:], since=NOW - day, until=NOW, alerts=[]),
        "digest-no-data": digest_message([], since=NOW - day, until=NOW, alerts=[], unseen=[_RESEARCH]),
        **digest_examples(figures, [_RESOLVED, _FAILURES], now=NOW),
        "digests": digests_message(planned),
        "digests-none": digests_message([]),
    }


def _troubles() -> dict[str, Message]:
    near = (_A100, _V100, _INFER)
    whys: dict[trouble.Kind, Why] = {
        trouble.Kind.UNAVAILABLE: Because("ModelArts did not answer within {time}", time=timedelta(seconds=10)),
        trouble.Kind.THROTTLED: "the throttling threshold has been reached: 100 requests in 1 minute",
        trouble.Kind.BAD_CREDENTIALS: "verify aksk signature fail",
        trouble.Kind.NOT_ALLOWED: Because("the account may not read pool {pool}", pool="'research'"),
        trouble.Kind.UNEXPECTED: Because("the answer is a web page, not JSON"),
    }
    said = {
        f"trouble-{kind.value.replace(' ', '-')}": trouble.modelarts_trouble(
            kind,
            why,
            now=NOW,
            pool=_A100.name,
            request_id="7f9c2ba4e88f827d616045507605853e",
            error_code="APIG.0308" if kind is trouble.Kind.THROTTLED else None,
            last=_EARLIER if kind is trouble.Kind.UNAVAILABLE else None,
        )
        for kind, why in whys.items()
    }
    return said | {
        "trouble-unknown-pool": trouble.unknown_pool("train-a10", near),
        "trouble-unknown-pool-hostile": trouble.unknown_pool(_HOSTILE.name * 20, (_HOSTILE,)),
        "trouble-no-pool-alike": trouble.unknown_pool("zzz", ()),
        "trouble-which-pool": trouble.ambiguous_pool("train", near[:2]),
        "trouble-which-of-the-same-name": trouble.ambiguous_pool(
            "lab", (replace(_A100, name="lab"), replace(_V100, name="lab"))
        ),
        "trouble-our-own": trouble.own_failure(Because("the database cannot be used now: it is locked")),
        "trouble-cannot-do": trouble.cannot_do(Because("an alert that is resolved cannot be moved by 'acknowledge'")),
    }


def _helps() -> dict[str, Message]:
    return {
        "help": help_message(POOL_STATS),
        "help-problem": help_message(POOL_STATS, str(pool_question("train a100"))),
        "help-alerts": help_message(POOL_ALERTS),
        "help-digest": help_message(POOL_DIGEST),
    }


def pages() -> Mapping[str, Page]:
    """Every state of a person's Home by its name, in the language that is spoken."""
    return home_pages(_BUSY, _WORSE, _ACKNOWLEDGED, _SILENCED, _HOSTILE, now=NOW)


def examples() -> dict[str, Message]:
    """An example of every message by its name, in the language that is spoken."""
    return {
        **_pool_answers(),
        **_pools_answers(),
        **_alerts(),
        **_digests(),
        **_troubles(),
        **_helps(),
        **job_examples(_A100, _HOSTILE),
        **delivery_examples(
            [alert_message(alert, now=NOW) for alert in (_WORSE, _FAILURES, _ACKNOWLEDGED)],
            alert_message(_RESOLVED, now=NOW),
            alert_entry(_RESOLVED, _CLEARED, now=NOW),
            alert_message(_HOSTILE_ALERT, now=NOW),
        ),
        **chart_examples(
            (_BUSY, _reading(_V100, train=_train(Queue=0, Failed=14))), (_RESOLVED, _WORSE), _HOSTILE, NOW
        ),
        **silence_examples(_ACKNOWLEDGED, _SILENCED, _RESOLVED, _HOSTILE, now=NOW),
        **blindness_examples((_A100, _V100, _INFER), _HOSTILE, NOW),
        **rest_examples(_FIRING, _RESOLVED, _HOSTILE_ALERT, now=NOW),
        **rule_examples(_FIRING, (_A100, _V100), now=NOW),
        **{name: page_message(page) for name, page in pages().items()},
        **home_examples(),
    }


EXAMPLES: Mapping[str, Message] = MappingProxyType(examples())
