"""What gets into the log, and what never does."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.logs import Troubles, set_up

SECRET = "xoxb-very-secret-token"


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger; the set-up of the others is put back in the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield logging.getLogger("bot.test")
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_secret_is_never_written_whatever_it_comes_in(log: logging.Logger, *, as_json: bool) -> None:
    out = io.StringIO()
    set_up("debug", secrets=[SECRET], as_json=as_json, stream=out)

    log.info("the token %s in an argument", SECRET)
    try:
        int(f"the token {SECRET} in an error")
    except ValueError:
        log.exception("it failed")

    assert SECRET not in out.getvalue()
    assert out.getvalue().count("…") >= 2


@pytest.mark.parametrize("hostile", ["a\nERROR forged", "a\r\nb", "\x1b[2J", "\u202egnp", "a\u2028b"])
def test_what_comes_from_outside_cannot_forge_a_line_or_steer_a_terminal(log: logging.Logger, hostile: str) -> None:
    out = io.StringIO()
    set_up("info", secrets=(), stream=out)

    log.info("pool %s", hostile)

    assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().rstrip("\n").isprintable()


def test_the_text_of_an_error_cannot_forge_a_line_either(log: logging.Logger) -> None:
    out = io.StringIO()
    set_up("info", secrets=(), stream=out)

    log.error("it failed", exc_info=ValueError("no\n2026-01-01 00:00:00,000 INFO bot: forged\x1b[2J"))

    first, *rest = out.getvalue().rstrip("\n").split("\n")
    assert first.endswith("it failed")
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    assert any("forged" in line for line in rest)


def test_lines_of_json_hold_one_object_each(log: logging.Logger) -> None:
    out = io.StringIO()
    set_up("info", secrets=(), as_json=True, stream=out)

    log.warning("pool %s", "训练池")

    line = json.loads(out.getvalue())
    assert (line["level"], line["logger"], line["message"]) == ("warning", "bot.test", "pool 训练池")


def test_what_nobody_caught_in_a_thread_is_one_line_of_json_without_secrets() -> None:
    program = f"""
import threading, warnings
from bot import logs
logs.set_up("info", secrets=["{SECRET}"], as_json=True)
logs.catch()
warnings.warn("odd\\nlines", stacklevel=1)
def fail():
    raise ValueError("with {SECRET}\\nin it")
thread = threading.Thread(target=fail, name="reader")
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in lines] == ["warning", "error"]
    assert lines[1]["message"] == "the thread reader ended with an error"
    assert "ValueError" in lines[1]["error"]
    assert SECRET not in done.stderr


def test_there_is_no_other_level() -> None:
    with pytest.raises(ValueError, match="no log level 'loud'"):
        set_up("loud", secrets=())


def test_a_trouble_is_told_when_it_begins_and_when_it_is_over_for_everyone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    troubles = Troubles(logging.getLogger("bot.test"))

    for by in ("poll", "deliver", "poll"):
        troubles.begin("database", "StoreBusy", "the database is locked", by=by)
    troubles.over("poll")
    assert troubles.standing == {"database": "the database is locked"}
    troubles.over("deliver")

    assert troubles.standing == {}
    assert [record.getMessage() for record in caplog.records] == [
        "the database is locked; this will be tried again", "no longer so: the database is locked",
    ]  # fmt: skip


def test_a_trouble_about_one_thing_is_not_over_because_another_went_well() -> None:
    troubles = Troubles(logging.getLogger("bot.test"))
    troubles.begin("pools", "Unavailable", "503", by="pools")

    troubles.over("pools", about="database")

    assert troubles.standing == {"pools": "503"}
