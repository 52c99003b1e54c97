"""docs/configuration.schema.json: what editors know of the configuration is what the product takes."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import TypeAdapter

from bot.settings.model import Settings
from bot.settings.problems import ConfigError
from bot.settings.reading import read
from tests.cli.test_rules_document import AsWritten
from tests.running import environment, pool_stats

ROOT = Path(__file__).parent.parent.parent
SCHEMA = ROOT / "docs/configuration.schema.json"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
EXAMPLES = [
    *(found for path in DOCUMENTS for found in re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)),
    (ROOT / "manifests/kubernetes/pool-stats.yaml").read_text("utf-8"),
]
# What is one text in the file, and more in the product.
_TEXTS = {"Place": "^(slack|teams):.+", "Person": ".+"}
_HOUR = {"type": ["string", "integer"], "description": "An hour of the day, such as 22:00."}


def schema() -> dict[str, Any]:
    """What the file may say."""
    made = TypeAdapter(Settings).json_schema(schema_generator=AsWritten)
    definitions = made["$defs"]
    for name, pattern in _TEXTS.items():
        definitions[name] = {"type": "string", "pattern": pattern, "description": definitions[name]["description"]}
    for name, each in [*definitions.items(), ("Settings", made)]:
        if "kind" in each.get("properties", {}):
            each["required"] = ["name", "kind", *(key for key in each["required"] if key not in ("name", "kind"))]
        elif name != "PublisherSettings":
            for key, value in each.get("properties", {}).items():
                each["properties"][key] = _written(key, value)
    quiet = definitions["QuietSettings"]["properties"]
    quiet["from"] = quiet["to"] = _HOUR
    about = "See docs/configuration.md; docs/rules.schema.json is the part about rules."
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The configuration of pool-stats"}
    return {**head, **{key: value for key, value in made.items() if key != "title"}, "description": about}


def _written(key: str, value: dict[str, Any]) -> dict[str, Any]:
    """A key as people may write it: one for a list of one, `a, b` for a list of texts, `off` as YAML reads it."""
    kept = {name: value[name] for name in ("default", "title", "description") if name in value}
    shape = {name: each for name, each in value.items() if name not in kept}
    shapes = shape["anyOf"] if set(shape) == {"anyOf"} else [shape]
    more: list[dict[str, Any]] = []
    for each in shapes:
        items = each.get("items", {})
        if key == "days":
            more += [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
        elif each.get("type") == "array" and "properties" not in items and key not in {"rules", "routes", "digests"}:
            more += [items if "$ref" in items else {"type": "string"}]
            more += [{"type": "string"}] if items.get("$ref", "").endswith(("Place", "Person", "Severity")) else []
        if "off" in each.get("enum", ()):
            more += [{"const": False}]
    unique = {json.dumps(each): each for each in [*shapes, *more]}
    said: dict[str, Any] = shape if not more else {"anyOf": list(unique.values())}
    return said | kept


def test_the_schema_is_that_of_the_configuration(request: pytest.FixtureRequest) -> None:
    written = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--update-golden"):
        SCHEMA.write_text(written, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(("asked", "part"), [((), "configuration"), (("rules",), "rules")])
def test_the_schema_of_what_is_installed_can_be_had(asked: tuple[str, ...], part: str, tmp_path: Path) -> None:
    done = pool_stats("schema", *asked, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (ROOT / f"docs/{part}.schema.json").read_text(encoding="utf-8")


def test_the_wheel_has_the_schemas_where_they_are_looked_for_and_the_image_is_built_with_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    taken = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    parts = ("configuration", "rules")
    assert taken == {f"docs/{part}.schema.json": f"bot/schemas/{part}.schema.json" for part in parts}
    assert f"COPY {' '.join(taken)} docs/\n" in (ROOT / "manifests/docker/Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_schema_takes_every_example_of_the_documents(example: str) -> None:
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(yaml.safe_load(example))


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        pytest.param("slack: {mode: off}", True, id="off as YAML reads it"),
        pytest.param("routes: [{to: 'slack:#a, slack:#b'}]", True, id="several channels in one text"),
        pytest.param("poll: {every: 90s}", True, id="a duration"),
        pytest.param("poll: {every: 1 minute}", False, id="no duration"),
        pytest.param("pol: {every: 90s}", False, id="no such section"),
        pytest.param("web: {prot: 80}", False, id="a typo"),
        pytest.param("web: {port: 80000}", False, id="too large"),
        pytest.param("rules: [{name: x, metric: Queue}]", False, id="a rule without a kind"),
        pytest.param("routes: [{to: ['ops']}]", False, id="a channel without platform"),
        pytest.param("digests: [{cron: '0 9 * * *'}]", False, id="a digest to nobody"),
    ],
)
def test_the_schema_says_what_the_product_says(written: str, valid: bool, tmp_path: Path) -> None:
    file = tmp_path / "pool-stats.yaml"
    file.write_text(written, encoding="utf-8")

    assert (
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).is_valid(yaml.safe_load(written))
        is valid
    )
    if valid:
        read(file, {})
    else:
        with pytest.raises(ConfigError):
            read(file, {})
