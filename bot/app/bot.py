"""The bot as one object: built from the configuration, started and stopped in order."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.app import counting, health
from bot.app.connecting import connect_modelarts
from bot.app.counting import BUTTON, FORM, SHORTCUT, counted
from bot.app.hearing import Heard
from bot.app.languages import in_their_language
from bot.app.leading import Leading, Turn
from bot.app.plan import Plan, connected, fixed, planned, told_digests
from bot.app.reader import Reader
from bot.app.traces import Collected, connect_traces
from bot.clock import Clock
from bot.core.access import Access
from bot.core.because import Why
from bot.core.command import POOL_STATS, Asker
from bot.core.crowds import Gathering
from bot.core.language import Languages
from bot.core.mine import about_mine
from bot.core.planning_words import AboutDigests, AboutRules
from bot.core.planning_words import planning as planned_words
from bot.core.silence_words import silence_words
from bot.core.spoken import HOME
from bot.core.stats import Pool
from bot.jobs import (
    acting,
    answer,
    asking,
    blindness,
    deliver,
    digest,
    drill,
    escalate,
    evidence,
    home,
    planning,
    pools,
    prune,
    quiet,
    repeats,
    rules,
    sharing,
    silence,
)
from bot.jobs.accounts import Listing
from bot.jobs.desk import Desk
from bot.jobs.doing import Doing
from bot.jobs.telling import Moment
from bot.jobs.unsettled import Unsettled
from bot.messages.form import Form, Purpose
from bot.messages.model import Message, Verb
from bot.messages.page import Page, page_message
from bot.messages.sending import Posted, Sender
from bot.metrics import Metrics
from bot.modelarts.accounts import Accounts
from bot.modelarts.portions import FOR_A_BOT
from bot.modelarts.source import Source
from bot.schedule import Schedule, Work
from bot.settings.reading import Configured
from bot.store import leaping, outbox, queue_schema, samples
from bot.store.engine import StoreError, open_store, reading, upgrade
from bot.store.heard import is_first
from bot.store.leading import seat_of
from bot.store.shown import shown
from bot.tracing import span, traced
from bot.web import Checks, WebServer, web_app

if TYPE_CHECKING:
    from bot.app.helping import Helpers
    from bot.app.sharing_out import SharingOut, Terms
    from bot.app.slack import SlackParts
    from bot.app.teams import TeamsParts

log = logging.getLogger(__name__)

# The bot is not ready when no reading has succeeded for this many intervals.
LATE_AFTER = 3


def _platforms(config: Configured) -> tuple[str, ...]:
    """Where messages are told."""
    slack = ("slack",) if config.slack_mode != "off" else ()
    return (*slack, "teams") if config.settings.teams.mode != "off" else slack


class Bot:
    """Everything that runs, and nothing that listens yet until `start`.

    Raises:
        ValueError: Something that is needed is not configured.
        StoreError: The database cannot be used.
        PortTaken: Something else listens on the bot's port.
    """

    def __init__(self, config: Configured, clock: Clock) -> None:
        self._clock = clock
        self._config = config
        self.metrics = Metrics()
        self._leaving = threading.Event()
        with ExitStack() as opened:
            self._open(opened)
            self._release = opened.pop_all()

    def _open(self, opened: ExitStack) -> None:
        """Make every part, noting in `opened` how to let go of it."""
        config, clock = self._config, self._clock
        self.tracer: Collected | None = connect_traces(config)
        if self.tracer is not None:
            opened.callback(self.tracer.close)
        is_cluster = config.settings.scale.mode == "cluster"
        part = FOR_A_BOT if is_cluster else 1.0
        self.modelarts: Source = connect_modelarts(config, clock, self._leaving, part=part)
        opened.callback(self.modelarts.close)
        lease = config.settings.scale.lease
        database = config.database_url.get_secret_value() if config.database_url else None
        self.engine = open_store(database, abandoned_after=lease)
        opened.callback(self.engine.dispose)
        upgrade(self.engine)
        if is_cluster:
            queue_schema.prepare(self.engine)
        leaping.catch_up(self.engine, now=clock.wall())
        self._plan = planned(config.settings, self.engine)
        self._reader = Reader(self.modelarts, self.engine, clock, lambda: self._plan, self.tracer)
        self._reader.take_over_rules()
        self._lookout = blindness.Lookout()
        several = self.modelarts if isinstance(self.modelarts, Accounts) else None
        self._listing = None if several is None else Listing(several, self.engine, clock.monotonic)
        self._inquiry = evidence.Inquiry(self.engine, self.modelarts, clock.monotonic)
        self.schedule = Schedule(
            Work(
                pools=self._pools,
                known_pools=self._known_pools,
                leave=self._leave,
                poll=None if is_cluster else self._reader.poll,
                platforms=_platforms(config),
                deliver=self._deliver,
                evidence=self._ask_for_evidence,
                repeats=self._repeats,
                due=self._due,
                prune=self._prune,
                leapt=self._leapt,
                follow=self._reader.take_over_rules,
                call=lambda: self.leading.call(),  # noqa: PLW0108 - it is made below
            ),
            clock,
            self.metrics,
            every=config.settings.poll.every,
            workers=config.settings.poll.workers,
        )
        self.leading = Leading(
            seat_of(self.engine, name=f"{socket.gethostname()[:40]}/{os.getpid()}", lease=lease),
            lease,
            clock,
            Turn(self._begin_to_lead, self._cease_to_lead, self.schedule.wake_delivery),
        )
        self.sharing = self._share_out() if is_cluster else None
        self._helpers = self._ask_workers() if is_cluster else None
        if self.sharing is not None:
            opened.callback(self.sharing.cease)
        # Handed over once nothing is sent any more.
        opened.callback(self.leading.stop)
        self.slack = self._connect_slack()
        if self.slack is not None:
            opened.callback(self.slack.close)
        self.teams = self._connect_teams()
        if self.teams is not None:
            opened.callback(self.teams.close)
        opened.callback(self.schedule.stop)
        # Answers to people are finished by then; a reading would only be one more.
        opened.callback(self._leaving.set)
        # What that breaks off is no trouble.
        opened.callback(self.schedule.leave)
        opened.callback(self.leading.freeze)
        if self.slack is not None:
            opened.callback(self.slack.stop)
        if self.teams is not None:
            opened.callback(self.teams.stop)
        self._senders: Mapping[str, Sender] = {
            **({"slack": self.slack.sender} if self.slack else {}),
            **({"teams": self.teams.sender} if self.teams else {}),
        }
        self._unsettled = {platform: Unsettled() for platform in self._senders}
        self._tells_since: dict[str, datetime] = {}
        routes = (*(self.slack.routes if self.slack else ()), *(self.teams.routes if self.teams else ()))
        app = web_app(self.metrics, self.checks, self._refresh_gauges, routes, self.notes)
        self.web = WebServer(app, config.settings.web.host, config.settings.web.port)
        opened.callback(self.web.stop)

    def _share_out(self) -> "SharingOut":
        """What gives the reading to workers; imported where it is configured, for most of a start is importing."""
        from bot.app.sharing_out import SharingOut  # noqa: PLC0415 - see above

        return SharingOut(
            self.engine,
            self._clock,
            pools=lambda: self.schedule.pools,
            terms=self._terms,
            metrics=self.metrics,
            works=self.schedule.works_again,
        )

    def _ask_workers(self) -> "Helpers":
        """Who helps to try a rule on many pools; imported as the above."""
        from bot.app.helping import Helpers  # noqa: PLC0415 - see above

        return Helpers(self.engine, self._clock, lease=self._config.settings.scale.lease)

    def _connect_slack(self) -> "SlackParts | None":
        """Slack as it is configured."""
        if self._config.slack_mode == "off":
            return None
        # A platform is imported where it is configured: half of a start is importing.
        from bot.app.slack import connect_slack  # noqa: PLC0415 - see above

        return connect_slack(
            self._config,
            asked=self.asked,
            pressed=self.pressed,
            submitted=self.submitted,
            homed=self.homed,
            offered=self.offered,
            languages=lambda: self.languages,
            first=self._first,
            engine=self.engine,
            access=self.access,
        )

    def _connect_teams(self) -> "TeamsParts | None":
        """Teams as it is configured."""
        if self._config.settings.teams.mode == "off":
            return None
        from bot.app.teams import connect_teams  # noqa: PLC0415 - as Slack

        heard = Heard(
            self.asked,
            self.pressed,
            self.submitted,
            self._shown_in_teams,
            self._unknown_of_teams,
            languages=lambda: self.languages,
            sees_more=self._sees_more,
            first=self._first,
        )
        return connect_teams(self._config, self.engine, self._clock, heard)

    def start(self) -> None:
        """Listen, connect, and begin to read pools."""
        self.web.start()
        if self.slack is not None:
            self.slack.start()
        self.schedule.start(leads=False)
        self.leading.start()
        settings = self._config.settings
        modes = self._config.slack_mode, settings.teams.mode
        log.info("listening on %s:%s; Slack: %s; Teams: %s", settings.web.host, self.web.port, *modes)

    def stop(self) -> None:
        """Take nothing new in, finish what is under way, and let go of everything."""
        log.info("stopping")
        self._release.close()

    def reload(self, config: Configured) -> None:
        """Use another configuration; what takes effect only at the next start is said."""
        before, self._plan = self._plan, planned(connected(self._config.settings, config.settings), self.engine)
        self._reader.take_over_rules()
        self.modelarts.renew_credentials()
        for key in fixed(self._config.settings, config.settings):
            log.warning("%s has changed, which takes effect when the bot is started again", key)
        if before.settings.poll.every != config.settings.poll.every:
            self.schedule.change_interval(config.settings.poll.every)
        self.schedule.look_for_pools()

    def access(self) -> Access:
        """Who may see what, as it is now: in several workspaces other rules hold than in one."""
        several = self.slack is not None and self.slack.is_in_several
        return replace(self._plan.access, several=several)

    # What people do

    @traced
    @in_their_language
    def asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        """The answer to a command, or the form that it opens."""
        return counted(self.metrics, counting.called(command), lambda: self._asked(command, text, asker))

    def _asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        plan = self._plan
        if command == HOME:
            return page_message(home.home(asker, self._doing(), plan.digests, None))
        own = about_mine(command, text)
        if own is not None:
            return home.my_pools(own, asker, self._doing())
        about_silences = silence_words(command, text)
        if about_silences is not None:
            return self._heard_at_once(acting.typed(about_silences, asker, self._doing()))
        match planned_words(command, text):
            case AboutRules() as about:
                return self._heard_at_once(rules.answered(about, asker, self._desk()))
            case AboutDigests() as about_digests:
                said = planning.answered(about_digests, asker, self._desk(), plan.digests)
                return self._heard_at_once(said)
            case _:
                pass
        known = answer.Answering(
            self.modelarts,
            self.engine,
            self.access(),
            wanted=plan.wants,
            digests=told_digests(plan.settings, asker),
            rules=plan.judges.rules,
        )
        return answer.answer(command, text, asker, known, now=self._clock.now())

    @traced
    @in_their_language
    def pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form:
        """Do what a button says; what to tell whoever pressed it, or the form that it opens."""
        return counted(self.metrics, BUTTON, lambda: self._pressed(verb, subject, asker))

    def _pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form:
        if verb is Verb.SHARE:
            return sharing.shared(subject, self._asked(POOL_STATS, subject, asker), asker, self._doing())
        said = acting.pressed(verb, subject, asker, self._doing())
        self.schedule.wake_delivery()
        return said

    @traced
    @in_their_language
    def homed(self, asker: Asker, called: Mapping[str, str]) -> Page:
        """What concerns a person, who is in the channels that are `called` so."""
        doing, digests = self._doing(), self._plan.digests
        return counted(self.metrics, counting.called(HOME), lambda: home.home(asker, doing, digests, called))

    @traced
    @in_their_language
    def offered(self, asker: Asker, about: str) -> Form:
        """The form with which a pool is asked about; `about` is a text that may name it."""
        known = self.schedule.pools, self.access()
        return counted(self.metrics, SHORTCUT, lambda: asking.offered(asker, about, *known))

    @traced
    @in_their_language
    def submitted(self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
        """Do what a form asks for that was filled in.

        Raises:
            Misfilled: Something in it is not as it must be.
        """
        return counted(self.metrics, FORM, lambda: self._submitted(purpose, subject, typed, asker))

    def _submitted(self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
        match purpose:
            case Purpose.TRY_RULE | Purpose.KEEP_RULE:
                return rules.submitted(purpose, subject, typed, asker, self._desk())
            case Purpose.DIGEST:
                return planning.submitted(typed, asker, self._desk())
            case Purpose.MY_POOLS:
                return home.mine_as_filled_in(typed, asker, self._doing())
            case Purpose.ASK:
                text = asking.question(typed, asker, self.schedule.pools, self.access())
                return self._asked(POOL_STATS, text, asker)
            case Purpose.SILENCE:
                return self._heard_at_once(silence.silence_as_filled_in(subject, typed, asker, self._doing()))

    @property
    def languages(self) -> Languages:
        """What is spoken to whom no language is known of."""
        return self._plan.languages

    def _doing(self) -> Doing:
        """What people act on alerts with, as of now."""
        plan = self._plan
        access, at = self.access(), self._moment()
        return Doing(self.engine, access, plan.routes, at, plan.grouped, self.schedule.pools, plan.hide_users_in)

    def _desk(self) -> Desk:
        """What rules are looked after with, as of now."""
        plan, began = self._plan, self._clock.monotonic()
        return Desk(
            self.engine,
            self.access(),
            plan.settings.rules,
            plan.routes,
            self.schedule.pools,
            self._moment(),
            passed=lambda: timedelta(seconds=self._clock.monotonic() - began),
            changed=self._reader.take_over_rules,
            others=self._helpers,
        )

    def _heard_at_once(self, said: Message | Form) -> Message | Form:
        """What was put into the outbox for somebody who waits for it is sent at once."""
        self.schedule.wake_delivery()
        return said

    def _shown_in_teams(self, posted: Posted) -> Message | None:
        """What a message says now that was told unasked."""
        with reading(self.engine) as db:
            return shown(db, "teams", posted)

    def _first(self, what: str) -> bool:
        """Whether nobody has answered yet what was said; what cannot be known is rather answered twice than not."""
        try:
            return is_first(self.engine, what, now=self._clock.wall())
        except StoreError:
            return True

    def _sees_more(self, asker: Asker) -> bool:
        """Whether somebody sees pools that others do not who read along."""
        access = self.access()
        return bool(access.grants) and access.is_admin(asker)

    def _unknown_of_teams(self, kind: str) -> None:
        self.metrics.unknown_activities.labels(kind).inc()

    # What the schedule does

    def _begin_to_lead(self, holds: Callable[[], bool]) -> None:
        """Tick from now on. What another leader has read meanwhile is learnt from the store."""
        self._lookout = blindness.Lookout()
        try:
            with reading(self.engine) as db:
                newest = {stats.pool.id: stats.taken_at for stats in samples.latest_all(db)}
        except StoreError:
            newest = {}
        self._plan.judges.forget_all_but(newest)
        self.metrics.leader.set(1)
        self.schedule.lead(holds)
        if self.sharing is not None:
            self.sharing.begin(holds)

    def _cease_to_lead(self) -> None:
        self.metrics.leader.set(0)
        if self.sharing is not None:
            self.sharing.cease()
        self.schedule.follow()

    def _terms(self) -> "Terms":
        from bot.app.sharing_out import Terms  # noqa: PLC0415 - asked for by who shares out alone

        scale = self._config.settings.scale
        return Terms(self._clock.lasts(self._plan.settings.poll.every), scale.shards, scale.lease)

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.wall())

    @traced
    def _pools(self) -> Sequence[Pool]:
        """The pools to read; where they may not be listed, those that the configuration names by their id."""
        plan, now = self._plan, self._clock.now()
        with span("list pools") as seen:
            if self._listing is not None:
                found = self._listing.read(plan.wants, now=now, named=plan.named_pools)
            else:
                found = pools.pools_to_read(self.modelarts, plan.settings.modelarts.pools, now=now)
            seen.note(pools=len(found))
            return found

    def _known_pools(self) -> Sequence[Pool]:
        return pools.pools_read_before(self.engine, self._plan.wants, now=self._clock.now())

    @traced
    @in_their_language
    def _leave(self, read: Sequence[Pool]) -> int:
        plan = self._plan
        return pools.leave(
            read,
            wanted=plan.wants,
            modelarts=self.modelarts,
            engine=self.engine,
            routes=plan.routes,
            stale_after=plan.stale_after,
            at=self._moment(),
            grouped=plan.grouped,
            hide_users_in=plan.hide_users_in,
            unlisted=self._unlisted,
        )

    @property
    def _unlisted(self) -> Mapping[str, Why]:
        """Why which of several accounts cannot be listed."""
        return {} if self._listing is None else self._listing.unlisted

    @traced
    @in_their_language
    def _ask_for_evidence(self) -> int:
        """What stands behind the alerts that were just told."""
        plan = self._plan
        chosen, hearers = plan.settings.delivery, evidence.Hearers(plan.routes, plan.hide_users_in)
        most = (chosen.summary_above or evidence.MOST_A_MINUTE) if chosen.ask_for_jobs else 0
        with span("ask for evidence"):
            return self._inquiry.ask(hearers, at=self._moment, most=most)

    @traced
    @in_their_language
    def _deliver(self, platform: str) -> deliver.Delivered:
        plan = self._plan
        chosen = plan.settings.delivery
        began, now = self._clock.monotonic(), self._clock.wall()
        # A clock that was set back since would have what comes now taken for what was left.
        since = self._tells_since[platform] = min(self._tells_since.get(platform, now), now)

        def passed() -> timedelta:
            return timedelta(seconds=self._clock.monotonic() - began)

        return deliver.deliver(
            self.engine,
            {platform: self._senders[platform]},
            now=now,
            lease=chosen.lease,
            gathering=Gathering(chosen.summary_above, chosen.gather, since),
            elsewhere=plan.elsewhere,
            passed=passed,
            unsettled=self._unsettled[platform],
        )

    def _repeats(self) -> Sequence[str]:
        return repeats.repeats(self.engine, self._senders, now=self._clock.wall())

    @traced
    @in_their_language
    def _due(self) -> int:
        """What the clock alone brings about: silences that are over, what cannot be seen for too long, digests."""
        with span("see what is due"):
            return self._come_due()

    def _come_due(self) -> int:
        plan, at = self._plan, self._moment()
        outbox.stranded(self.engine, tuple(self._senders))
        self._reader.take_over_rules()
        heard = silence.keep_silences(self._doing())
        heard += escalate.escalate(self._doing())
        heard += quiet.tell_what_came_and_went(self._doing())
        heard += drill.end_drills(engine=self.engine, at=at)
        if self._listing is not None and self._listing.is_due:
            self.schedule.look_for_pools()
        heard += blindness.watch(self.engine, self._watch(plan), self._lookout, at=at)
        if self.schedule.pools_known_at is None and not self.schedule.pools:
            # A digest of no pools because nobody knows yet which there are would be a lie.
            return heard
        with reading(self.engine) as db:
            every = (*plan.digests, *planning.made_in_chat(db))
        return heard + digest.digests(every, self.schedule.pools, engine=self.engine, at=at, access=self.access())

    def _watch(self, plan: Plan) -> blindness.Watch:
        return blindness.Watch(
            self.schedule.pools,
            self.schedule.pools_problem,
            plan.wants,
            plan.patience,
            plan.routes,
            plan.login,
            grouped=plan.grouped,
            hide_users_in=plan.hide_users_in,
            unlisted_accounts=self._unlisted,
            credentials_of=plan.credentials_of,
        )

    def _prune(self) -> object:
        keep = self._plan.settings.retention
        kept = prune.Kept(keep.readings, keep.hourly, keep.history)
        return prune.prune(self.engine, now=self._clock.now(), keep=kept, clock_skew=self.modelarts.clock_skew)

    def _leapt(self, leap: timedelta) -> None:
        leaping.move_along(self.engine, leap, now=self._clock.wall())

    # What the bot says about itself

    def checks(self) -> Checks:
        """Each thing that the bot needs, with what is wrong with it, if anything is."""
        late_after = self._plan.settings.poll.every * LATE_AFTER
        at = self._moment()
        found = health.own(self.engine, self.schedule, now=at.now, wall=at.wall, late_after=late_after)
        found["leader"] = self.leading.problem
        if self.sharing is not None and self.schedule.leads:
            found["workers"] = self.sharing.problem
        found |= health.of_slack(self.slack.health()) if self.slack else {}
        return found | (health.of_teams(self.teams.health()) if self.teams else {})

    def notes(self) -> Mapping[str, str]:
        """What the bot does without, and is ready all the same."""
        found = health.notes_of_slack(self.slack.health()) if self.slack else {}
        if (note := self.leading.note) is not None:
            found = {"leader": note, **found}
        if self.sharing is not None and self.sharing.note is not None:
            found = {"workers": self.sharing.note, **found}
        found |= {f"account {name}": f"its pools cannot be listed: {why}" for name, why in self._unlisted.items()}
        refused = self.modelarts.refused if isinstance(self.modelarts, Accounts) else {}
        found |= {f"account {name}": str(error) for name, error in refused.items()}
        return found | (health.notes_of_teams(self.teams.health()) if self.teams else {})

    def _refresh_gauges(self) -> None:
        health.refresh(self.metrics, self.engine, self.schedule, now=self._clock.now())
