"""chat.*: how do messages come, change and go?

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from dataclasses import replace

from bot.sandbox.answers import with_attachments
from bot.sandbox.elements import with_ids
from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import BOT, BOT_ID, SLACKBOT, Channel, Json, Message
from bot.sandbox.wire import message_json

UPDATE_MOST = 4_000


def post_message(request: Request) -> Json:
    """chat.postMessage."""
    where = request.open_channel()
    message = _message(request, where)
    posted = request.workspace.post(message)
    return {"channel": where.id, "ts": posted.ts, "message": message_json(posted, metadata=True)}


def post_ephemeral(request: Request) -> Json:
    """chat.postEphemeral."""
    where = request.open_channel()
    user = request.needed("user", "user_not_found")
    if request.workspace.user(user) is None:
        raise Refused("user_not_found")
    if user not in where.members:
        raise Refused("user_not_in_channel")
    posted = request.workspace.post(replace(_message(request, where), ephemeral_to=user, metadata=None))
    return {"message_ts": posted.ts}


def update(request: Request) -> Json:
    """chat.update: text without blocks removes the blocks, attachments and metadata left out are kept."""
    before = _own(request, "cant_update_message")
    if (request.workspace.channel(before.channel) or request.channel()).is_archived:
        raise Refused("is_inactive")
    text, blocks, attachments = _changed(request)
    metadata = request.metadata()
    after = replace(
        before,
        text=text or "",
        blocks=with_ids(blocks or ()),
        attachments=before.attachments if attachments is None else with_attachments(attachments),
        metadata=before.metadata if metadata is None else metadata or None,
        edited=request.workspace.next_ts(),
    )
    request.workspace.change(after)
    return {"channel": after.channel, "ts": after.ts, "text": after.text, "message": message_json(after, metadata=True)}


def delete(request: Request) -> Json:
    """chat.delete; a message with replies leaves a tombstone."""
    gone = _own(request, "cant_delete_message")
    if request.workspace.replies(gone.channel, gone.ts):
        left = Message(gone.channel, gone.ts, SLACKBOT, "This message was deleted.", subtype="tombstone")
        request.workspace.change(left)
    else:
        request.workspace.delete(gone.channel, gone.ts)
    return {"channel": gone.channel, "ts": gone.ts}


def get_permalink(request: Request) -> Json:
    """chat.getPermalink."""
    where = request.channel()
    ts = request.needed("message_ts", "message_not_found")
    found = request.workspace.message(where.id, ts)
    if found is None or found.ephemeral_to:
        raise Refused("message_not_found")
    link = f"{request.workspace.base_url}archives/{where.id}/p{ts.replace('.', '')}"
    if found.thread_ts:
        link += f"?thread_ts={found.thread_ts}&cid={where.id}"
    return {"channel": where.id, "permalink": link}


def _message(request: Request, where: Channel) -> Message:
    text, blocks, attachments = request.content()
    thread = request.text("thread_ts")
    if thread:
        parent = request.workspace.message(where.id, thread)
        if parent is None or parent.ephemeral_to:
            raise Refused("thread_not_found")
        thread = parent.thread_ts or parent.ts
    customize = "chat:write.customize" in request.switches.scopes
    return Message(
        where.id,
        "",
        BOT,
        text or "",
        blocks=with_ids(blocks or ()),
        attachments=with_attachments(attachments or ()),
        metadata=request.metadata() or None,
        thread_ts=thread,
        broadcast=request.flag("reply_broadcast"),
        bot_id=BOT_ID,
        username=request.text("username") if customize else "",
    )


def _own(request: Request, otherwise: str) -> Message:
    where = request.channel()
    found = request.workspace.message(where.id, request.needed("ts", "message_not_found"))
    if found is None or found.ephemeral_to or found.subtype == "tombstone":
        raise Refused("message_not_found")
    if found.bot_id != BOT_ID:
        raise Refused(otherwise)
    return found


def _changed(request: Request) -> tuple[str | None, list[Json] | None, list[Json] | None]:
    try:
        return request.content(most=UPDATE_MOST)
    except Refused as refusal:
        # To clear attachments alone is an update too.
        if refusal.error == "no_text" and request.structure("attachments", "invalid_attachments") == []:
            return request.text("text"), None, []
        raise
