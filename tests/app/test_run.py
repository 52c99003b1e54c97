"""`pool-stats run`, between the two stand-ins."""

import hashlib
import hmac
import json
import signal
import time
from pathlib import Path

import pytest
import requests

from bot.sandbox.server import Sandbox
from tests.app.conftest import House
from tests.running import eventually, pool_stats

socket_only = pytest.mark.parametrize("house", ["socket"], indirect=True)
http_only = pytest.mark.parametrize("house", ["http"], indirect=True)


def queue(house: House, jobs: int) -> None:
    """Let so many training jobs wait."""
    house.emulator.set_counts("train-a100", {"train": {"Queue": jobs, "Running": 5}})


def test_a_command_is_answered_and_an_alert_is_told_then_resolved_in_place(house: House) -> None:
    house.start()
    answer = requests.post(
        f"{house.sandbox.url}_sandbox/command",
        json={"user": "U0000000YOU", "channel": "ml-platform", "command": "/pool-stats", "text": "train-a100"},
        timeout=10,
    )
    assert answer.ok, answer.text
    eventually(lambda: "Queue 3" in json.dumps(house.state(), ensure_ascii=False), what="the answer")
    page = requests.get(f"{house.url}/metrics", timeout=5).text
    assert 'pool_stats_answers_total{command="/pool-stats",outcome="answered"} 1.0' in page

    queue(house, 60)
    (told,) = eventually(house.messages, what="the alert")
    assert told["metadata"]["event_type"] == "pool_stats_delivery"
    assert set(told["metadata"]["event_payload"]) == {"delivery_id", "alert_id"}
    queue(house, 3)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")

    assert [message["ts"] for message in house.messages()] == [told["ts"]]
    eventually(lambda: len(house.entries()) == 1, what="the thread entry")


def test_killed_in_the_middle_of_an_alert_the_channel_is_right_after_a_restart(house: House) -> None:
    bot = house.start()
    queue(house, 60)
    eventually(house.messages, what="the alert")
    bot.stop(signal.SIGKILL)
    queue(house, 90)

    house.start()
    eventually(lambda: "90" in house.messages()[0]["text"], what="the worse alert")
    queue(house, 0)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")
    assert len(house.messages()) == 1


@socket_only
def test_an_answer_cut_after_slack_accepted_does_not_double_the_alert(house: House) -> None:
    house.start()
    house.sandbox.misbehave("cut", "chat.postMessage", count=1)
    queue(house, 60)

    eventually(house.messages, what="the alert")
    eventually(lambda: house.sandbox.calls.of("conversations.history"), what="the look at the channel")
    queue(house, 0)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")
    assert len(house.messages()) == 1


@socket_only
def test_a_channel_the_bot_is_not_in_gives_a_clear_line_and_the_message_waits(house: House, sandbox: Sandbox) -> None:
    house.start(POOL_STATS_ROUTES='[{"to": ["slack:#random"]}]')
    queue(house, 60)

    eventually(lambda: not house.is_ready(), what="unreadiness")
    assert "#random" in house.reasons()
    assert house.bot is not None
    assert "#random" in house.bot.said

    sandbox.workspace.invite("random")
    eventually(lambda: house.messages("#random"), within=60, what="the alert, once the bot was invited")


@socket_only
def test_modelarts_that_is_down_makes_the_bot_unready_and_resolves_nothing(house: House) -> None:
    house.start()
    queue(house, 60)
    eventually(house.messages, what="the alert")
    house.emulator.misbehave("status", status=503, route="statistics", times=10_000)

    eventually(lambda: "not seen" in house.messages()[0]["text"] or "not seen" in json.dumps(house.messages()[0]))
    eventually(lambda: not house.is_ready(), what="unreadiness")
    assert "no pool has been read for" in house.reasons()
    house.emulator.behave()
    eventually(house.is_ready, what="readiness")


@socket_only
def test_the_metrics_tell_the_jobs_of_each_pool_and_what_the_bot_did(house: House) -> None:
    house.start()
    queue(house, 60)
    eventually(house.messages, what="the alert")

    page = requests.get(f"{house.url}/metrics", timeout=5).text
    pool = house.emulator.engine.pools()[0]
    assert f'modelarts_pool_jobs{{name="train-a100",pool="{pool.id}",status="Queue",type="train"}} 60.0' in page
    for name in (
        "modelarts_poll_age_seconds", 'pool_stats_polls_total{outcome="ok"}', "pool_stats_deliveries_total",
        "pool_stats_delivery_lag_seconds", 'pool_stats_alerts{state="firing"} 1.0',
    ):  # fmt: skip
        assert name in page
    assert requests.get(f"{house.url}/healthz", timeout=5).status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_bot_in_order(house: House, how: signal.Signals) -> None:
    bot = house.start()

    began = time.monotonic()
    assert bot.stop(how) == 0
    assert time.monotonic() - began < 15
    assert "Traceback" not in bot.said


@socket_only
def test_sighup_reads_the_file_again_and_a_bad_file_keeps_the_old_one(house: House, tmp_path: Path) -> None:
    config = tmp_path / "pool-stats.yaml"
    rule = "{{name: long queue, metric: Queue, kind: threshold, above: {}}}"
    config.write_text(f"rules: [{rule.format(50)}]\n")
    del house.env["POOL_STATS_RULES"]
    bot = house.start(POOL_STATS_CONFIG=str(config))

    config.write_text("rules: [{name: x}]\n")
    bot.process.send_signal(signal.SIGHUP)
    eventually(lambda: "not taken over" in bot.said, what="the refusal")
    config.write_text(f"rules: [{rule.format(2)}]\n")
    bot.process.send_signal(signal.SIGHUP)

    eventually(house.messages, what="the alert of the new rule")


def test_a_port_that_is_taken_is_one_sentence(house: House) -> None:
    house.start()

    second = pool_stats("run", env=house.env)

    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{house.port}" in second.stderr
    assert "Traceback" not in second.stderr


@socket_only
def test_no_secret_is_ever_written(house: House) -> None:
    bot = house.start(POOL_STATS_LOG__LEVEL="debug")
    queue(house, 60)
    eventually(house.messages, what="the alert")
    shown = [requests.get(f"{house.url}{path}", timeout=5).text for path in ("/metrics", "/readyz", "/healthz")]
    bot.stop()

    secrets = [
        house.env[name] for name in ("HUAWEICLOUD_SDK_SK", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
    ]
    assert all(shown)
    assert not [secret for secret in secrets if secret in bot.said or secret in "".join(shown)]


def signed(house: House, body: str, *, at: int | None = None, secret: str | None = None) -> dict[str, str]:
    """The headers Slack would send."""
    moment = str(at if at is not None else int(time.time()))  # noqa: TID251 - a signature is of the real time
    key = (secret or house.env["SLACK_SIGNING_SECRET"]).encode()
    digest = hmac.new(key, f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip


@http_only
def test_forged_replayed_and_stale_requests_are_refused(house: House) -> None:
    house.start()
    body = "command=%2Fpool-stats&text=help&user_id=U1&team_id=T1&channel_id=C1&response_url="
    url = f"{house.url}/slack/events"

    def status(headers: dict[str, str], text: str = body) -> int:
        return requests.post(url, data=text, headers=headers, timeout=5).status_code

    good = signed(house, body)
    now = int(time.time())  # noqa: TID251 - a signature is of the real time
    assert status(good) == 200
    assert status(good) == 401, "a replay"
    assert status(signed(house, body, secret="another")) == 401
    assert status(signed(house, body, at=now - 400)) == 401
    assert status(signed(house, body, at=now + 400)) == 401
    assert status(good | {"X-Slack-Request-Timestamp": "soon"}) == 401
    assert status({}) == 401
    assert status(signed(house, body), body + "&x=1") == 401
    assert status(signed(house, "x" * 2_000_000), "x" * 2_000_000) == 413


@socket_only
def test_a_digest_of_the_configuration_is_posted_on_time(house: House) -> None:
    house.start(POOL_STATS_DIGESTS='[{"to": ["slack:#ml-oncall"], "cron": "* * * * *"}]')

    (digest,) = eventually(lambda: house.messages("#ml-oncall"), within=90, what="the digest")

    assert "1 pool" in digest["text"]


@socket_only
def test_a_revoked_token_gives_a_clear_line_and_the_message_waits(house: House, sandbox: Sandbox) -> None:
    house.start()
    sandbox.switches.revoked = True
    queue(house, 60)

    eventually(lambda: not house.is_ready(), what="unreadiness")
    assert "token" in house.reasons()
    sandbox.switches.revoked = False
    eventually(house.messages, within=60, what="the alert, once the token is good again")
