"""What does a message say now that the outbox keeps up to date?"""

from pydantic import ValidationError
from sqlalchemy import Connection, select

from bot.messages.model import Message, from_json
from bot.messages.sending import Posted
from bot.store.deliveries import DeliveryKind, DeliveryState
from bot.store.tables import deliveries, posts

_TOLD = (DeliveryState.WAITING, DeliveryState.SENT)


def shown(db: Connection, platform: str, posted: Posted) -> Message | None:
    """What stands at `posted`, or is about to: the newest thing put for it; `None` where it is not kept up to date."""
    stands = (posts.c.posted_channel == posted.channel, posts.c.posted_message == posted.message)
    there = select(posts.c.alert_id, posts.c.channel).where(posts.c.platform == platform, *stands).subquery()
    same = (deliveries.c.alert_id == there.c.alert_id, deliveries.c.channel == there.c.channel)
    chosen = (
        select(deliveries.c.message)
        .join(there, same[0] & same[1])
        .where(
            deliveries.c.platform == platform,
            deliveries.c.kind == DeliveryKind.MESSAGE,
            deliveries.c.state.in_(_TOLD),
        )
        .order_by(deliveries.c.seq.desc())
        .limit(1)
    )
    content = db.scalar(chosen)
    try:
        return None if content is None else from_json(content)
    except ValidationError:
        return None
