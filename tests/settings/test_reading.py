"""The configuration: where values come from, and what is said about wrong ones."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.routes import Place
from bot.core.rules.model import SHIPPED
from bot.settings.problems import ConfigError
from bot.settings.reading import Configured, read, read_rules


def written(tmp_path: Path, text: str) -> Path:
    """A configuration file."""
    path = tmp_path / "pool-stats.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path | None, environ: dict[str, str] | None = None) -> list[str]:
    """What is said to be wrong, without the folder."""
    with pytest.raises(ConfigError) as caught:
        read(path, environ or {})
    return [str(problem).replace(f"{path.parent}/" if path else "", "") for problem in caught.value.problems]


def from_env(**environ: str) -> Configured:
    """The configuration of an environment alone."""
    return read(None, environ)


def test_without_anything_the_shipped_rules_watch_every_pool_every_minute() -> None:
    settings = from_env().settings

    assert (settings.rules, settings.modelarts.pools, settings.poll.every) == (SHIPPED, "all", timedelta(minutes=1))


def test_the_contracts_example_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
modelarts: {region: cn-north-4, project_id: 0123456789abcdef0123456789abcdef, pools: all, max_rate: 10}
poll: {every: 60s}
slack: {mode: socket}
teams: {mode: "off"}
web: {host: 127.0.0.1, port: 8080}
rules:
  - {name: queue spike, metric: Queue, kind: spike, severity: warning}
  - {name: failures spike, metric: Failed, kind: spike, severity: critical}
  - {name: long queue, metric: Queue, kind: threshold, above: 50, clear_below: 40, hold_for: 10m,
     pools: ["train-*"], types: [train]}
routes:
  - {match: {severity: critical}, to: ["slack:#ml-oncall"]}
  - {to: ["slack:#ml-platform", "teams:ML Platform/Alerts"]}
digests:
  - {to: ["slack:#ml-platform"], cron: "0 9 * * mon-fri", timezone: Asia/Shanghai, pools: all}
access: {admins: ["slack:U1"], pools: [{pools: ["research-*"], channels: ["slack:C1"]}]}
""",
    )

    settings = read(path, {}).settings

    assert [rule.name for rule in settings.rules] == ["queue spike", "failures spike", "long queue"]
    assert settings.routes[1].to == (Place("slack", "#ml-platform"), Place("teams", "ML Platform/Alerts"))


def test_every_scalar_can_be_overridden_from_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "poll: {every: 60s, workers: 2}\nslack: {mode: off}\n")

    settings = read(path, {"POOL_STATS_POLL__EVERY": "1s", "POOL_STATS_MODELARTS__POOLS": "a, b-*"}).settings

    assert (settings.poll.every, settings.poll.workers) == (timedelta(seconds=1), 2)
    assert settings.modelarts.pools == ("a", "b-*")
    assert settings.slack.mode == "off"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("POOL_STATS_POL__EVERY", "unknown key 'pol'; the nearest known key is 'poll'"),
        ("POOL_STATS_POLL__EVRY", "unknown key 'evry'; the nearest known key is 'every'"),
        ("POOL_STATS_RUTES", "unknown key 'rutes'; the nearest known key is 'routes'"),
    ],
)
def test_an_unknown_variable_names_the_nearest_known_key(name: str, said: str) -> None:
    assert problems(None, {name: "5s"}) == [f"{name}: {said}"]


def test_a_whole_list_can_come_from_the_environment() -> None:
    config = from_env(POOL_STATS_ROUTES='[{"to": ["slack:#ops"]}]')

    assert config.settings.routes[0].to == (Place("slack", "#ops"),)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "poll: {every: 5s}\n")

    assert read(None, {"POOL_STATS_CONFIG": str(path)}).settings.poll.every == timedelta(seconds=5)


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """poll: {evry: 60s}
web: {port: 99999}
rules:
  - {name: a, metric: Queue, kind: threshold, above: -5}
  - {name: A, metric: Queue, kind: spike}
digests:
  - {to: ["slack:#x"], cron: "0 0 31 2 *"}
""",
    )

    assert problems(path, {"POOL_STATS_POLL__WORKER": "3"}) == [
        "POOL_STATS_POLL__WORKER: unknown key 'worker'; the nearest known key is 'workers'",
        "pool-stats.yaml:1 poll.evry: unknown key 'evry'; the nearest known key is 'every'",
        "pool-stats.yaml:2 web.port: input should be less than or equal to 65535",
        "pool-stats.yaml:4 rules[0].above: input should be greater than or equal to 0",
        "pool-stats.yaml:7 digests[0]: '0 0 31 2 *' never comes: month 2 has no day 31",
        "pool-stats.yaml:5 rules[1].name: another rule is called 'A': every rule needs its own name",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("poll: {every: 60s", "is not YAML", id="no YAML"),
        pytest.param("- a\n- b\n", "must be a list of keys", id="a list"),
        pytest.param("poll: {every: 1s}\npoll: {every: 2s}\n", "'poll' stands here twice", id="a key twice"),
        pytest.param("poll: {every: 0s}\n", "must be at least 1s", id="too often"),
        pytest.param("modelarts: {endpoint: 'http://example.com'}\n", "plain http is only for this machine", id="http"),
        pytest.param("modelarts: {endpoint: 'https://me:x@a.b'}\n", "holds a name or a password", id="a password"),
        pytest.param("routes: [{to: ['ops']}]\n", "write slack:#channel", id="a channel without platform"),
        pytest.param(
            "rules: [{name: x, metric: Queue, kind: threshold, above: 5, clear_below: 9}]\n",
            "must not be larger",
            id="limits in the wrong order",
        ),
        pytest.param(
            "rules: [{name: x, metric: Queue, kind: magic}]\n",
            "does not match any of the expected tags",
            id="no such kind",
        ),
        pytest.param(
            "rules: [{name: x, metric: Queue, kind: ratio, to: Failed, above: 2}]\n",
            "pool-stats.yaml:1 rules[0].to: jobs that are Failed have ended",
            id="a level beside an amount",
        ),
        pytest.param(
            "rules: [{name: x, metric: Running, kind: stuck}]\n",
            "pool-stats.yaml:1 rules[0].metric: jobs that are Running do not wait to start",
            id="what does not wait",
        ),
        pytest.param(
            "rules: [{name: x, kind: absent, types: [train]}]\n",
            "pool-stats.yaml:1 rules[0]: a reading is of all types",
            id="a reading of one type",
        ),
        pytest.param(
            "rules: [{name: x, kind: absent, after: 30d}]\n",
            "pool-stats.yaml:1 rules[0].after: it must be from 1s to 7d",
            id="longer than is remembered",
        ),
        pytest.param(
            "rules: [{name: x, kind: stuck, aftr: 5m}]\n",
            "pool-stats.yaml:1 rules[0].aftr: unknown key",
            id="a typo in a rule",
        ),
        pytest.param(
            "teams: {openid_metadata_url: 'https://example.com'}\n",
            "must be an address of this machine",
            id="a foreign issuer",
        ),
        pytest.param("!!python/object/apply:os.system ['true']\n", "", id="code"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_clear_sentence(tmp_path: Path, text: str, said: str) -> None:
    told = problems(written(tmp_path, text))

    assert any(said in problem for problem in told)
    assert all("\n" not in problem for problem in told)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == ["none.yaml: cannot be read: there is no such file"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-from-a-file\n")

    config = from_env(SLACK_BOT_TOKEN_FILE=str(tmp_path / "token"), HUAWEICLOUD_SDK_SK_FILE=str(tmp_path / "token"))

    assert config.slack.bot_token is not None
    assert config.slack.bot_token.get_secret_value() == "xoxb-from-a-file"
    assert config.environ["HUAWEICLOUD_SDK_SK"] == "xoxb-from-a-file"


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x")

    told = problems(None, {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")})

    assert told == ["SLACK_BOT_TOKEN_FILE: SLACK_BOT_TOKEN is set as well: set one of the two"]


def test_what_kubernetes_says_of_its_services_is_no_setting() -> None:
    of_services = {
        "POOL_STATS_SERVICE_HOST": "10.0.0.1",
        "POOL_STATS_SERVICE_PORT": "80",
        "POOL_STATS_SERVICE_PORT_HTTP": "80",
        "POOL_STATS_PORT": "tcp://10.0.0.1:80",
        "POOL_STATS_PORT_80_TCP": "tcp://10.0.0.1:80",
        "POOL_STATS_PORT_80_TCP_ADDR": "10.0.0.1",
        "POOL_STATS_DB_PORT": "tcp://10.0.0.2:5432",
        "POOL_STATS_DB_SERVICE_HOST": "10.0.0.2",
    }

    assert from_env(**of_services).settings == from_env().settings
    with pytest.raises(ConfigError, match="POOL_STATS_WEB_PORT"):
        from_env(POOL_STATS_WEB_PORT="8081")


def test_no_secret_is_shown() -> None:
    secret = "a-secret-nobody-may-see"
    config = from_env(
        SLACK_BOT_TOKEN=secret,
        SLACK_SIGNING_SECRET=secret,
        CLIENT_SECRET=secret,
        HUAWEICLOUD_SDK_SK=secret,
        DATABASE_URL=f"postgresql://u:{secret}@h/d",
        POOL_STATS_MODELARTS__IAM_PASSWORD=secret,
    )

    assert secret not in repr(config)
    assert secret in set(config.secrets())


def test_a_secret_in_an_address_is_known_as_others_write_it() -> None:
    config = from_env(
        DATABASE_URL="postgresql://someone:p%40ss-word@h:5432/d",
        POOL_STATS_TEAMS__WEBHOOK_URL="https://a.example:443/workflows/1?sig=hush",
    )

    assert {"p%40ss-word", "p@ss-word", "/workflows/1?sig=hush"} <= set(config.secrets())
    assert not {"d", "someone", "h"} & set(config.secrets())


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        pytest.param({}, "off", id="nothing"),
        pytest.param({"SLACK_BOT_TOKEN": "b", "SLACK_APP_TOKEN": "a"}, "socket", id="an app token"),
        pytest.param({"SLACK_BOT_TOKEN": "b", "SLACK_SIGNING_SECRET": "s"}, "http", id="a signing secret"),
        pytest.param(
            {"SLACK_BOT_TOKEN": "b", "SLACK_APP_TOKEN": "a", "POOL_STATS_SLACK__MODE": "http"}, "http", id="said so"
        ),
    ],
)
def test_without_a_mode_the_secrets_decide_how_slack_reaches_the_bot(environ: dict[str, str], mode: str) -> None:
    assert read(None, environ).slack_mode == mode


def test_rules_are_read_from_a_list_or_from_a_configuration(tmp_path: Path) -> None:
    rule = "{name: x, metric: Queue, kind: threshold, above: 5}"
    bare = written(tmp_path, f"- {rule}\n")
    found = read_rules(bare)
    bare.write_text(f"rules: [{rule}]\npoll: {{every: 1s}}\n")

    assert found == read_rules(bare)
    assert found[0].name == "x"
