"""On what does everything stand that the bot does: the configuration as it is now, the clock, the store, ModelArts?"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from bot.app.connecting import connect_modelarts
from bot.app.plan import Plan, connected, planned
from bot.app.reader import Reader
from bot.app.traces import Collected, connect_traces
from bot.clock import Clock
from bot.core.access import Access
from bot.core.because import Why
from bot.core.language import Languages
from bot.core.stats import Pool
from bot.jobs.accounts import Listing
from bot.jobs.doing import Doing
from bot.jobs.telling import Moment
from bot.metrics import Metrics
from bot.modelarts.accounts import Accounts
from bot.modelarts.portions import FOR_A_BOT
from bot.modelarts.source import Source
from bot.settings.reading import Configured
from bot.store import leaping, queue_schema
from bot.store.engine import open_store, upgrade


class Ground:
    """What people are answered with, and pools are read with.

    Attributes:
        config: As it was at the start; what it says now is in `plan`.
        clock: What time it is.
        metrics: What is counted.
        leaving: Set when nobody shall wait any more.
        in_cluster: Whether workers read the pools.
        tracer: Who takes notes of the work, if somebody does.
        modelarts: Whom to ask about the pools.
        engine: The store, at this version's schema.
        plan: What the configuration says now.
        reader: Reads a pool.
        listing: Lists the pools of several accounts.
        in_several: Whether the bot is in several workspaces of Slack.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The database cannot be used.
    """

    def __init__(self, config: Configured, clock: Clock, opened: ExitStack) -> None:
        self.config = config
        self.clock = clock
        self.metrics = Metrics()
        self.leaving = threading.Event()
        self.in_cluster = config.settings.scale.mode == "cluster"
        self.in_several: Callable[[], bool] = lambda: False
        self.tracer: Collected | None = connect_traces(config)
        if self.tracer is not None:
            opened.callback(self.tracer.close)
        part = FOR_A_BOT if self.in_cluster else 1.0
        self.modelarts: Source = connect_modelarts(config, clock, self.leaving, part=part)
        opened.callback(self.modelarts.close)
        database = config.database_url.get_secret_value() if config.database_url else None
        self.engine = open_store(database, abandoned_after=config.settings.scale.lease)
        opened.callback(self.engine.dispose)
        upgrade(self.engine)
        if self.in_cluster:
            queue_schema.prepare(self.engine)
        leaping.catch_up(self.engine, now=clock.wall())
        self.plan: Plan = planned(config.settings, self.engine)
        self.reader = Reader(self.modelarts, self.engine, clock, lambda: self.plan, self.tracer)
        self.reader.take_over_rules()
        several = self.modelarts if isinstance(self.modelarts, Accounts) else None
        self.listing = None if several is None else Listing(several, self.engine, clock.monotonic)

    def take_over(self, config: Configured) -> None:
        """Use another configuration, as far as it takes effect before the next start.

        Raises:
            StoreError: The database cannot be used now; nothing is used but other credentials.
        """
        self.modelarts.renew_credentials()
        plan = planned(connected(self.config.settings, config.settings), self.engine)
        # Whoever judged by it before that would end the alerts of the rules made in chat.
        self.reader.take_over_rules(plan)
        self.plan = plan

    def access(self) -> Access:
        """Who may see what, as it is now: in several workspaces other rules hold than in one."""
        return replace(self.plan.access, several=self.in_several())

    @property
    def languages(self) -> Languages:
        """What is spoken to whom no language is known of."""
        return self.plan.languages

    @property
    def unlisted(self) -> Mapping[str, Why]:
        """Why which of several accounts cannot be listed."""
        return {} if self.listing is None else self.listing.unlisted

    def doing(self, pools: Sequence[Pool]) -> Doing:
        """With what alerts are acted on, as of now, where these `pools` are read."""
        plan, access, at = self.plan, self.access(), self.moment()
        return Doing(self.engine, access, plan.routes, at, plan.grouped, pools, plan.hide_users_in)

    def moment(self) -> Moment:
        """Now."""
        return Moment(self.clock.now(), self.clock.wall())

    def stopwatch(self) -> Callable[[], timedelta]:
        """Says how much time has passed since it was made."""
        began = self.clock.monotonic()
        return lambda: timedelta(seconds=self.clock.monotonic() - began)
