"""What does the bot do for people, who ask, press and fill in?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.app import counting
from bot.app.counting import BUTTON, FORM, SHORTCUT, counted
from bot.app.ground import Ground
from bot.app.languages import in_their_language
from bot.core.access import Access
from bot.core.command import POOL_STATS, Asker
from bot.core.language import Languages
from bot.core.mine import about_mine
from bot.core.planning_words import AboutDigests, AboutRules
from bot.core.planning_words import planning as planned_words
from bot.core.silence_words import silence_words
from bot.core.spoken import HOME
from bot.jobs import acting, answer, asking, home, planning, rules, sharing, silence
from bot.jobs.desk import Desk
from bot.jobs.doing import Doing
from bot.messages.form import Form, Purpose
from bot.messages.model import Message, Verb
from bot.messages.page import Page, page_message
from bot.messages.sending import Posted
from bot.schedule import Schedule
from bot.settings.model import Settings
from bot.store.engine import StoreError, reading
from bot.store.heard import is_first
from bot.store.shown import shown
from bot.tracing import Tracer, traced

if TYPE_CHECKING:
    from bot.app.helping import Helpers


class People:
    """Answers them.

    Args:
        ground: What there is to answer with.
        schedule: Knows the pools, and sends at once what somebody waits for.
        helpers: Who helps to try a rule on many pools.
    """

    def __init__(self, ground: Ground, schedule: Schedule, helpers: "Helpers | None") -> None:
        self._ground = ground
        self._schedule = schedule
        self._helpers = helpers

    @property
    def tracer(self) -> Tracer | None:
        """Who takes notes."""
        return self._ground.tracer

    @property
    def languages(self) -> Languages:
        """What is spoken to whom no language is known of."""
        return self._ground.languages

    def access(self) -> Access:
        """Who may see what, as it is now."""
        return self._ground.access()

    @traced
    @in_their_language
    def asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        """The answer to a command, or the form that it opens."""
        return counted(self._ground.metrics, counting.called(command), lambda: self._asked(command, text, asker))

    def _asked(self, command: str, text: str, asker: Asker) -> Message | Form:
        plan = self._ground.plan
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
            self._ground.modelarts,
            self._ground.engine,
            self.access(),
            wanted=plan.wants,
            digests=_told_digests(plan.settings, asker),
            rules=plan.judges.rules,
        )
        return answer.answer(command, text, asker, known, now=self._ground.clock.now())

    @traced
    @in_their_language
    def pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form:
        """Do what a button says; what to tell whoever pressed it, or the form that it opens."""
        return counted(self._ground.metrics, BUTTON, lambda: self._pressed(verb, subject, asker))

    def _pressed(self, verb: Verb, subject: str, asker: Asker) -> Message | Form:
        if verb is Verb.SHARE:
            return sharing.shared(subject, self._asked(POOL_STATS, subject, asker), asker, self._doing())
        return self._heard_at_once(acting.pressed(verb, subject, asker, self._doing()))

    @traced
    @in_their_language
    def homed(self, asker: Asker, called: Mapping[str, str]) -> Page:
        """What concerns a person, who is in the channels that are `called` so."""
        mine, digests = self._doing(), self._ground.plan.digests
        return counted(self._ground.metrics, counting.called(HOME), lambda: home.home(asker, mine, digests, called))

    @traced
    @in_their_language
    def offered(self, asker: Asker, about: str) -> Form:
        """The form with which a pool is asked about; `about` is a text that may name it."""
        known = self._schedule.pools, self.access()
        return counted(self._ground.metrics, SHORTCUT, lambda: asking.offered(asker, about, *known))

    @traced
    @in_their_language
    def submitted(self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
        """Do what a form asks for that was filled in.

        Raises:
            Misfilled: Something in it is not as it must be.
        """
        return counted(self._ground.metrics, FORM, lambda: self._submitted(purpose, subject, typed, asker))

    def _submitted(self, purpose: Purpose, subject: str, typed: dict[str, str], asker: Asker) -> Message | Form | None:
        match purpose:
            case Purpose.TRY_RULE | Purpose.KEEP_RULE:
                return rules.submitted(purpose, subject, typed, asker, self._desk())
            case Purpose.DIGEST:
                return planning.submitted(typed, asker, self._desk())
            case Purpose.MY_POOLS:
                return home.mine_as_filled_in(typed, asker, self._doing())
            case Purpose.ASK:
                text = asking.question(typed, asker, self._schedule.pools, self.access())
                return self._asked(POOL_STATS, text, asker)
            case Purpose.SILENCE:
                return self._heard_at_once(silence.silence_as_filled_in(subject, typed, asker, self._doing()))

    def _doing(self) -> Doing:
        return self._ground.doing(self._schedule.pools)

    def _desk(self) -> Desk:
        """What rules are looked after with, as of now."""
        ground = self._ground
        plan = ground.plan
        return Desk(
            ground.engine,
            ground.access(),
            plan.settings.rules,
            plan.routes,
            self._schedule.pools,
            ground.moment(),
            passed=ground.stopwatch(),
            changed=ground.reader.take_over_rules,
            others=self._helpers,
        )

    def _heard_at_once(self, said: Message | Form) -> Message | Form:
        """What was put into the outbox for somebody who waits for it is sent at once."""
        self._schedule.wake_delivery()
        return said

    def shown_in_teams(self, posted: Posted) -> Message | None:
        """What a message says now that was told unasked."""
        with reading(self._ground.engine) as db:
            return shown(db, "teams", posted)

    def first(self, what: str) -> bool:
        """Whether nobody has answered yet what was said; what cannot be known is rather answered twice than not."""
        try:
            return is_first(self._ground.engine, what, now=self._ground.clock.wall())
        except StoreError:
            return True

    def sees_more(self, asker: Asker) -> bool:
        """Whether somebody sees pools that others do not who read along."""
        access = self.access()
        return bool(access.grants) and access.is_admin(asker)


def _told_digests(settings: Settings, asker: Asker) -> tuple[answer.PlannedDigest, ...]:
    """The configured digests, as people of the asker's platform are told of them."""
    return tuple(
        answer.PlannedDigest(
            place.channel, each.cron, each.timezone, "all" if each.pools == "all" else ", ".join(each.pools)
        )
        for each in settings.digests
        for place in each.to
        if place.platform == asker.platform
    )
