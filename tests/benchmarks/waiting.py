"""What does a bot cost while nothing happens?"""

import threading
from pathlib import Path

# What begins once at a start is over by then, in seconds.
SETTLED_AFTER = 6.0


def idle_cpu(pid: int, window: float) -> float:
    """Seconds of CPU that the process takes in a minute, by a window of so many seconds."""
    pause = threading.Event()
    pause.wait(min(SETTLED_AFTER, window))
    before = _on_cpu(pid)
    pause.wait(window)
    return (_on_cpu(pid) - before) * 60 / window


def _on_cpu(pid: int) -> float:
    """Seconds that the threads of the process have run which are there."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9
