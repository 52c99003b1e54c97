"""How does the bot write its log, and what never gets into it?"""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

_QUIET = {
    # It warns of every turn that a long job leaves out; those of polls are counted.
    "apscheduler": logging.ERROR,
    "urllib3": logging.WARNING,
    "alembic": logging.WARNING,
    "websocket": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "slack_sdk": logging.WARNING,
    # These write request bodies at INFO and below.
    "slack_bolt": logging.WARNING,
    # What becomes of traces is told once, where they are handed over.
    "opentelemetry.exporter": logging.CRITICAL,
    "opentelemetry.sdk._shared_internal": logging.CRITICAL,
}


class Hide(logging.Filter):
    """Replaces every secret it knows by three dots, wherever in a record it turns up."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets: tuple[str, ...] = ()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these, too."""
        # Shorter texts would blank out ordinary words.
        known = {*self._secrets, *(secret for secret in secrets if len(secret) >= 6)}
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, cleaned."""
        text = record.getMessage()
        record.msg, record.args = _one_line(self.clean(text)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            # What an error says came from outside as well; a traceback keeps its lines.
            record.exc_text = "\n".join(_one_line(line) for line in self.clean(record.exc_text).split("\n"))
        return True

    def clean(self, text: str) -> str:
        """`text` without any of the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


def _one_line(text: str) -> str:
    """`text` with everything escaped that could pass for another line, or steer a terminal."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


@dataclass(slots=True)
class _Trouble:
    kind: str
    why: str
    by: set[str]


class Troubles:
    """What goes wrong again and again, told when it begins, when it becomes another thing, and when it is over.

    Several may meet the same trouble; it is over when each of them is done with it.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._troubles: dict[str, _Trouble] = {}

    @property
    def standing(self) -> Mapping[str, str]:
        """What goes wrong now, by what it is about."""
        with self._lock:
            return {about: trouble.why for about, trouble in self._troubles.items()}

    def begin(
        self, about: str, kind: str, why: str, *, by: str, error: Exception | None = None, quiet: bool = False
    ) -> None:
        """`by` met the trouble `why`, of this `kind`; `error` shows where, when nobody foresaw it.

        What another has told the log already is `quiet`.
        """
        with self._lock:
            known = self._troubles.setdefault(about, _Trouble("", why, set()))
            is_new, known.kind, known.why = known.kind != kind, kind, why
            known.by.add(by)
        if is_new and not quiet:
            self._log.warning("%s; this will be tried again", why, exc_info=error)

    def over(self, *by: str, about: str | None = None) -> None:
        """All went well for these, with everything or with what `about` names."""
        self._leave(by, lambda name: about in {None, name})

    def only(self, by: str, about: str) -> None:
        """`by` meets this trouble now and no longer any other."""
        self._leave((by,), lambda name: name != about)

    def forget(self, *by: str) -> None:
        """What these meet is others' to tell; it may last."""
        self._leave(by, lambda _: True, quiet=True)

    def _leave(self, by: Iterable[str], which: Callable[[str], bool], *, quiet: bool = False) -> None:
        with self._lock:
            for name, trouble in self._troubles.items():
                if which(name):
                    trouble.by.difference_update(by)
            over = [about for about, trouble in self._troubles.items() if not trouble.by]
            # Told before anybody can see that it is over.
            for about in over:
                if not quiet:
                    self._log.info("no longer so: %s", self._troubles[about].why)
                del self._troubles[about]


class _AsText(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Indented, so that no line of an error can pass for one of the log.
        return super().format(record).replace("\n", "\n    ")


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, *, secrets: Iterable[str], as_json: bool = False, stream: TextIO | None = None) -> None:
    """Send the log to `stream` (standard error), hiding `secrets`.

    Raises:
        ValueError: There is no such level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"there is no log level {level!r}")
    out = logging.StreamHandler(stream or sys.stderr)
    out.setFormatter(_AsJson() if as_json else _AsText("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    out.addFilter(Hide(secrets))
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(number)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(quiet, number))


def catch() -> None:
    """Log what nobody caught in a thread, and warnings of libraries, as lines like the others."""
    logging.captureWarnings(True)
    threading.excepthook = _uncaught


def _uncaught(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is None or isinstance(what.exc_value, SystemExit):
        return
    thread = what.thread.name if what.thread else "unknown"
    error = (type(what.exc_value), what.exc_value, what.exc_traceback)
    logging.getLogger(__name__).error("the thread %s ended with an error", thread, exc_info=error)


def hide(secrets: Iterable[str]) -> None:
    """Hide these from now on, too: they came to be known while the bot runs."""
    for handler in logging.getLogger().handlers:
        for each in handler.filters:
            if isinstance(each, Hide):
                each.add(secrets)
