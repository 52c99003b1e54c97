"""Look after the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from bot.cli.failing import WRONG_USE, Failure
from bot.cli.loading import configured
from bot.clock import Clock
from bot.jobs.prune import Kept
from bot.jobs.prune import prune as forget
from bot.settings.reading import Configured
from bot.store import audit_export, queue_schema, samples
from bot.store import engine as store


@contextmanager
def _opened(config: Configured) -> Iterator[Engine]:
    """The configured database, at this version's schema."""
    try:
        opened = store.open_store(config.database_url.get_secret_value() if config.database_url else None)
        try:
            store.upgrade(opened)
            yield opened
        finally:
            opened.dispose()
    except store.StoreUnknown as error:
        raise Failure(str(error), status=WRONG_USE) from error
    except store.StoreError as error:
        raise Failure(str(error)) from error


def upgrade(config: Path | None) -> None:
    """Bring the schema up to date."""
    read = configured(config)
    with _opened(read) as engine:
        if read.settings.scale.mode == "cluster":
            queue_schema.prepare(engine)
        print("the database is up to date")  # noqa: T201 - standard output is the answer


def prune(config: Path | None) -> None:
    """Make hourly figures of readings, and delete what is older than the configuration keeps."""
    read = configured(config)
    with _opened(read) as engine:
        keep = read.settings.retention
        print(forget(engine, now=Clock().now(), keep=Kept(keep.readings, keep.hourly, keep.history)))  # noqa: T201 - the answer


def export(pools: list[str] | None, out: Path | None, config: Path | None) -> None:
    """Write the stored readings as CSV."""
    with _opened(configured(config)) as engine, store.reading(engine) as db, _writable(out) as file:
        samples.export_csv(db, file, pool_ids=pools)


def export_audit(out: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Write what people did, the newest first."""
    write = audit_export.write_jsonl if as_json else audit_export.write_csv
    with _opened(configured(config)) as engine, store.reading(engine) as db, _writable(out) as file:
        write(audit_export.all_entries(db), file)


@contextmanager
def _writable(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror}") from error
