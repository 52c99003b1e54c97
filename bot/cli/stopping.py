"""What if a stop takes too long? Whoever stops us waits for ten seconds, and then kills."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

_LONGEST_SECONDS = 9.0


@contextmanager
def in_time() -> Iterator[None]:
    """Stop within the block; where that takes too long the process ends as it is.

    What waits for an answer then cannot be ended otherwise. It is as after a crash: finished at the next start.
    """
    ended = threading.Event()
    watching = threading.Thread(target=_leave_what_hangs, args=(ended,), name="stopping", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _leave_what_hangs(ended: threading.Event) -> None:
    if not ended.wait(_LONGEST_SECONDS):
        log.warning("what still waits for an answer is left as it is, and looked after at the next start")
        logging.shutdown()
        os._exit(0)
