"""When is it looked for something to send, and sent? At once, whoever has put it there; on each platform by itself."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from bot.metrics import Metrics
from bot.schedule.alone import Alone
from bot.schedule.jobs import Jobs, log
from bot.schedule.work import Work
from bot.store.engine import StoreError

EXECUTOR = "deliver"
# In real time: people wait for these.
DELIVER_EVERY = timedelta(seconds=1)
# Where nothing waits to be sent, whoever has something says so; this often it is looked for what nobody has said.
LOOK_FOR_UNSAID_EVERY = timedelta(seconds=5)
AT_LEAST_APART = timedelta(milliseconds=2)


class Delivering:
    """Sends, on each platform with a thread, so that one that hangs holds up no other."""

    def __init__(self, work: Work, jobs: Jobs, metrics: Metrics) -> None:
        self._work = work
        self._jobs = jobs
        self._metrics = metrics
        # Who sends already is told of more by the event, for the scheduler looks at all jobs for each that it wakes. A
        # turn that begins before the scheduler has seen the last one end may find that there is nothing left to do.
        self._sending: Mapping[str, Alone] = {platform: Alone(self._goes_on) for platform in work.platforms}

    def plan(self) -> None:
        """Have it done from now on."""
        for platform in self._sending:
            run = partial(self._deliver, platform)
            self._jobs.repeat(f"deliver {platform}", run, LOOK_FOR_UNSAID_EVERY, executor=EXECUTOR, at_once=2)

    def wake(self) -> None:
        """Something was put into the outbox: send it now, or have it sent."""
        if not self._jobs.leads:
            try:
                self._work.call()
            except StoreError as error:
                log.info("the leader was not told that there is something to send, and looks by itself: %s", error)
            return
        for platform, sending in self._sending.items():
            sending.woken.set()
            if not sending.is_done:
                self._jobs.soon(f"deliver {platform}")

    def interrupt(self) -> None:
        """Have nobody wait for what comes due."""
        for sending in self._sending.values():
            sending.woken.set()

    def _goes_on(self) -> bool:
        return not self._jobs.is_stopping and self._jobs.may()

    def _deliver(self, platform: str) -> None:
        sending = self._sending[platform]
        sending.do(lambda: self._send(platform, sending.woken))

    def _send(self, platform: str, woken: threading.Event) -> None:
        """Send until nothing comes due before the next turn, looking again just when something does."""
        while self._goes_on():
            woken.clear()
            try:
                done = self._work.deliver(platform, self._goes_on)
            except StoreError:
                self._jobs.soon(f"deliver {platform}", DELIVER_EVERY)
                raise
            self._jobs.troubles.over(f"deliver {platform}")
            for of, outcome in done.outcomes:
                self._metrics.deliveries.labels(of, outcome).inc()
            for lag in done.lags:
                self._metrics.delivery_lag.observe(lag.total_seconds())
            if done.more:
                continue
            if done.again_in is None or done.again_in > LOOK_FOR_UNSAID_EVERY:
                return
            woken.wait(max(min(done.again_in, DELIVER_EVERY), AT_LEAST_APART).total_seconds())
