"""Try rules on recorded counts."""

import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.charts.model import Picture
from bot.cli.failing import WRONG_USE, Failure
from bot.cli.progress import Progress
from bot.core.alerts import ABSENT, Alert
from bot.core.durations import spoken
from bot.core.judge import replay
from bot.core.rules.model import SHIPPED, AlertRule
from bot.replay.incidents import Incidents, as_object
from bot.replay.order import Recording
from bot.replay.picture import Traces
from bot.replay.recorded import BadSamples, look_through, readings_of
from bot.replay.timeline import Times, summary
from bot.settings.problems import ConfigError
from bot.settings.reading import read_rules


def incidents(samples: Sequence[Path], rules: Path | None, form: str, out: Path | None) -> None:
    """Print the messages that would have been told, oldest first, each with its alerts."""
    if form == "png":
        raise Failure("a picture shows alerts, not incidents: leave --incidents out", status=WRONG_USE)
    chosen, told, times = _rules(rules), Incidents(), Times()
    with _explained(out):
        with Progress(sys.stderr) as progress:
            recordings = [_looked_through(path, progress) for path in samples]
            passing = progress.through(readings_of(recordings), sum(each.rows for each in recordings))
            told.follow(chosen, times.of(passing))
        with _opened(out) as file:
            lines = told.objects() if form == "jsonl" else map(_one_line, told.lines(times))
            file.writelines(f"{line}\n" for line in lines)


def backtest(samples: Sequence[Path], rules: Path | None, form: str, out: Path | None) -> None:
    """Print what would have been told, oldest first."""
    if form == "png" and out is None and sys.stdout.isatty():
        raise Failure("a terminal cannot show a picture: write it to a file with --out FILE", status=WRONG_USE)
    numbers, times = itertools.count(1), Times()
    chosen = _rules(rules)
    with _explained(out):
        with Progress(sys.stderr) as progress:
            recordings = [_looked_through(path, progress) for path in samples]
            passing = progress.through(readings_of(recordings), sum(each.rows for each in recordings))
            traces = Traces(chosen, recordings) if form == "png" else None
            passing = passing if traces is None else traces.of(passing)
            found = sorted(
                replay(chosen, times.of(passing), new_id=lambda: str(next(numbers))),
                key=lambda alert: (_told_at(alert), alert.pool.id, alert.rule, alert.job_type or ""),
            )
        if traces is not None:
            if times.start is None:
                raise Failure("there is no reading in these files, so there is nothing to draw")
            _draw(traces.picture(found), out)
            return
        with _opened(out) as file:
            _write(found, form, file)
            if form == "text":
                file.writelines(f"{_one_line(line)}\n" for line in summary(found, chosen, times))


@contextmanager
def _explained(out: Path | None) -> Iterator[None]:
    """What goes wrong with the files, in words."""
    try:
        yield
    except BadSamples as error:
        raise Failure(str(error)) from error
    except BrokenPipeError:
        # Whoever reads our output has had enough.
        raise
    except OSError as error:
        raise Failure(f"cannot write {out or 'the output'}: {error.strerror}") from error


def _opened(out: Path | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8")


def _looked_through(path: Path, progress: Progress) -> Recording:
    progress.say(f"looking through {path.name}")
    return look_through(path)


def _rules(path: Path | None) -> Sequence[AlertRule]:
    if path is None:
        return SHIPPED
    try:
        return read_rules(path)
    except ConfigError as error:
        raise Failure([str(problem) for problem in error.problems], status=WRONG_USE) from error


def _draw(picture: Picture, out: Path | None) -> None:
    try:
        # It takes a third of a second to import, which no other format shall pay for.
        from bot.charts.drawing import drawn  # noqa: PLC0415 - see above
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise Failure(
            f"matplotlib, which draws, cannot start; MPLCONFIGDIR and MPLBACKEND are its settings: {why}"
        ) from error
    png = drawn(picture)
    if out is None:
        sys.stdout.buffer.write(png)
    else:
        out.write_bytes(png)


def _told_at(alert: Alert) -> datetime:
    return alert.fired_at or alert.began_at


def _write(found: Sequence[Alert], form: str, file: TextIO) -> None:
    file.writelines(
        (json.dumps(as_object(alert), ensure_ascii=False) if form == "jsonl" else _one_line(_text(alert))) + "\n"
        for alert in found
    )


def _one_line(text: str) -> str:
    """The text with everything escaped that could pass for another line, or steer a terminal: names are the file's."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _text(alert: Alert) -> str:
    told_at = _told_at(alert)
    lasted = f"for {spoken(alert.resolved_at - told_at)}" if alert.resolved_at else "still open"
    about = f"{alert.pool.name} {alert.job_type}" if alert.job_type else alert.pool.name
    head = f"{told_at:%Y-%m-%d %H:%M}  {alert.severity.value:8}  {alert.rule}"
    peak = "" if alert.kind == ABSENT else f", peak {alert.peak}"
    return f"{head}: {about}, {lasted}{peak}; {alert.why}"
