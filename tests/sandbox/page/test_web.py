"""The page's addresses, asked over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from bot.sandbox.model import BOT, BOT_ID, COLLEAGUE, YOU, Channel, File, Message
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.sandbox.page.scenes import PLATFORM, FakeApp

Told = dict[str, object]


def address(site: Sandbox, path: str) -> str:
    return f"{site.url.rstrip('/')}/{path}"


@contextmanager
def listening(site: Sandbox, channel: str) -> Iterator[Iterator[Told]]:
    """What the page is told of, from the moment its line is there."""
    with requests.get(address(site, f"page/live?channel={channel}"), stream=True, timeout=10) as line:
        lines = line.iter_lines(chunk_size=1, decode_unicode=True)
        told = (json.loads(each.removeprefix("data: ")) for each in lines if each.startswith("data: "))
        while next(told)["kind"] != "messages":
            pass
        yield told


@pytest.mark.parametrize("path", ["", f"c/{PLATFORM}", "home", "page/assets/page.js", "c/nowhere", "page/files/F0"])
def test_every_answer_forbids_what_is_not_our_own(site: Sandbox, app: FakeApp, path: str) -> None:
    assert app.got == []
    headers = requests.get(address(site, path), timeout=10).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_has_no_inline_script_or_style(site: Sandbox) -> None:
    html = requests.get(address(site, ""), timeout=10).text

    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count('type="module"></script>') == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Content-Type": "text/plain"}, id="a form of another site"),
        pytest.param({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, id="a script of one"),
    ],
)
def test_another_sites_page_can_do_nothing_here(site: Sandbox, workspace: Workspace, headers: dict[str, str]) -> None:
    before = len(workspace.messages(PLATFORM))
    body = json.dumps({"channel": PLATFORM, "text": "forged"})

    answer = requests.post(address(site, "page/say"), data=body, headers=headers, timeout=10)

    assert answer.status_code == 403
    assert len(workspace.messages(PLATFORM)) == before


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), ("[]", 400), ('"text"', 400), ('{"text": "' + "a" * 300_000 + '"}', 413)]
)
def test_a_body_that_is_not_ours_is_refused(site: Sandbox, body: str, status: int) -> None:
    headers = {"Content-Type": "application/json"}

    assert requests.post(address(site, "page/say"), data=body, headers=headers, timeout=10).status_code == status


def test_wrong_types_in_a_body_do_nothing(site: Sandbox) -> None:
    asked = {"channel": ["x"], "text": {"a": 1}, "ts": 1, "action_id": None, "view_id": 3, "inputs": []}

    for act in ("say", "press", "submit", "close", "dismiss", "suggest"):
        answer = requests.post(address(site, f"page/{act}"), json=asked, timeout=10)
        assert answer.status_code == 200
        assert answer.json()["error"]


def test_a_channel_one_is_not_in_is_not_shown(site: Sandbox, workspace: Workspace) -> None:
    workspace.put_channel(Channel("C0SECRET001", "secret", frozenset({COLLEAGUE, BOT}), is_private=True))
    workspace.post(Message("C0SECRET001", "", COLLEAGUE, "not for you"))

    assert requests.get(address(site, "c/C0SECRET001"), timeout=10).status_code == 404
    assert "secret" not in requests.get(address(site, ""), timeout=10).text
    assert requests.get(address(site, "page/live?channel=C0SECRET001"), timeout=10).status_code == 204


def test_what_only_somebody_else_may_see_is_not_told(site: Sandbox, workspace: Workspace) -> None:
    with listening(site, PLATFORM) as told:
        hidden = workspace.post(Message(PLATFORM, "", BOT, "for a colleague", bot_id=BOT_ID, ephemeral_to=COLLEAGUE))
        shown = workspace.post(Message(PLATFORM, "", BOT, "for you", bot_id=BOT_ID, ephemeral_to=YOU))

        first = next(told)
        assert (first["kind"], first["ts"]) == ("put", shown.ts)

    page = requests.get(address(site, f"c/{PLATFORM}"), timeout=10).text
    assert hidden.ts not in page
    assert shown.ts in page


def test_the_line_ends_when_the_workspace_closes(site: Sandbox) -> None:
    with listening(site, PLATFORM) as told:
        site.close()

        assert list(told) == []


@pytest.mark.parametrize(
    ("mimetype", "shown"), [("image/png", True), ("image/svg+xml", False), ("text/html", False), ("", False)]
)
def test_only_pictures_are_shown_other_files_are_saved(
    site: Sandbox, workspace: Workspace, mimetype: str, *, shown: bool
) -> None:
    workspace.put_file(File("F0ABC123", "a", "a", mimetype, "", b"<script>", YOU, 0, 0))

    answer = requests.get(address(site, "page/files/F0ABC123"), timeout=10)

    assert ("attachment" in answer.headers.get("content-disposition", "")) is not shown
    assert answer.headers["content-type"] == (mimetype if shown else "application/octet-stream")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_another_person_can_look_and_act_and_the_app_is_told_who(
    site: Sandbox, workspace: Workspace, app: FakeApp
) -> None:
    with requests.Session() as browser:
        mine = browser.get(address(site, ""), timeout=10).text
        theirs = browser.get(address(site, f"as/{COLLEAGUE}"), timeout=10).text
        body = {"user": COLLEAGUE, "channel": PLATFORM, "text": "/pool-stats"}
        browser.post(address(site, "page/say"), json=body, timeout=10)

    assert f'data-user="{YOU}"' in mine
    assert f'data-user="{COLLEAGUE}"' in theirs
    assert "Look as Colleague, whose locale is en-US" in mine
    assert f"/c/{workspace.direct(COLLEAGUE).id}" in theirs
    assert f"/c/{workspace.direct(YOU).id}" not in theirs
    assert app.got[-1][1]["user_id"] == COLLEAGUE


@pytest.mark.parametrize("nobody", [BOT, "USLACKBOT", "U0NOBODY", "", "../x"])
def test_nobody_looks_but_the_people_of_the_workspace(site: Sandbox, nobody: str) -> None:
    with requests.Session() as browser:
        browser.cookies.set("looks-as", nobody)
        page = browser.get(address(site, ""), timeout=10).text

    assert f'data-user="{YOU}"' in page
