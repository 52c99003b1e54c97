"""files.*: how does a file come, in three steps?

https://docs.slack.dev/messaging/working-with-files
"""

import mimetypes
from dataclasses import dataclass, replace
from threading import Lock

from bot.sandbox.methods.request import Refused, Request
from bot.sandbox.model import BOT, BOT_ID, File, Json, Message
from bot.sandbox.state import new_id
from bot.sandbox.wire import file_json

MOST_BYTES = 20_000_000


@dataclass(slots=True)
class Upload:
    """A place for bytes: asked for, then filled, then made a file (once)."""

    file_id: str
    name: str
    length: int
    alt_text: str
    content: bytes | None = None


class Uploads:
    """All uploads under way, by the key in their address."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_key: dict[str, Upload] = {}

    def begin(self, request: Request) -> Json:
        """files.getUploadURLExternal."""
        name = request.needed("filename")
        length = request.whole("length", 0)
        if not 0 < length <= MOST_BYTES:
            raise Refused("invalid_arguments")
        key, file_id = new_id("u"), new_id("F")
        with self._lock:
            self._by_key[key] = Upload(file_id, name, length, request.text("alt_txt"))
        return {"upload_url": f"{request.workspace.base_url}upload/v1/{key}", "file_id": file_id}

    def fill(self, key: str, content: bytes) -> str:
        """The bytes arrive: an empty string when they are taken, else why not."""
        with self._lock:
            upload = self._by_key.get(key)
            if upload is None:
                return "upload not found"
            if len(content) != upload.length:
                return f"expected {upload.length} bytes, got {len(content)}"
            upload.content = content
        return ""

    def complete(self, request: Request) -> Json:
        """files.completeUploadExternal: once; without a channel the file stays private."""
        wanted = request.structure("files", "invalid_arguments")
        if not isinstance(wanted, list) or not wanted or not all(isinstance(each, dict) for each in wanted):
            raise Refused("invalid_arguments")
        rooms = request.text("channel_id") or request.text("channels")
        where = [_room(request, room) for room in rooms.replace(" ", "").split(",") if room]
        done = [self._take(request, each, tuple(where)) for each in wanted]
        for room in where:
            request.workspace.post(
                Message(
                    room,
                    "",
                    BOT,
                    request.text("initial_comment"),
                    bot_id=BOT_ID,
                    thread_ts=request.text("thread_ts"),
                    files=tuple(file.id for file in done),
                )
            )
        return {"files": [{"id": file.id, "title": file.title} for file in done]}

    def _take(self, request: Request, each: Json, where: tuple[str, ...]) -> File:
        with self._lock:
            found = [(key, upload) for key, upload in self._by_key.items() if upload.file_id == each.get("id")]
            if not found or found[0][1].content is None:
                raise Refused("file_not_found")
            key, upload = found[0]
            del self._by_key[key]
        mimetype = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        now = request.workspace.now()
        return request.workspace.put_file(
            File(
                upload.file_id,
                upload.name,
                str(each.get("title") or upload.name),
                mimetype,
                upload.name.rpartition(".")[2].lower(),
                upload.content or b"",
                BOT,
                now,
                now + request.switches.file_ready_after,
                upload.alt_text,
                where,
            )
        )


def info(request: Request) -> Json:
    """files.info."""
    file = _file(request)
    out = file_json(file, request.workspace.base_url, now=request.workspace.now())
    shares: Json = {}
    for channel in file.channels:
        found = [each for each in request.workspace.messages(channel) if file.id in each.files]
        shares.setdefault("public", {})[channel] = [{"ts": each.ts} for each in found]
    return {"file": out | {"shares": shares}, "comments": []}


def delete(request: Request) -> Json:
    """files.delete."""
    file = _file(request)
    request.workspace.drop_file(file.id)
    for channel in file.channels:
        for message in request.workspace.messages(channel):
            if file.id in message.files:
                left = tuple(each for each in message.files if each != file.id)
                request.workspace.change(replace(message, files=left))
    return {}


def _file(request: Request) -> File:
    file = request.workspace.file(request.needed("file", "file_not_found"))
    if file is None:
        raise Refused("file_not_found")
    return file


def _room(request: Request, room: str) -> str:
    channel = request.workspace.channel(room)
    if channel is None or channel.id != room:
        raise Refused("channel_not_found")
    if BOT not in channel.members:
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    return channel.id
