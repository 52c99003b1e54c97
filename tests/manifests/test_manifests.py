"""What runs the bot elsewhere, and what watches it there, speaks of the bot as it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from bot.metrics import Metrics
from bot.settings.environment import SECRETS, SLACK, TEAMS
from bot.settings.reading import read

ROOT = Path(__file__).parent.parent.parent / "manifests"
# What Prometheus itself says of whoever it asks, and what Grafana puts in place of its variables.
OF_PROMETHEUS = {"up"}
WHO_WAS_SCRAPED = {"instance"}
VARIABLES = {"$__rate_interval": "5m", "$pool": ".*"}
# Of the bot's own variables those that are not named after a setting.
OTHERS = {"HUAWEICLOUD_SDK_PROJECT_ID"}


def exposed() -> dict[str, set[str]]:
    """Every sample that the bot can expose, with its labels."""
    found: dict[str, set[str]] = {}
    for metric in Metrics().registry.collect():
        labels = set(metrics_labels(metric.name))
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""])
        found |= {f"{metric.name}{end}": labels | ({"le"} if end == "_bucket" else set()) for end in ends}
    return found


def metrics_labels(name: str) -> tuple[str, ...]:
    made = {each._name: each._labelnames for each in vars(Metrics()).values() if hasattr(each, "_labelnames")}
    return tuple(made[name])


def expressions() -> Iterator[tuple[str, str]]:
    rules = yaml.safe_load((ROOT / "prometheus/pool-stats.rules.yaml").read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        yield rule["alert"], rule["expr"]
    board = json.loads((ROOT / "grafana/pool-stats.json").read_text(encoding="utf-8"))
    for panel in board["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


def parts(expression: Any) -> Iterator[Any]:
    """The parsed expression and everything in it."""
    yield expression
    for name in ("lhs", "rhs", "expr", "args", "param", "vector_selector"):
        inner = getattr(expression, name, None)
        for each in inner if isinstance(inner, list) else [inner]:
            if type(each).__module__ == type(expression).__module__:
                yield from parts(each)


def asked_of(expression: Any) -> Iterator[tuple[str, set[str]]]:
    """Each metric that is asked for, with the labels that are looked at."""
    for part in parts(expression):
        if isinstance(part, promql_parser.VectorSelector):
            yield str(part.name), {matcher.name for matcher in part.matchers.matchers}


@pytest.mark.parametrize(("title", "expression"), list(expressions()), ids=lambda text: text[:40])
def test_what_watches_the_bot_asks_for_what_the_bot_exposes(title: str, expression: str) -> None:
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    parsed = promql_parser.parse(expression)
    asked = list(asked_of(parsed))

    assert asked, title
    for name, labels in asked:
        if name not in OF_PROMETHEUS:
            assert labels <= exposed()[name], name
    for part in parts(parsed):
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            known = WHO_WAS_SCRAPED.union(*(exposed()[name] for name, _ in asked_of(part)))
            assert set(part.modifier.labels) <= known


def test_what_an_alert_rule_counts_is_shown_before_it_happens_so_that_the_first_one_is_a_rise() -> None:
    samples = [sample for metric in Metrics().registry.collect() for sample in metric.samples]
    counted = [
        (str(part.name), matcher)
        for title, expression in expressions()
        if title.startswith("PoolStats")
        for part in parts(promql_parser.parse(expression))
        if isinstance(part, promql_parser.VectorSelector) and str(part.name).endswith("_total")
        for matcher in part.matchers.matchers
        if matcher.op == promql_parser.MatchOp.Re
    ]

    assert counted
    for name, matcher in counted:
        for value in matcher.value.split("|"):
            shown = {
                sample.labels["platform"]
                for sample in samples
                if (name, value) == (sample.name, sample.labels.get("outcome"))
            }
            assert shown == {"slack", "teams"}, (name, value)


def test_no_two_panels_lie_on_each_other() -> None:
    board = json.loads((ROOT / "grafana/pool-stats.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

        assert not taken & cells, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_the_configuration_in_the_cluster_is_valid() -> None:
    read(ROOT / "kubernetes/pool-stats.yaml", {})


def known_variable(name: str) -> bool:
    return name in {*SECRETS, *SLACK, *TEAMS, *OTHERS} or name.startswith("POOL_STATS_")


@pytest.mark.parametrize("file", ["kubernetes/deployment.yaml", "kubernetes-cluster/workers.yaml"])
def test_the_cluster_sets_only_variables_that_the_bot_reads_and_secrets_by_reference(file: str) -> None:
    deployment: Any = next(yaml.safe_load_all((ROOT / file).read_text(encoding="utf-8")))
    for variable in deployment["spec"]["template"]["spec"]["containers"][0]["env"]:
        assert known_variable(variable["name"])
        is_secret = variable["name"] != "POOL_STATS_SCALE__MODE"
        assert set(variable) == {"name", "valueFrom" if is_secret else "value"}


@pytest.mark.parametrize("file", ["kubernetes/deployment.yaml", "kubernetes-cluster/workers.yaml"])
def test_nothing_that_kubernetes_makes_of_the_service_is_taken_for_a_setting(file: str) -> None:
    deployment: Any = next(yaml.safe_load_all((ROOT / file).read_text(encoding="utf-8")))

    assert deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_nobody_is_led_to_a_worker_and_it_asks_only_whom_the_bot_may_ask() -> None:
    folder = ROOT / "kubernetes"
    service: Any = yaml.safe_load((folder / "service.yaml").read_text(encoding="utf-8"))
    allowed: Any = yaml.safe_load((folder / "networkpolicy.yaml").read_text(encoding="utf-8"))
    worker, budget, policy = yaml.safe_load_all((ROOT / "kubernetes-cluster/workers.yaml").read_text(encoding="utf-8"))
    labels = worker["spec"]["template"]["metadata"]["labels"]

    assert not service["spec"]["selector"].items() <= labels.items()
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert policy["spec"].pop("podSelector")["matchLabels"].items() <= labels.items()
    allowed["spec"].pop("podSelector")
    assert policy["spec"] == allowed["spec"]


def test_the_example_of_an_environment_and_what_the_image_sets_are_valid() -> None:
    example = (ROOT / "docker/pool-stats.env.example").read_text(encoding="utf-8")
    image = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
    lines = [line.partition("=") for line in example.splitlines() if "=" in line and not line.startswith("#")]
    environ = {name: value for name, _, value in lines}
    own = dict(re.findall(r"(POOL_STATS_[A-Z_]+|DATABASE_URL)=(\S+)", image))

    assert own
    assert all(known_variable(name) for name in environ)
    found = read(None, {**own, **{name: value for name, value in environ.items() if value}})
    assert found.settings.web.host == "0.0.0.0"  # noqa: S104 - inside a container
    assert found.settings.log.json_lines


def test_everything_that_the_image_is_made_of_is_let_through_to_its_build() -> None:
    ignored = (ROOT / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    image = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
    let_through = {Path(line[1:]) for line in ignored if line.startswith("!")}
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--).*", image, re.MULTILINE)]

    assert "*" in ignored
    assert copied
    for source in (Path(each) for line in copied for each in line):
        assert (ROOT.parent / source).exists(), source
        assert let_through & {source, *source.parents}, source


def test_what_kustomize_builds_on_is_there_and_holds_no_circle() -> None:
    files = sorted(ROOT.glob("kubernetes*/kustomization.yaml"))

    assert [file.parent.name for file in files] == ["kubernetes", "kubernetes-cluster"]
    for file in files:
        said: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        for each in said["resources"]:
            resource = (file.parent / each).resolve()
            assert resource.exists(), each
            # It refuses to build on a folder that holds the one it begins in.
            assert resource not in file.resolve().parents
