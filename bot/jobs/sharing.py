"""Who showed an answer to a whole channel?"""

from bot.core.command import Asker
from bot.jobs.doing import Doing, record
from bot.messages import trouble
from bot.messages.form import Form
from bot.messages.model import Message
from bot.store.engine import StoreError, writing


def shared(subject: str, said: Message | Form, asker: Asker, doing: Doing) -> Message | Form:
    """The answer, once it is on record who shared it; `subject` is what was asked."""
    if isinstance(said, Form):
        return said
    try:
        with writing(doing.engine) as db:
            asked = f"/pool-stats {subject}".strip()
            record(
                db, asker, "share", asked, at=doing.at.wall, before=None, after={"shown": said.title or said.summary}
            )
    except StoreError as error:
        return trouble.own_failure(error.why)
    return said
