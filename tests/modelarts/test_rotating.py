"""Credentials that are exchanged while the bot asks: nothing is lost, nothing is refused for long, nothing is shown."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.emulator import AccessKey, Emulator, Engine
from bot.modelarts.client import ModelArts
from bot.modelarts.credentials import Keys, Login, read_file
from bot.modelarts.errors import BadCredentials
from bot.modelarts.rotating import Rotating
from tests.modelarts.stub import NOON, Hands
from tests.modelarts.test_against_the_stand_in import client

OLD = AccessKey("OLDKEY00000000000001", "old-secret-0000000000000000000000000001")
NEW = AccessKey("NEWKEY00000000000002", "new-secret-0000000000000000000000000002")


@pytest.fixture
def emulator(hands: Hands) -> Iterator[Emulator]:
    with Emulator(Engine(clock=hands.wall), wall_clock=hands.wall, keys=[OLD]) as running:
        running.set_counts("train-a100", {"train": {"Queue": 3}})
        yield running


def write(file: Path, key: AccessKey) -> None:
    """Put the key where it is read from, as whoever rotates it does: a new file takes the place of the old."""
    made = file.with_suffix(".new")
    made.write_text(f"[basic]\nak = {key.access}\nsk = {key.secret}\n")
    made.replace(file)


def rotating(file: Path, hands: Hands) -> Rotating:
    return Rotating(read_file(file).keys, lambda: read_file(file).keys, [file], monotonic=hands.monotonic)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "credentials"
    write(made, OLD)
    return made


def forbid(emulator: Emulator, key: AccessKey) -> None:
    """The key was deleted."""
    emulator.access.add_key(AccessKey(key.access, "of-somebody-else-entirely-000000000003"))


def queue(modelarts: ModelArts) -> int:
    return modelarts.pool_stats("train-a100", now=NOON).jobs


def test_a_file_that_was_exchanged_is_read_before_the_next_question(
    emulator: Emulator, hands: Hands, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with client(emulator, hands, rotating(file, hands)) as modelarts:
        assert queue(modelarts) == 3
        write(file, NEW)
        emulator.access.add_key(NEW)
        forbid(emulator, OLD)
        hands.elapsed += 2
        assert queue(modelarts) == 3

    assert "were exchanged" in caplog.text
    assert not any(record.levelno >= logging.WARNING for record in caplog.records)
    assert all(each not in caplog.text for each in (OLD.secret, NEW.secret, OLD.access, NEW.access))


def test_a_key_that_is_refused_just_after_it_was_exchanged_is_no_refusal_that_anybody_hears_of(
    emulator: Emulator, hands: Hands, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with client(emulator, hands, rotating(file, hands)) as modelarts:
        assert queue(modelarts) == 3
        # Within the second in which the file is not looked at again.
        write(file, NEW)
        emulator.access.add_key(NEW)
        forbid(emulator, OLD)
        assert queue(modelarts) == 3

    assert not any(record.levelno >= logging.WARNING for record in caplog.records)


def test_a_new_key_that_comes_late_ends_a_refusal_at_once_and_not_after_five_minutes(
    emulator: Emulator, hands: Hands, file: Path
) -> None:
    with client(emulator, hands, rotating(file, hands)) as modelarts:
        queue(modelarts)
        forbid(emulator, OLD)
        with pytest.raises(BadCredentials):
            queue(modelarts)
        emulator.access.add_key(NEW)
        write(file, NEW)
        hands.elapsed += 2
        assert queue(modelarts) == 3


def test_only_the_secret_of_a_key_may_change(emulator: Emulator, hands: Hands, file: Path) -> None:
    other = AccessKey(OLD.access, NEW.secret)
    with client(emulator, hands, rotating(file, hands)) as modelarts:
        queue(modelarts)
        emulator.access.add_key(other)
        with pytest.raises(BadCredentials):
            queue(modelarts)
        write(file, other)
        modelarts.renew_credentials()
        assert queue(modelarts) == 3


def test_a_file_that_is_half_written_or_gone_changes_nothing_and_is_told_once(
    emulator: Emulator, hands: Hands, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with client(emulator, hands, rotating(file, hands)) as modelarts:
        for broken in ("[basic]\nak = HALF", "", None):
            if broken is None:
                file.unlink()
            else:
                file.write_text(broken)
            for _ in range(3):
                hands.elapsed += 2
                assert queue(modelarts) == 3
        write(file, NEW)
        emulator.access.add_key(NEW)
        hands.elapsed += 2
        assert queue(modelarts) == 3

    told = [record.getMessage() for record in caplog.records if "stay in use" in record.getMessage()]
    assert len(told) == 3
    assert "HALF" not in caplog.text


def test_a_password_that_was_exchanged_gets_the_next_token(hands: Hands) -> None:
    with Emulator(Engine(clock=hands.wall), wall_clock=hands.wall) as emulator:
        emulator.set_counts("train-a100", {"train": {"Queue": 3}})
        user = emulator.user
        before, after = (Login(user.name, password, user.domain) for password in ("of-yesterday", user.password))
        source = Rotating(before, lambda: after, [Path("/nowhere")], monotonic=hands.monotonic)
        with client(emulator, hands, source, read_timeout=timedelta(seconds=2)) as modelarts:
            assert queue(modelarts) == 3


def test_credentials_from_the_environment_stay_as_they_are() -> None:
    keys = Keys("AK", "SK")

    assert Rotating(keys).renewed() is keys
    assert not Rotating(keys).can_change
