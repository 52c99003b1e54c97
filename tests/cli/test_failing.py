"""How an error is told at the terminal."""

from pathlib import Path

from bot.cli.failing import Failure, told

HUSH = "a-secret-nobody-may-see"


def test_what_nobody_foresaw_is_told_without_the_secrets_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{HUSH}-in-a-file\n")
    environ = {
        "HUAWEICLOUD_SDK_SK": HUSH,
        "DATABASE_URL": "postgresql://u:pass-word@h/d",
        "SLACK_BOT_TOKEN_FILE": str(tmp_path / "token"),
    }
    error = OSError(f"{HUSH} and pass-word and {HUSH}-in-a-file\nin two lines")

    assert told(error, environ) == "this should not have happened (OSError): … and … and … in two lines"
    # Where the configuration is wrong, the plain variables are known all the same.
    assert HUSH not in told(error, environ | {"POOL_STATS_POLL__EVRY": "5s"})


def test_what_we_say_ourselves_is_told_as_it_is() -> None:
    assert told(Failure("set it right"), {}) == "set it right"
