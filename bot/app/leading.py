"""Does this replica lead? It looks, says that it is there, and steps down before the database gives its lead away."""

import logging
import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.core.leading import Lead, Terms
from bot.store.engine import StoreError
from bot.store.leading import Seat

log = logging.getLogger(__name__)

# Who does not lead has nothing to lose by waiting for an answer.
_FOR_AN_ANSWER = timedelta(seconds=3)
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What is done when the lead changes hands.

    It may take its time: that we are there is said meanwhile.

    Attributes:
        begins: We lead now, for as long as what it is given says so.
        ends: We do not any more.
        called: Another replica has put something into the outbox; takes no time.
    """

    begins: Callable[[Callable[[], bool]], object]
    ends: Callable[[], object]
    called: Callable[[], object]


class Leading:
    """Keeps the seat of the database, or waits for it."""

    def __init__(self, seat: Seat, lease: timedelta, clock: Clock, turn: Turn) -> None:
        self._seat = seat
        self._clock = clock
        self._turn = turn
        self._lead = Lead(Terms(lease))
        self._lock = threading.Lock()
        self._frozen = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leading", daemon=True)
        self._turning = threading.Thread(target=self._change, name="lead-turns", daemon=True)
        self._turns: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self._leads: bool | None = None
        # What was done about it last.
        self._acts: bool | None = None
        self._problem: str | None = None
        self._seen: str | None = None

    @property
    def leads(self) -> bool:
        """Whether we lead."""
        return bool(self._leads)

    @property
    def problem(self) -> str | None:
        """Why it is not known who leads."""
        if self._problem is None and self._leads is None:
            return "it is not known yet which replica leads"
        if self._problem is None and self._leads and not self._acts:
            return "this replica is just taking the lead"
        return self._problem

    @property
    def note(self) -> str | None:
        """Who leads, where it is not we; what the database cannot do about it."""
        if self._leads:
            return self._seat.problem
        return f"{self._seat.leader or 'another replica'} leads; this one answers in chat" if not self.problem else None

    def start(self) -> None:
        """Look at once, then again and again."""
        self._turning.start()
        self._look()
        self._thread.start()

    def call(self) -> None:
        """Tell the leader that there is something to send.

        Raises:
            StoreError: The database cannot be used now.
        """
        self._seat.call()

    def freeze(self) -> None:
        """Begin nothing any more, but keep the lead: what is under way is still to be finished."""
        with self._lock:
            self._frozen = True

    def stop(self) -> None:
        """Hand the lead over."""
        self.freeze()
        self._stopped.set()
        if self._thread.is_alive():
            self._seat.wake()
            self._thread.join()
        self._turns.put(None)
        if self._turning.is_alive():
            self._turning.join()
        self._lead.lost()
        self._seat.leave()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._wait_and_look()
            except Exception as error:
                # Whatever it was: who does not look any more never leads again, and would not say so.
                if self._problem is None:
                    log.exception("nobody foresaw what keeps this replica from looking who leads")
                self._met(error)
                self._stopped.wait(_AGAIN_SECONDS)

    def _wait_and_look(self) -> None:
        called = False
        try:
            called = self._seat.wait(self._lead.terms.look_every, self._stopped)
        except StoreError as error:
            self._met(error)
        if self._stopped.is_set():
            return
        self._look()
        if called and self._leads:
            self._turn.called()

    def _look(self) -> None:
        """Ask for the seat, or have it confirmed that it is ours, while we may still act."""
        now = self._clock.awake_or_not()
        left = self._lead.left(at=now)
        if left == timedelta():
            # We were paused, or cut off for long: first of all nothing is done any more.
            self._is(leads=False)
            left = None
        try:
            ours = self._seat.ask(_FOR_AN_ANSWER if left is None else left)
        except StoreError as error:
            self._met(error)
            return
        if ours:
            self._lead.granted(asked_at=math.inf if self._seat.lasts else now)
        if self._problem is not None:
            log.info("no longer so: %s", self._problem)
            self._problem = None
        self._is(leads=ours)

    def _met(self, error: Exception) -> None:
        """Without the database nobody can lead."""
        why = str(error) if isinstance(error, StoreError) else f"it cannot be found out who leads: {error!r}"
        if self._problem is None:
            log.warning("%s; this will be tried again", why)
        self._problem = why
        self._is(leads=False)

    def _is(self, *, leads: bool) -> None:
        """Take over, or step down, where that is a change."""
        if not leads:
            self._lead.lost()
        who = self._seat.leader
        if leads != self._leads:
            before, self._leads = self._leads, leads
            self._turns.put(leads)
            if leads:
                log.info("this replica leads: it reads the pools and sends what is to be told")
            elif before:
                log.warning("this replica does not lead any more: it answers in chat, and tells nothing by itself")
            elif self._problem is None:
                log.info("%s leads; this replica answers in chat, and waits", who or "another replica")
        elif not leads and who not in {None, self._seen}:
            log.info("%s leads now", who)
        self._seen = who or self._seen

    def _change(self) -> None:
        """Do what is to be done about each change, unless it is not so any more."""
        while (leads := self._turns.get()) is not None:
            with self._lock:
                if self._frozen or leads != self._leads:
                    continue
                try:
                    if leads:
                        self._turn.begins(self._holds)
                    elif self._acts is not None:
                        self._turn.ends()
                    self._acts = leads
                    continue
                except Exception:  # whatever it was, somebody must lead
                    log.exception("the lead could not be %s; this will be tried again", "taken" if leads else "left")
            if not self._stopped.wait(_AGAIN_SECONDS):
                self._turns.put(leads)

    def _holds(self) -> bool:
        return self._lead.holds(at=self._clock.awake_or_not())
