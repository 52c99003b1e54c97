"""The bot as processes that a test starts, pauses and kills."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from tests.running import environment


class Process:
    """One `pool-stats run`, or another command."""

    def __init__(self, pid: int, said: Path, log: Path) -> None:
        self.pid = pid
        self._said = said
        self._log = log
        self._ended = threading.Event()
        self.status: int | None = None

    def ended(self, status: int) -> None:
        """It is no more."""
        self.status = status
        self._ended.set()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return not self._ended.is_set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it is dead already."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, how: signal.Signals = signal.SIGKILL, *, within: float = 30) -> int:
        """Send the signal and wait for the end; the exit status, negative for a signal."""
        self.send(how)
        assert self._ended.wait(within), f"the bot did not end within {within:g} s of {how.name}:\n{self.said}"
        return self.status or 0

    @property
    def said(self) -> str:
        """Everything it wrote so far."""
        return self._said.read_text(encoding="utf-8", errors="replace") if self._said.exists() else ""

    def boundaries(self) -> list[str]:
        """The boundaries it has reached, in order."""
        return self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []


class Nursery:
    """Where bots come from: one process that has imported everything and forks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._book = threading.Lock()
        self._born: SimpleQueue[int] = SimpleQueue()
        self._processes: dict[int, Process] = {}
        self._dead: dict[int, int] = {}
        env = environment(folder)
        command = [sys.executable, "-m", "tests.delivery.launch"]
        self._parent = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def start(
        self,
        env: Mapping[str, str],
        *args: str,
        last: str | None = None,
        how: signal.Signals = signal.SIGKILL,
    ) -> Process:
        """Start the bot, or another command; it dies (or stops) at the boundary `last`, if it gets there."""
        number = next(self._numbers)
        said, log = self._folder / f"said-{number}", self._folder / f"boundaries-{number}"
        order = {"args": args or ["run"], "env": dict(env), "said": str(said), "log": str(log)} | {
            "last": last,
            "how": how,
        }
        with self._lock:
            assert self._parent.stdin is not None
            self._parent.stdin.write(json.dumps(order) + "\n")
            self._parent.stdin.flush()
            pid = self._born.get(timeout=60)
        process = Process(pid, said, log)
        with self._book:
            self._processes[pid] = process
            if pid in self._dead:
                process.ended(self._dead.pop(pid))
        return process

    def close(self) -> None:
        """Kill what still runs."""
        for pipe in (self._parent.stdin, self._parent.stdout):
            if pipe is self._parent.stdout:
                self._parent.wait(30)
                self._reader.join(5)
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        for line in self._parent.stdout or ():
            what, pid, *status = line.split()
            if what == "born":
                self._born.put(int(pid))
                continue
            with self._book:
                process = self._processes.pop(int(pid), None)
                if process is None:
                    self._dead[int(pid)] = int(status[0])
                else:
                    process.ended(int(status[0]))


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """A nursery, and the end of all that came from it."""
    made = Nursery(folder)
    try:
        yield made
    finally:
        made.close()
