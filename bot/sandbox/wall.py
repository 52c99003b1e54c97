"""What time is it for the stand-in? The only place in it that reads the clock."""

import time


def now() -> float:
    """Seconds since the epoch, as Slack writes them in `ts`."""
    return time.time()  # noqa: TID251 - the stand-in lives in real time, as Slack does
