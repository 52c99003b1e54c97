"""Who hears of what cannot be told? Another channel instead, and once for each trouble those who look after the bot."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from bot.core.because import Why
from bot.core.language import speaking_at
from bot.core.routes import Place
from bot.messages.delivery import lost, told_instead, undelivered
from bot.messages.sending import DeliveryError, Needs
from bot.store import outbox, summaries
from bot.store.engine import reading, writing
from bot.store.outbox import Delivery


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where to turn.

    Attributes:
        fallback: The channel that is told instead, if there is one.
        admins: The people who are told that something must be put right, by direct message.
    """

    fallback: Place | None = None
    admins: tuple[Place, ...] = ()

    def waits(self, engine: Engine, delivery: Delivery, error: DeliveryError, *, now: datetime) -> None:
        """Only people can help this delivery: tell it elsewhere, and tell those who can help.

        Raises:
            StoreError: The database cannot be used now.
        """
        place = delivery.place
        if place in self.admins:
            return
        told = [admin for admin in self.admins if self._can_reach(admin, place, error)]
        with reading(engine) as db:
            told = [admin for admin in told if not outbox.is_known(db, _trouble(place, admin), place)]
            instead = self._instead(delivery, error)
            if instead is not None and (outbox.is_put(db, instead) or outbox.hears_of(db, delivery, self.fallback)):
                instead = None
        if not told and instead is None:
            return
        with writing(engine) as db:
            for admin in told:
                key = f"{_trouble(place, admin)}{delivery.id}"
                with speaking_at(str(admin)):
                    message = undelivered(str(place), error.why)
                outbox.put(db, place=admin, message=message, now=now, key=key)
            if instead is not None:
                self._tell_instead(db, delivery, instead, error, now)

    def place_lost(self, engine: Engine, delivery: Delivery, error: DeliveryError, *, now: datetime) -> None:
        """Nothing can be told there any more: what the delivery says is told elsewhere, and of the place once a day.

        Raises:
            StoreError: The database cannot be used now.
        """
        place, title = delivery.place, delivery.message.title or delivery.message.summary
        with writing(engine) as db:
            for admin in self.admins:
                if admin != place and self._can_reach(admin, place, error):
                    key = f"place lost {place} {admin} {now:%Y-%m-%d}"
                    with speaking_at(str(admin)):
                        message = lost(str(place), title, error.why)
                    outbox.put(db, place=admin, message=message, now=now, key=key)
            instead = self._instead(delivery, error)
            if instead is not None and not outbox.hears_of(db, delivery, self.fallback):
                self._tell_instead(db, delivery, instead, error, now)

    def _tell_instead(self, db: Connection, delivery: Delivery, key: str, error: DeliveryError, now: datetime) -> None:
        if self.fallback is None:
            return
        with speaking_at(str(self.fallback)):
            message = told_instead(delivery.message, str(delivery.place), error.why)
        # A summary is drawn anew wherever it is kept up to date; elsewhere it stays as it is told now.
        of = None if summaries.is_summary(delivery.alert_id) else delivery.alert_id
        outbox.put(
            db, place=self.fallback, message=message, now=now, key=key,
            alert_id=of, about=delivery.about, rank=delivery.rank,
        )  # fmt: skip

    def given_up(self, engine: Engine, delivery: Delivery, why: Why, *, now: datetime) -> None:
        """Nothing can help this delivery.

        Raises:
            StoreError: The database cannot be used now.
        """
        told = [admin for admin in self.admins if admin != delivery.place]
        if not told:
            return
        with writing(engine) as db:
            for admin in told:
                with speaking_at(str(admin)):
                    message = lost(str(delivery.place), delivery.message.title or delivery.message.summary, why)
                outbox.put(db, place=admin, message=message, now=now, key=f"lost {delivery.id} {admin}")

    def _instead(self, delivery: Delivery, error: DeliveryError) -> str | None:
        """The key of what the fallback hears; `None` when it hears nothing. Entries are told in the message's state."""
        if self.fallback is None or self.fallback == delivery.place or delivery.kind.in_thread:
            return None
        if not self._can_reach(self.fallback, delivery.place, error):
            return None
        return f"instead {delivery.alert_id or delivery.id} {delivery.place}"

    @staticmethod
    def _can_reach(place: Place, broken: Place, error: DeliveryError) -> bool:
        """Not by way of a platform, or a workspace, that does not let us in at all."""
        is_there = (place.platform, place.workspace) == (broken.platform, broken.workspace)
        return error.needs is Needs.CHANNEL or not is_there


def _trouble(place: Place, admin: Place) -> str:
    return f"trouble {place} for {admin}: "
