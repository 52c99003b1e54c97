"""How does a pool get read, by the one process that does everything or by a worker of a cluster?"""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine

from bot.app.languages import in_their_language
from bot.app.plan import Plan
from bot.clock import Clock
from bot.core.language import Languages
from bot.core.stats import Pool
from bot.jobs import poll
from bot.jobs.desk import in_use
from bot.jobs.telling import Moment
from bot.modelarts.source import Source
from bot.store import rules as stored_rules
from bot.store.engine import reading
from bot.tracing import Tracer, span, traced

log = logging.getLogger(__name__)


class Reader:
    """Reads pools as the configuration, and the rules made in chat, say."""

    def __init__(
        self, modelarts: Source, engine: Engine, clock: Clock, plan: Callable[[], Plan], tracer: Tracer | None
    ) -> None:
        self.tracer = tracer
        self._modelarts = modelarts
        self._engine = engine
        self._clock = clock
        self._plan = plan
        self._rules_known: tuple[poll.Judges, int] | None = None
        self._taking_over = threading.Lock()

    @property
    def languages(self) -> Languages:
        """Which language is spoken where."""
        return self._plan().languages

    @traced
    @in_their_language
    def poll(self, pool: Pool) -> poll.Polled:
        """Read a pool once."""
        plan = self._plan()
        with span("poll", pool=pool.id) as seen:
            polled = poll.poll(
                pool,
                modelarts=self._modelarts,
                engine=self._engine,
                judges=plan.judges,
                routes=plan.routes,
                stale_after=plan.stale_after,
                at=Moment(self._clock.now(), self._clock.wall()),
                grouped=plan.grouped,
                hide_users_in=plan.hide_users_in,
            )
            seen.note(outcome=polled.outcome.value, told=polled.told)
            if polled.outcome is poll.Outcome.FAILED:
                seen.failed(polled.kind)
            return polled

    def take_over_rules(self, plan: Plan | None = None) -> None:
        """Judge by the rules made in chat as they are now, whichever process changed them; or have `plan` do so.

        Raises:
            StoreError: The database cannot be used now.
        """
        plan = plan or self._plan()
        # One after the other: who was slow must not put back what was there before.
        with self._taking_over:
            with reading(self._engine) as db:
                revision = stored_rules.revision(db)
                if self._rules_known == (plan.judges, revision):
                    return
                made = stored_rules.all_of(db)
            plan.judges.use(in_use(plan.settings.rules, made))
            self._rules_known = plan.judges, revision
            if made:
                log.info("%s rules made in chat are in use", len(made))
