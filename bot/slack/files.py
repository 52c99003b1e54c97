"""How does a file come into Slack, so that a message can show it?

In three steps, and then Slack looks at it: https://docs.slack.dev/messaging/working-with-files
"""

from collections.abc import Callable

from bot.core.because import Because
from bot.slack.web import SlackError, SlackRefused, SlackUnclear, SlackWeb

# A message with a file that Slack has not looked at yet is refused ("invalid slack file"); it takes about a second.
# https://github.com/slackapi/python-slack-sdk/issues/1521
READY_WITHIN = 10.0
_LOOKS_EVERY = 0.25


def uploaded(
    web: SlackWeb, name: str, content: bytes, *, title: str, alt_text: str, wait: Callable[[float], object]
) -> str:
    """The id of a new file, which nobody sees before a message shows it.

    Args:
        web: The workspace's Web API.
        name: Its name; the end of it says what kind it is.
        content: What is in it.
        title: What stands above it.
        alt_text: What it shows, for those who do not see it.
        wait: Waits so many seconds.

    Raises:
        SlackError: Slack did not take it.
    """
    place = web.call("files.getUploadURLExternal", filename=name, length=len(content), alt_txt=alt_text)
    url, file_id = place.get("upload_url"), place.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise SlackUnclear(Because("Slack did not say where to put the file"))
    web.upload(url, content)
    web.call("files.completeUploadExternal", files=[{"id": file_id, "title": title}])
    _until_ready(web, file_id, wait)
    return file_id


def _until_ready(web: SlackWeb, file_id: str, wait: Callable[[float], object]) -> None:
    """Wait until Slack knows what kind of file it is; where the bot may not ask, as long as that usually takes."""
    passed = 0.0
    while passed < READY_WITHIN:
        try:
            file = web.call("files.info", file=file_id).get("file")
        except SlackRefused as refused:
            if refused.code == "missing_scope":
                wait(1.0)
                return
            raise
        if isinstance(file, dict) and file.get("mimetype"):
            return
        wait(_LOOKS_EVERY)
        passed += _LOOKS_EVERY
    raise NotReady(Because("Slack has not looked at the file in time"))


class NotReady(SlackError):  # noqa: N818 - named for what is known of the outcome
    """The file is there, but cannot be shown yet."""
