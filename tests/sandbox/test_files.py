"""Does a file come in three steps, and can it be shown only when Slack has looked at it?"""

import pytest
import requests
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox
from tests.sandbox.apps import GENERAL, Clock, refused

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def uploaded(client: WebClient, content: bytes = PNG, name: str = "chart.png") -> str:
    asked = client.files_getUploadURLExternal(filename=name, length=len(content))
    requests.post(asked["upload_url"], data=content, timeout=10).raise_for_status()
    client.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": "Chart"}])
    return str(asked["file_id"])


def image(file_id: str) -> dict[str, object]:
    return {"type": "image", "alt_text": "a chart", "slack_file": {"id": file_id}}


def test_slacks_client_uploads_a_file_into_a_channel(sandbox: Sandbox, client: WebClient) -> None:
    done = client.files_upload_v2(content=PNG, filename="chart.png", channel=GENERAL, initial_comment="look")

    [message] = sandbox.workspace.messages(GENERAL)
    assert message.text == "look"
    assert message.files == (done["files"][0]["id"],)
    shares = client.files_info(file=message.files[0])["file"]["shares"]
    assert shares == {"public": {GENERAL: [{"ts": message.ts}]}}


def test_the_bytes_are_given_to_who_has_the_token(sandbox: Sandbox, client: WebClient) -> None:
    address = client.files_info(file=uploaded(client))["file"]["url_private"]

    head = {"Authorization": f"Bearer {sandbox.tokens.bot}"}
    assert requests.get(address, headers=head, timeout=10).content == PNG
    assert requests.get(address, timeout=10).status_code == 403


def test_a_file_can_be_shown_once_slack_knows_its_type(sandbox: Sandbox, client: WebClient, clock: Clock) -> None:
    sandbox.switches.file_ready_after = 60.0
    file_id = uploaded(client)

    early = refused(client.chat_postMessage, channel=GENERAL, text="t", blocks=[image(file_id)])
    assert early["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    assert client.files_info(file=file_id)["file"]["mimetype"] == ""

    clock.ahead += 61
    assert client.files_info(file=file_id)["file"]["mimetype"] == "image/png"
    assert client.chat_postMessage(channel=GENERAL, text="t", blocks=[image(file_id)])["ok"]


def test_only_a_picture_can_be_shown_as_one(client: WebClient) -> None:
    said = refused(client.chat_postMessage, channel=GENERAL, text="t", blocks=[image(uploaded(client, name="a.txt"))])

    assert said["error"] == "invalid_blocks"


def test_an_upload_of_another_length_is_not_taken(client: WebClient) -> None:
    asked = client.files_getUploadURLExternal(filename="chart.png", length=5)

    assert requests.post(asked["upload_url"], data=b"123", timeout=10).status_code == 400
    said = refused(client.files_completeUploadExternal, files=[{"id": asked["file_id"]}])
    assert said["error"] == "file_not_found"


def test_an_upload_is_completed_once(client: WebClient) -> None:
    file_id = uploaded(client)

    assert refused(client.files_completeUploadExternal, files=[{"id": file_id}])["error"] == "file_not_found"


def test_a_deleted_file_is_gone(client: WebClient) -> None:
    file_id = uploaded(client)

    client.files_delete(file=file_id)

    assert refused(client.files_info, file=file_id)["error"] == "file_not_found"


@pytest.mark.parametrize(("method", "scope"), [("files_info", "files:read"), ("files_delete", "files:write")])
def test_files_take_their_scopes(sandbox: Sandbox, client: WebClient, method: str, scope: str) -> None:
    sandbox.switches.scopes.discard(scope)

    assert refused(getattr(client, method), file="F1")["needed"] == scope
