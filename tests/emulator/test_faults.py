"""Can the stand-in be told to misbehave, in every way a client should survive?"""

import gzip
import http.client
import json
import time
from typing import Any

import pytest

from bot.emulator import Emulator
from tests.emulator.asking import POOL, POOLS, Hands, ask, control

STEADY = {"train": {"Queue": 3, "Running": 5, "Failed": 1}}


def test_a_status_is_answered_with_the_body_wanted(emulator: Emulator) -> None:
    emulator.misbehave("status", status=503, body={"error_code": "ModelArts.4302"}, headers={"Retry-After": "7"})

    answer = ask(emulator)

    assert (answer.status, answer.json, answer.headers["Retry-After"]) == (503, {"error_code": "ModelArts.4302"}, "7")


def test_a_fault_ends_after_its_number_of_calls(emulator: Emulator) -> None:
    emulator.misbehave("status", status=500, times=2)

    assert [ask(emulator).status for _ in range(3)] == [500, 500, 200]


def test_a_fault_can_be_for_one_route_or_one_pool(emulator: Emulator) -> None:
    emulator.misbehave("status", status=500, route="pools")
    other = emulator.set_counts("research", STEADY)
    emulator.misbehave("status", status=502, pool=other.id)

    assert [ask(emulator, POOLS).status, ask(emulator).status] == [500, 200]
    assert ask(emulator, f"{POOLS}/{other.id}").status == 502


def test_good_behaviour_can_be_asked_for(emulator: Emulator) -> None:
    emulator.misbehave("status", status=500)

    emulator.behave()

    assert ask(emulator).status == 200


def test_an_answer_can_be_late(emulator: Emulator) -> None:
    emulator.misbehave("delay", delay=0.2)
    started = time.monotonic()

    assert ask(emulator).status == 200
    assert time.monotonic() - started >= 0.2


def test_a_late_answer_does_not_hold_up_others(emulator: Emulator) -> None:
    other = emulator.set_counts("research", STEADY)
    emulator.misbehave("hang", pool=POOL)
    waiting = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=0.2)
    waiting.request("GET", f"{POOLS}/{POOL}")

    assert ask(emulator, f"{POOLS}/{other.id}").status == 200
    with pytest.raises(TimeoutError):
        waiting.getresponse()
    waiting.close()


def test_a_connection_can_be_reset(emulator: Emulator) -> None:
    emulator.misbehave("reset")

    with pytest.raises(ConnectionResetError):
        ask(emulator)


def test_a_body_can_be_cut_off(emulator: Emulator) -> None:
    emulator.misbehave("truncated")

    with pytest.raises(http.client.IncompleteRead):
        ask(emulator)


def test_a_body_can_drip(emulator: Emulator) -> None:
    emulator.misbehave("drip", drip_for=0.3)
    started = time.monotonic()

    assert ask(emulator).json["statistics"]["total"] == 9
    assert time.monotonic() - started >= 0.2


def test_an_answer_can_be_a_web_page(emulator: Emulator) -> None:
    emulator.misbehave("html")

    answer = ask(emulator)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_an_answer_can_be_a_redirect(emulator: Emulator) -> None:
    emulator.misbehave("redirect", location="http://127.0.0.1:9/login")

    answer = ask(emulator)

    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:9/login")


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("negative", -1),
        ("too-large", 10**9 + 1),
        ("words", "many"),
        ("floats", 1.5),
        ("nested", {"value": [{"value": 3}]}),
        ("null", None),
        ("booleans", True),
        ("list", [1, 2]),
    ],
)
def test_counts_can_be_nonsense(emulator: Emulator, wrong: Any, value: object) -> None:
    emulator.misbehave("wrong-types", wrong=wrong)

    answer = ask(emulator)

    assert answer.json["statistics"]["total"] == value
    assert answer.json["statistics"]["items"][0]["status"]["Queue"] == value


def test_a_body_can_be_huge(emulator: Emulator) -> None:
    emulator.misbehave("huge")

    assert len(ask(emulator).body) > 5_000_000


def test_a_body_can_be_nearly_json(emulator: Emulator) -> None:
    emulator.misbehave("not-json")

    with pytest.raises(json.JSONDecodeError):
        _ = ask(emulator).json


def test_a_throttle_can_be_told_whenever_wanted(emulator: Emulator) -> None:
    emulator.misbehave("throttle", limit=10, window="5 minute", retry_after=3)

    answer = ask(emulator)

    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json["error_msg"].endswith("policy user over ratelimit,limit:10,time:5 minute")


def test_an_answer_can_be_compressed(emulator: Emulator) -> None:
    emulator.misbehave("gzip")

    answer = ask(emulator)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body))["statistics"]["total"] == 9


def test_every_answer_has_a_request_id_and_a_date(emulator: Emulator) -> None:
    answers = [ask(emulator), ask(emulator, "/nowhere"), ask(emulator, POOLS + "/x")]
    for kind in ("html", "redirect", "status", "huge"):
        emulator.misbehave(kind, times=1)
        answers.append(ask(emulator))

    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)
    assert all(answer.headers["Date"] == "Mon, 02 Mar 2026 12:00:00 GMT" for answer in answers)


def test_faults_can_be_told_over_http(emulator: Emulator) -> None:
    told = control(emulator, "PUT", "faults", {"kind": "status", "status": 418, "route": "statistics", "times": 5})

    assert (told.status, told.json[0]["kind"], told.json[0]["times"]) == (200, "status", 5)
    assert ask(emulator).status == 418
    assert control(emulator, "GET", "faults").json[0]["times"] == 4
    assert control(emulator, "DELETE", "faults").json == []
    assert ask(emulator).status == 200


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "explode"},
        {"status": 500},
        {"kind": "status", "statsu": 500},
        {"kind": "status", "times": -1},
        {"kind": "status", "times": "3"},
        {"kind": "delay", "delay": "long"},
        {"kind": "wrong-types", "wrong": "odd"},
        {"kind": "status", "headers": ["x"]},
        ["status"],
    ],
)
def test_a_fault_that_cannot_be_is_refused(emulator: Emulator, told: object) -> None:
    answer = control(emulator, "PUT", "faults", told)

    assert answer.status == 400
    assert answer.json["error"]
    assert ask(emulator).status == 200


def test_counts_can_be_told_over_http(emulator: Emulator) -> None:
    made = control(emulator, "PUT", "pools/gpu-pool", {"counts": {"train": {"Queue": 12}}, "name": "Display-0"}).json

    assert made["counts"] == {"train": {"Queue": 12}}
    assert len(made["id"]) >= 36
    assert ask(emulator, POOLS).json["items"][1]["metadata"]["labels"]["os.modelarts/name"] == "Display-0"
    assert len(control(emulator, "GET", "pools").json) == 2
    assert control(emulator, "DELETE", f"pools/{made['id']}").json == {"removed": True}
    assert control(emulator, "PUT", "pools/x", {"counts": {"train": {"Queue": -1}}}).status == 400
    assert control(emulator, "PUT", "pools/x", {"counts": []}).status == 400


def test_the_form_of_answers_can_be_told_over_http(emulator: Emulator) -> None:
    assert (
        control(emulator, "PUT", "shape", {"root": "statics", "finished": "sparse", "retained_for": 60}).status == 200
    )
    assert list(ask(emulator).json) == ["statics"]
    assert control(emulator, "PUT", "shape", {"root": "stats"}).status == 400
    assert control(emulator, "PUT", "shape", {"finished": "never"}).status == 400
    assert control(emulator, "PUT", "shape", {"colour": 1}).status == 400


def test_limits_can_be_told_over_http(emulator: Emulator) -> None:
    control(emulator, "PUT", "limits", {"user": 1, "window": "1 hour"})

    assert [ask(emulator).status, ask(emulator).status] == [200, 429]
    assert control(emulator, "PUT", "limits", {"user": 0}).status == 400
    assert control(emulator, "PUT", "limits", {"colour": 0}).status == 400


def test_requests_can_be_read_and_forgotten_over_http(emulator: Emulator) -> None:
    ask(emulator)

    assert [seen["route"] for seen in control(emulator, "DELETE", "requests").json] == ["statistics"]
    assert control(emulator, "GET", "requests").json == []


def test_a_page_in_a_browser_may_not_tell_anything(emulator: Emulator) -> None:
    answer = control(emulator, "PUT", "faults", {"kind": "html"}, Origin="https://evil.example")

    assert answer.status == 403
    assert ask(emulator).json["statistics"]["total"] == 9


def test_an_unknown_control_route_is_told(emulator: Emulator) -> None:
    assert control(emulator, "PUT", "nonsense", {}).status == 404


def test_the_requests_are_logged_for_tests_to_count(emulator: Emulator, hands: Hands) -> None:
    answer = ask(emulator)

    [seen] = emulator.requests
    assert (seen.route, seen.pool, seen.status, seen.at) == ("statistics", POOL, 200, hands.at)
    assert (seen.access, seen.request_id) == (emulator.access_key.access, answer.headers["X-Request-Id"])
    assert emulator.connections == 1
