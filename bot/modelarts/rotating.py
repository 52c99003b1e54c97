"""Which credentials hold now? Those that stand in their files, which may be exchanged while the bot runs."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from bot import logs
from bot.modelarts.credentials import CredentialsError, Keys, Login

log = logging.getLogger(__name__)

# A file is looked at before a question, but no more often than this.
LOOK_EVERY_SECONDS = 1.0

# Of each file: when it was changed, how long it is and which one it is; nothing where it is not there.
_Stamp = tuple[tuple[int, int, int] | None, ...]


class Rotating:
    """Credentials that are read again when a file that they come from has changed; shared by all threads.

    What is half written, or cannot be read, changes nothing: the credentials read before stay in use.

    Args:
        first: What was read.
        read: Reads them anew; may raise `CredentialsError`.
        files: What `read` reads; none where nothing can change.
        monotonic: Seconds that only grow.
        whose: Whose they are, for the log.
    """

    def __init__(
        self,
        first: Keys | Login,
        read: Callable[[], Keys | Login] | None = None,
        files: Sequence[Path] = (),
        *,
        monotonic: Callable[[], float] = lambda: 0.0,
        whose: str = "ModelArts",
    ) -> None:
        self._held = first
        self._read = read
        self._files = tuple(files) if read is not None else ()
        self._monotonic = monotonic
        self._whose = whose
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._look_at = monotonic()
        self._complained = ""
        logs.hide(first.secrets)

    @property
    def can_change(self) -> bool:
        """Whether there are files to read again."""
        return bool(self._files)

    def current(self) -> Keys | Login:
        """The credentials, read anew where a file has changed."""
        if self._files and self._monotonic() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._look_at = self._monotonic() + LOOK_EVERY_SECONDS
                if self._look() != self._stamp:
                    self._take_over()
            finally:
                self._lock.release()
        return self._held

    def renewed(self) -> Keys | Login:
        """The credentials, read anew in any case."""
        if self._files:
            with self._lock:
                self._take_over()
        return self._held

    def _look(self) -> _Stamp:
        return tuple(_stamp(path) for path in self._files)

    def _take_over(self) -> None:
        # Taken before reading: what is written meanwhile is found at the next look.
        stamp = self._look()
        try:
            found = self._held if self._read is None else self._read()
        except CredentialsError as error:
            if str(error) != self._complained:
                self._complained = str(error)
                log.warning("the credentials of %s that were read before stay in use: %s", self._whose, error)
            return
        self._stamp, self._complained = stamp, ""
        if found != self._held:
            logs.hide(found.secrets)
            self._held = found
            log.info("the credentials of %s were exchanged, and the new ones are in use", self._whose)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
