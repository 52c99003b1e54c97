"""Is everybody answered in time when many ask at once, and others send drips and floods?"""

import hashlib
import hmac
import http.client
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.emulator.server import Emulator
from bot.sandbox.server import Sandbox
from tests.app.conftest import House
from tests.running import eventually
from tests.slack.stub import Stub

A_SECOND, SECONDS, ASKERS = 50, 60, 16
POOLS = 100
# Bolt's own path is the only one to Slack's address; a drip holds a connection for some ten seconds.
DRIPPING, FLOODING = 40, 2
WORDS = ("help", "train-a100", "pool-7", "")


def _ask(house: House, secret: bytes, number: int, answer_at: str) -> tuple[bytes, dict[str, str]]:
    """A signed command, unlike every other."""
    body = urlencode({
        "command": "/pool-stats", "text": WORDS[number % len(WORDS)], "team_id": house.sandbox.workspace.team,
        "channel_id": "C0000000001", "user_id": "U0000000YOU", "trigger_id": str(number), "response_url": answer_at,
    }).encode()  # fmt: skip
    at = str(int(time.time()))  # noqa: TID251 - a signature is made of the real time
    signature = hmac.new(secret, f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={signature}",
    }


def _acks(house: House, answer_at: str) -> list[tuple[int, float]]:
    """Status and seconds of each command; they are sent at their times, however long others take."""
    secret = house.env["SLACK_SIGNING_SECRET"].encode()
    begin = time.monotonic() + 0.5

    def of(asker: int) -> list[tuple[int, float]]:
        found = []
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
        for number in range(asker, A_SECOND * SECONDS, ASKERS):
            threading.Event().wait(max(0.0, begin + number / A_SECOND - time.monotonic()))
            body, headers = _ask(house, secret, number, answer_at)
            began = time.monotonic()
            try:
                connection.request("POST", "/slack/events", body, headers)
                answer = connection.getresponse()
                answer.read()
                found.append((answer.status, time.monotonic() - began))
            except (OSError, http.client.HTTPException):
                connection.close()
                found.append((0, time.monotonic() - began))
        connection.close()
        return found

    with ThreadPoolExecutor(ASKERS) as pool:
        return [ack for acks in pool.map(of, range(ASKERS)) for ack in acks]


@contextmanager
def _hurting(port: int) -> Iterator[dict[str, int]]:
    """Those who drip, and those who send ten megabytes, until the block ends; how often they were cut off."""
    over = threading.Event()
    cut = {"drips": 0, "floods": 0}

    def again(name: str, once: Callable[[socket.socket], None]) -> None:
        while not over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                once(client)
            cut[name] += 1

    def drip(client: socket.socket) -> None:
        client.sendall(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\n")
        while not over.wait(0.5):
            client.sendall(b"X-A: b\r\n")

    def flood(client: socket.socket) -> None:
        client.sendall(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(160):
            client.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            if over.wait(0.05):
                return

    threads = [threading.Thread(target=again, args=("drips", drip)) for _ in range(DRIPPING)]
    threads += [threading.Thread(target=again, args=("floods", flood)) for _ in range(FLOODING)]
    for thread in threads:
        thread.start()
    try:
        yield cut
    finally:
        over.set()
        for thread in threads:
            thread.join(20)


@pytest.mark.soak
def test_fifty_commands_a_second_while_others_drip_and_flood(tmp_path: Path) -> None:
    with Emulator() as emulator, Sandbox() as sandbox, Stub() as answers:
        emulator.set_counts("train-a100", {"train": {"Queue": 3, "Running": 5}})
        for number in range(1, POOLS):
            emulator.set_counts(f"pool-{number}", {"train": {"Queue": number % 7, "Running": 5}})
        house = House(tmp_path, emulator, sandbox, "http")
        bot = house.start(POOL_STATS_POLL__EVERY="5s", POOL_STATS_MODELARTS__MAX_RATE="1000")
        try:
            with _hurting(house.port) as cut:
                acks = _acks(house, answers.url)
            eventually(lambda: len(answers.asked) >= len(acks), within=120, what="the last answer")
        finally:
            bot.stop()

    seconds = sorted(took for _, took in acks)
    print(  # noqa: T201 - figures of a measurement, shown by pytest -s
        f"\n{len(acks)} commands in {SECONDS} s: median {statistics.median(seconds) * 1000:.0f} ms, "
        f"p99 {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, longest {seconds[-1] * 1000:.0f} ms; "
        f"{len(answers.asked)} answered; cut off: {cut['drips']} drips, {cut['floods']} floods"
    )
    assert {status for status, _ in acks} == {200}
    assert seconds[-1] <= 1
    assert cut["drips"] > DRIPPING
    assert cut["floods"] > FLOODING
    assert "Traceback" not in bot.said
