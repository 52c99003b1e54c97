"""The bot as one object: built from the configuration, started and stopped in order."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bot.app.chats import Chats
from bot.app.condition import Condition
from bot.app.ground import Ground
from bot.app.leading import Leading, Turn
from bot.app.plan import fixed
from bot.app.rounds import Rounds
from bot.clock import Clock, wait
from bot.settings.reading import Configured
from bot.store.leading import seat_of
from bot.web import WebServer, web_app

if TYPE_CHECKING:
    from bot.app.helping import Helpers
    from bot.app.people import People
    from bot.app.sharing_out import SharingOut, Terms
    from bot.app.slack import SlackParts

log = logging.getLogger(__name__)

# By then most starts are over. Whoever asks sooner is answered as well, some hundredths of a second later.
PEOPLE_AFTER = 3.0


class Bot:
    """Everything that runs, and nothing that listens yet until `start`.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The database cannot be used.
        PortTaken: Something else listens on the bot's port.
    """

    def __init__(self, config: Configured, clock: Clock) -> None:
        self._config = config
        with ExitStack() as opened:
            self._open(clock, opened)
            self._release = opened.pop_all()

    def _open(self, clock: Clock, opened: ExitStack) -> None:
        """Make every part, noting in `opened` how to let go of it."""
        ground = self._ground = Ground(self._config, clock, opened)
        self._rounds = Rounds(ground, call=lambda: self._leading.call())  # noqa: PLW0108 - it is made below
        schedule = self._rounds.schedule
        lease = self._config.settings.scale.lease
        self._leading = Leading(
            seat_of(ground.engine, name=f"{socket.gethostname()[:40]}/{os.getpid()}", lease=lease),
            lease,
            clock,
            Turn(self._begin_to_lead, self._cease_to_lead, schedule.wake_delivery),
        )
        self._sharing = self._share_out() if ground.in_cluster else None
        if self._sharing is not None:
            opened.callback(self._sharing.cease)
        # Handed over once nothing is sent any more.
        opened.callback(self._leading.stop)
        self._people: People | None = None
        self._chats = chats = Chats(ground, self._who_answers, opened)
        ground.in_several = lambda: chats.in_several
        self._rounds.send_by(chats.senders)
        opened.callback(schedule.stop)
        self._expecting = threading.Thread(target=self._expect_people, name="people", daemon=True)
        opened.callback(self._expect_nobody)
        # Answers to people are finished by then; a reading would only be one more.
        opened.callback(ground.leaving.set)
        # What that breaks off is no trouble.
        opened.callback(schedule.leave)
        opened.callback(self._leading.freeze)
        opened.callback(chats.stop)
        condition = Condition(ground, schedule, self._leading, self._sharing, chats)
        app = web_app(ground.metrics, condition.checks, condition.refresh_gauges, chats.routes, condition.notes)
        self.web = WebServer(app, self._config.settings.web.host, self._config.settings.web.port)
        opened.callback(self.web.stop)

    def _share_out(self) -> "SharingOut":
        """What gives the reading to workers; imported where it is configured, for most of a start is importing."""
        from bot.app.sharing_out import SharingOut  # noqa: PLC0415 - see above

        schedule = self._rounds.schedule
        return SharingOut(
            self._ground.engine,
            self._ground.clock,
            pools=lambda: schedule.pools,
            terms=self._terms,
            metrics=self._ground.metrics,
            works=schedule.works_again,
        )

    def _terms(self) -> "Terms":
        from bot.app.sharing_out import Terms  # noqa: PLC0415 - asked for by who shares out alone

        scale = self._config.settings.scale
        every = self._ground.plan.settings.poll.every
        return Terms(self._ground.clock.lasts(every), scale.shards, scale.lease)

    def _who_answers(self) -> "People":
        """Who answers people: all that can be answered is imported when the first of them asks, else by `start`."""
        if self._people is None:
            from bot.app.people import People  # noqa: PLC0415 - see above

            helpers = self._ask_workers() if self._ground.in_cluster else None
            self._people = People(self._ground, self._rounds.schedule, helpers)
        return self._people

    def _expect_people(self) -> None:
        if not wait(PEOPLE_AFTER, self._ground.leaving):
            self._who_answers()

    def _expect_nobody(self) -> None:
        if self._expecting.ident is not None:
            self._expecting.join()

    def _ask_workers(self) -> "Helpers":
        """Who helps to try a rule on many pools; imported as the above."""
        from bot.app.helping import Helpers  # noqa: PLC0415 - see above

        return Helpers(self._ground.engine, self._ground.clock, lease=self._config.settings.scale.lease)

    @property
    def slack(self) -> "SlackParts | None":
        """Slack, where it is configured."""
        return self._chats.slack

    def start(self) -> None:
        """Listen, connect, and begin to read pools."""
        self.web.start()
        self._chats.start()
        self._rounds.schedule.start(leads=False)
        self._leading.start()
        if self._chats.hear:
            self._expecting.start()
        settings = self._config.settings
        modes = self._config.slack_mode, settings.teams.mode
        log.info("listening on %s:%s; Slack: %s; Teams: %s", settings.web.host, self.web.port, *modes)

    def stop(self) -> None:
        """Take nothing new in, finish what is under way, and let go of everything."""
        log.info("stopping")
        self._release.close()

    def reload(self, config: Configured) -> None:
        """Use another configuration; what takes effect only at the next start is said."""
        before, schedule = self._ground.plan.settings, self._rounds.schedule
        self._ground.take_over(config)
        for key in fixed(self._config.settings, config.settings):
            log.warning("%s has changed, which takes effect when the bot is started again", key)
        if before.poll.every != config.settings.poll.every:
            schedule.change_interval(config.settings.poll.every)
        schedule.look_for_pools()

    def _begin_to_lead(self, holds: Callable[[], bool]) -> None:
        self._rounds.lead(holds)
        if self._sharing is not None:
            self._sharing.begin(holds)

    def _cease_to_lead(self) -> None:
        self._ground.metrics.leader.set(0)
        if self._sharing is not None:
            self._sharing.cease()
        self._rounds.schedule.follow()
