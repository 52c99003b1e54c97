"""Answer one question on standard output."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bot.cli.failing import Failure
from bot.cli.loading import configured, connect
from bot.clock import Clock
from bot.core.stats import JobStatus, Pool, PoolStats, type_order
from bot.messages.pool_stats import pool_stats_message
from bot.modelarts.accounts import Accounts
from bot.modelarts.errors import ModelArtsError
from bot.settings.accounts import wants
from bot.slack.blocks import payload
from bot.teams.cards import card


def query(pool: str, form: str, config: Path | None) -> None:
    """Print the counts of one pool as `form`: text, json, slack or teams."""
    clock = Clock()
    with connect(configured(config), clock) as modelarts:
        try:
            stats = modelarts.pool_stats(modelarts.resolve(pool, now=clock.now()), now=clock.now())
        except ModelArtsError as error:
            raise Failure(str(error)) from error
    match form:
        case "json":
            _print(as_json(stats))
        case "slack":
            _print(payload(pool_stats_message(stats, now=clock.now(), earlier=None)))
        case "teams":
            _print(card(pool_stats_message(stats, now=clock.now(), earlier=None)))
        case _:
            print(as_text(stats))  # noqa: T201 - standard output is the answer


def pools(form: str, config: Path | None) -> None:
    """Print every pool with its counts, or with what is wrong with it, which makes the status 1."""
    clock = Clock()
    chosen = configured(config)
    read: list[PoolStats] = []
    failed: list[tuple[Pool, str]] = []
    silent: list[str] = []
    with connect(chosen, clock) as modelarts:
        try:
            known = modelarts.known_pools(now=clock.now())
        except ModelArtsError as error:
            raise Failure(str(error)) from error
        if isinstance(modelarts, Accounts):
            silent = [f"account {name}: {error}" for name, error in modelarts.unlisted.items()]
        for pool in known:
            if not wants(chosen.settings, pool):
                continue
            try:
                read.append(modelarts.pool_stats(pool, now=clock.now()))
            except ModelArtsError as error:
                failed.append((pool, str(error)))
    if form == "json":
        _print([as_json(stats) for stats in read] + [_as_failed(*each) for each in failed])
    elif read or not (failed or silent):
        print(_list_text(read))  # noqa: T201 - standard output is the answer
    if failed or silent:
        raise Failure([*silent, *(_complaints(failed, read_any=bool(read)) if failed else ())])


def _as_failed(pool: Pool, error: str) -> dict[str, Any]:
    return {"pool": {"id": pool.id, "name": pool.name}, "error": error}


def _complaints(failed: Sequence[tuple[Pool, str]], *, read_any: bool) -> list[str]:
    """What is wrong with which pool; what is wrong with all of them is said once."""
    errors = {error for _, error in failed}
    if len(failed) > 1 and len(errors) == 1 and not read_any:
        return [f"none of the {len(failed)} pools can be read: {errors.pop()}"]
    return [f"{pool.name}: {error}" for pool, error in failed]


def as_json(stats: PoolStats) -> dict[str, Any]:
    """The counts in the form that other programs read; a status that was not reported is not there."""
    return {
        "pool": {"id": stats.pool.id, "name": stats.pool.name},
        "taken_at": stats.taken_at.isoformat().replace("+00:00", "Z"),
        "total": stats.jobs,
        "types": {
            job_type: {
                "total": counts.jobs,
                "status": {status.value: counts.status[status] for status in JobStatus if status in counts.status}
                | dict(counts.unknown),
            }
            for job_type, counts in sorted(stats.types.items(), key=lambda item: type_order(item[0]))
        },
        "unknown_status": stats.unknown_status,
        "not_reported": [status.value for status in stats.not_reported],
    }


def as_text(stats: PoolStats) -> str:
    """The counts as a table; a dash stands for what was not reported."""
    unknown = sorted(stats.unknown_status)
    header = ["type", "total", *(status.value for status in JobStatus), *unknown]
    types = sorted(stats.types, key=type_order)
    rows = [
        [
            name,
            str(stats.types[name].jobs),
            *(_cell(stats.types[name].status.get(status)) for status in JobStatus),
            *(_cell(stats.types[name].unknown.get(status)) for status in unknown),
        ]
        for name in types
    ]
    rows.append(
        [
            "all",
            str(stats.jobs),
            *(_cell(stats.count(status)) for status in JobStatus),
            *(str(stats.unknown_status[status]) for status in unknown),
        ]
    )
    return "\n".join(
        [
            f"{stats.pool.name}  ({stats.pool.id})  at {stats.taken_at:%Y-%m-%d %H:%M:%S} UTC",
            "",
            *_aligned(header, rows),
        ]
    )


def _list_text(read: Sequence[PoolStats]) -> str:
    header = ["pool", "total", *(status.value for status in JobStatus), "id"]
    rows = [
        [
            stats.pool.name,
            str(stats.jobs),
            *(_cell(stats.count(status)) for status in JobStatus),
            stats.pool.id,
        ]
        for stats in read
    ]
    return "\n".join(_aligned(header, rows)) if rows else "there are no pools"


def _aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """The rows as lines: names to the left, numbers to the right."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    left = [index == 0 or header[index] == "id" for index in range(len(header))]
    for row in (header, *rows):
        cells = (c.ljust(w) if to_left else c.rjust(w) for c, w, to_left in zip(row, widths, left, strict=True))
        yield "  ".join(cells).rstrip()


def _cell(count: int | None) -> str:
    return "–" if count is None else str(count)


def _print(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
