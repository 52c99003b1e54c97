"""What does the bot do by itself, each time that its turn has come?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.app.ground import Ground
from bot.app.languages import in_their_language
from bot.app.plan import Plan
from bot.core.crowds import Gathering
from bot.core.language import Languages
from bot.core.stats import Pool
from bot.jobs import blindness, deliver, drill, escalate, evidence, pools, quiet, repeats, silence
from bot.jobs.doing import Doing
from bot.jobs.planned_digests import made_in_chat
from bot.jobs.unsettled import Unsettled
from bot.messages.sending import Sender
from bot.schedule import Schedule, Work
from bot.settings.reading import Configured
from bot.store import leaping, outbox, samples
from bot.store.engine import StoreError, reading
from bot.tracing import Tracer, span, traced


class Rounds:
    """The jobs, and the schedule that runs them.

    Args:
        ground: What they stand on.
        call: Tells the leader that there is something to send.
    """

    def __init__(self, ground: Ground, *, call: Callable[[], object]) -> None:
        self._ground = ground
        self._engine = ground.engine
        self._clock = ground.clock
        self._lookout = blindness.Lookout()
        self._inquiry = evidence.Inquiry(ground.engine, ground.modelarts, ground.clock.monotonic)
        self._senders: Mapping[str, Sender] = {}
        self._unsettled: Mapping[str, Unsettled] = {}
        self._tells_since: dict[str, datetime] = {}
        poll = ground.config.settings.poll
        self.schedule = Schedule(
            Work(
                pools=self._pools,
                known_pools=self._known_pools,
                leave=self._leave,
                poll=None if ground.in_cluster else ground.reader.poll,
                platforms=_platforms(ground.config),
                deliver=self._deliver,
                evidence=self._ask_for_evidence,
                repeats=self._repeats,
                due=self._due,
                prune=self._prune,
                leapt=self._leapt,
                follow=ground.reader.take_over_rules,
                call=call,
            ),
            ground.clock,
            ground.metrics,
            every=poll.every,
            workers=poll.workers,
        )

    def send_by(self, senders: Mapping[str, Sender]) -> None:
        """Whoever brings messages to which platform; said before anything is sent."""
        self._senders = senders
        self._unsettled = {platform: Unsettled() for platform in senders}

    @property
    def tracer(self) -> Tracer | None:
        """Who takes notes."""
        return self._ground.tracer

    @property
    def languages(self) -> Languages:
        """What is spoken to whom no language is known of."""
        return self._ground.languages

    def lead(self, holds: Callable[[], bool]) -> None:
        """Tick from now on. What another leader has read meanwhile is learnt from the store."""
        self._lookout = blindness.Lookout()
        try:
            with reading(self._engine) as db:
                newest = {stats.pool.id: stats.taken_at for stats in samples.latest_all(db)}
        except StoreError:
            newest = {}
        self._ground.plan.judges.forget_all_but(newest)
        self._ground.metrics.leader.set(1)
        self.schedule.lead(holds)

    # Which pools there are

    @traced
    def _pools(self) -> Sequence[Pool]:
        """The pools to read; where they may not be listed, those that the configuration names by their id."""
        ground, now = self._ground, self._clock.now()
        plan = ground.plan
        with span("list pools") as seen:
            if ground.listing is not None:
                found = ground.listing.read(plan.wants, now=now, named=plan.named_pools)
            else:
                found = pools.pools_to_read(ground.modelarts, plan.settings.modelarts.pools, now=now)
            seen.note(pools=len(found))
            return found

    def _known_pools(self) -> Sequence[Pool]:
        return pools.pools_read_before(self._engine, self._ground.plan.wants, now=self._clock.now())

    @traced
    @in_their_language
    def _leave(self, read: Sequence[Pool]) -> int:
        ground = self._ground
        plan = ground.plan
        plan.judges.keep_only(read)
        return pools.leave(
            read,
            wanted=plan.wants,
            modelarts=ground.modelarts,
            engine=self._engine,
            routes=plan.routes,
            stale_after=plan.stale_after,
            at=ground.moment(),
            grouped=plan.grouped,
            hide_users_in=plan.hide_users_in,
            unlisted=ground.unlisted,
        )

    # What is told

    @traced
    @in_their_language
    def _ask_for_evidence(self) -> int:
        """What stands behind the alerts that were just told."""
        plan = self._ground.plan
        chosen, hearers = plan.settings.delivery, evidence.Hearers(plan.routes, plan.hide_users_in)
        most = (chosen.summary_above or evidence.MOST_A_MINUTE) if chosen.ask_for_jobs else 0
        with span("ask for evidence"):
            return self._inquiry.ask(hearers, at=self._ground.moment, most=most)

    @traced
    @in_their_language
    def _deliver(self, platform: str, goes_on: Callable[[], bool]) -> deliver.Delivered:
        plan, passed = self._ground.plan, self._ground.stopwatch()
        chosen = plan.settings.delivery
        now = self._clock.wall()
        # A clock that was set back since would have what comes now taken for what was left.
        since = self._tells_since[platform] = min(self._tells_since.get(platform, now), now)
        return deliver.deliver(
            self._engine,
            {platform: self._senders[platform]},
            now=now,
            lease=chosen.lease,
            gathering=Gathering(chosen.summary_above, chosen.gather, since),
            elsewhere=plan.elsewhere,
            passed=passed,
            unsettled=self._unsettled[platform],
            goes_on=goes_on,
        )

    def _repeats(self) -> Sequence[str]:
        return repeats.repeats(self._engine, self._senders, now=self._clock.wall())

    # What time alone brings about

    @traced
    @in_their_language
    def _due(self) -> int:
        """What the clock alone brings about: silences that are over, what cannot be seen for too long, digests."""
        with span("see what is due"):
            return self._come_due()

    def _come_due(self) -> int:
        ground, schedule = self._ground, self.schedule
        plan, at = ground.plan, ground.moment()
        outbox.stranded(self._engine, tuple(self._senders))
        ground.reader.take_over_rules()
        heard = silence.keep_silences(self._doing())
        heard += escalate.escalate(self._doing())
        heard += quiet.tell_what_came_and_went(self._doing())
        heard += drill.end_drills(engine=self._engine, at=at)
        if ground.listing is not None and ground.listing.is_due:
            schedule.look_for_pools()
        heard += blindness.watch(self._engine, self._watch(plan), self._lookout, at=at)
        if schedule.pools_known_at is None and not schedule.pools:
            # A digest of no pools because nobody knows yet which there are would be a lie.
            return heard
        with reading(self._engine) as db:
            every = (*plan.digests, *made_in_chat(db))
        if not every:
            return heard
        # Most of a start is importing: what words a digest comes where there is one.
        from bot.jobs import digest  # noqa: PLC0415 - see above

        return heard + digest.digests(every, schedule.pools, engine=self._engine, at=at, access=ground.access())

    def _doing(self) -> Doing:
        return self._ground.doing(self.schedule.pools)

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
            unlisted_accounts=self._ground.unlisted,
            credentials_of=plan.credentials_of,
        )

    def _prune(self) -> object:
        # An hour after the start.
        from bot.jobs import prune  # noqa: PLC0415 - see above

        keep = self._ground.plan.settings.retention
        kept = prune.Kept(keep.readings, keep.hourly, keep.history)
        clock_skew = self._ground.modelarts.clock_skew
        return prune.prune(self._engine, now=self._clock.now(), keep=kept, clock_skew=clock_skew)

    def _leapt(self, leap: timedelta) -> None:
        leaping.move_along(self._engine, leap, now=self._clock.wall())


def _platforms(config: Configured) -> tuple[str, ...]:
    """Where messages are told."""
    slack = ("slack",) if config.slack_mode != "off" else ()
    return (*slack, "teams") if config.settings.teams.mode != "off" else slack
