"""How does a person get a file that is for them alone: into their direct messages with the bot.

An ephemeral message shows no files; a file shared with nobody else is in a direct message.
"""

import logging

from bot.core.because import Because, said
from bot.core.command import Asker
from bot.core.language import _
from bot.messages.model import Attached, Footnote
from bot.slack.codes import sentence
from bot.slack.text import escaped
from bot.slack.web import SlackError, SlackRefused, SlackUnclear, SlackWeb

log = logging.getLogger(__name__)

# What spreadsheets know UTF-8 by.
_BOM = "\ufeff"
_LONGEST = 3000


def handed_over(web: SlackWeb, attached: Attached, title: str, asker: Asker) -> Footnote:
    """Share the file in the person's direct messages; what to say of it in the answer."""
    try:
        _share(web, attached, title, asker)
    except SlackError as error:
        log.warning("a file did not reach %s: %s", asker, error)
        here = _("your messages with me")
        why = sentence(error, here) if isinstance(error, SlackRefused) else error.why
        return Footnote((_("No file: {why}.", why=said(why)),))
    return Footnote((_("The file is in your messages with me."),))


def _share(web: SlackWeb, attached: Attached, title: str, asker: Asker) -> None:
    # The place is got first, so that nothing is left without one: a post to a person names their direct message.
    content = (_BOM + attached.text).encode()
    place = web.call("files.getUploadURLExternal", filename=attached.name, length=len(content))
    url, file_id = place.get("upload_url"), place.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise SlackUnclear(Because("Slack did not say where to put the file"))
    web.upload(url, content)
    text = escaped(title, _LONGEST) or attached.name
    told = web.call("chat.postMessage", channel=asker.user, text=text, parse="none", link_names=False)
    channel = told.get("channel")
    if not isinstance(channel, str):
        raise SlackUnclear(Because("Slack did not say which conversation it is"))
    web.call("files.completeUploadExternal", files=[{"id": file_id, "title": attached.name}], channel_id=channel)
