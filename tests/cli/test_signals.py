"""Is a signal heard, whatever the process is just doing?"""

import subprocess
import sys

# SIGHUP comes at every line of what waits for signals and of what handles them; SIGTERM once nothing is new any more.
_WAITS = """
import signal, sys, threading
from bot.cli.signals import Signals
from bot.settings.reading import read

seen, used = set(), []
WAITING = (threading.__file__, sys.modules["bot.cli.signals"].__file__)

def at_each_line(frame, event, _):
    where = frame.f_code, frame.f_lineno, event
    if frame.f_code.co_filename in WAITING and where not in seen:
        seen.add(where)
        signal.raise_signal(signal.SIGHUP)
    return at_each_line

def use(_):
    is_all = len(seen) in used
    used.append(len(seen))
    signal.raise_signal(signal.SIGTERM if is_all else signal.SIGHUP)

signals = Signals()
before = read(None, {"POOL_STATS_MODELARTS__REGION": "cn-north-4"})
sys.settrace(at_each_line)
signals.until_stop(use, before)
sys.settrace(None)
print("stopped after", len(used))
"""


def test_a_signal_is_heard_at_whatever_moment_it_comes() -> None:
    ended = subprocess.run([sys.executable, "-c", _WAITS], timeout=60, check=False, capture_output=True, text=True)
    assert ended.stdout.startswith("stopped after"), ended.stderr[-2000:]
