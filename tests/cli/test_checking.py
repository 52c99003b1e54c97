"""What `pool-stats check` makes of configurations that work, though not as one may think."""

from pathlib import Path

from tests.running import pool_stats


def checked(env: dict[str, str], tmp_path: Path, text: str) -> str:
    """What is said of a configuration that is valid."""
    path = tmp_path / "pool-stats.yaml"
    path.write_text(text, encoding="utf-8")
    done = pool_stats(
        "check", "--config", str(path), env=env | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_route_to_teams_is_valid_and_said_to_wait(env: dict[str, str], tmp_path: Path) -> None:
    said = checked(
        env, tmp_path, 'routes: [{to: ["slack:#ml-platform", "teams:ML Platform/Alerts"]}]\nteams: {mode: "off"}\n'
    )

    assert "note: this version does not speak to Teams yet; what is for teams:ML Platform/Alerts waits" in said


def test_a_route_that_tells_more_than_access_shows_is_pointed_out(env: dict[str, str], tmp_path: Path) -> None:
    said = checked(
        env,
        tmp_path,
        'routes: [{to: ["slack:#ml-platform"]}]\naccess: {pools: [{pools: ["secret-*"], channels: ["slack:C1"]}]}\n',
    )

    assert "a route may tell slack:#ml-platform of alerts about secret-*" in said
