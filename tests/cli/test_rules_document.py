"""docs/rules.md and docs/rules.schema.json: what they say of rules is so."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.core.durations import duration_text
from bot.core.rules.model import SHIPPED, AlertRule
from tests.running import environment, pool_stats

DOCS = Path(__file__).parent.parent.parent / "docs"
SCHEMA = DOCS / "rules.schema.json"
KINDS = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(AlertRule)[0])}
EXAMPLES = re.findall(r"```yaml test\n(.*?)```", (DOCS / "rules.md").read_text(encoding="utf-8"), re.DOTALL)


class AsWritten(GenerateJsonSchema):
    """Durations as people write them."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:  # noqa: ARG002 - pydantic's signature
        return {"type": "string", "pattern": "^[0-9]{1,9}[smhd]$", "examples": ["90s", "5m", "2h", "1d"]}

    def encode_default(self, dft: Any) -> Any:
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schema() -> dict[str, Any]:
    """What a file of rules may say."""
    made = TypeAdapter(list[AlertRule]).json_schema(schema_generator=AsWritten)
    definitions = made.pop("$defs")
    for each in definitions.values():
        if "kind" in each.get("properties", {}):
            # It has a default where the rule is made by the product, and tells the kinds apart where it is written.
            each["required"] = ["name", "kind", *(key for key in each["required"] if key not in ("name", "kind"))]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of pool-stats",
        "description": "A list of rules, or a file with the key `rules`.",
        "if": {"type": "array"},
        "then": {"$ref": "#/$defs/rules"},
        "else": {"type": "object", "properties": {"rules": {"$ref": "#/$defs/rules"}}},
        "$defs": {"rules": made, **definitions},
    }


def test_every_example_passes(tmp_path: Path) -> None:
    files = []
    for number, example in enumerate(EXAMPLES):
        files.append(tmp_path / f"example-{number}.yaml")
        files[-1].write_text(example, encoding="utf-8")

    done = pool_stats("test", *map(str, files), env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"{len(EXAMPLES)} files" in done.stdout


def test_every_kind_of_rule_has_an_example_that_is_told_and_one_that_is_not() -> None:
    told, quiet = set(), set()
    for example in map(yaml.safe_load, EXAMPLES):
        rules = example.get("rules") or [rule.model_dump() for rule in SHIPPED]
        kinds = {rule["name"]: rule["kind"] for rule in rules}
        for test in example["tests"]:
            expected = [test.get("alerts", []), *(check["firing"] for check in test.get("expect", []))]
            told |= {kinds[alert["rule"]] for alerts in expected if alerts != "none" for alert in alerts}
            quiet |= set(kinds.values()) if test.get("alerts") == "none" else set()

    assert told == KINDS
    assert quiet == KINDS


def test_every_key_of_a_rule_and_of_a_test_is_explained() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    keys = {key for kind in get_args(get_args(AlertRule)[0]) for key in kind.model_fields}

    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_the_schema_is_that_of_the_rules(request: pytest.FixtureRequest) -> None:
    written = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--update-golden"):
        SCHEMA.write_text(written, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("rule", "valid"),
    [
        pytest.param("{name: x, metric: Queue, kind: spike}", True, id="the shortest"),
        pytest.param("{name: x, metric: Queue, kind: threshold, above: 5, hold_for: 10m}", True, id="with a duration"),
        pytest.param("{name: x, metric: Queue}", False, id="without a kind"),
        pytest.param("{name: x, metric: Queue, kind: threshold}", False, id="a threshold without a limit"),
        pytest.param("{name: x, metric: Queued, kind: spike}", False, id="no status"),
        pytest.param("{name: x, metric: Queue, kind: spike, hold_fr: 1m}", False, id="a typo"),
        pytest.param("{name: x, metric: Queue, kind: spike, hold_for: 1 minute}", False, id="no duration"),
    ],
)
def test_the_schema_says_of_rules_what_the_product_says(rule: str, valid: bool) -> None:
    written = yaml.safe_load(rule)
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    product = TypeAdapter(tuple[AlertRule, ...])

    assert checker.is_valid([written]) is valid
    assert checker.is_valid({"rules": [written], "poll": {"every": "60s"}}) is valid
    if valid:
        product.validate_python([written])
    else:
        with pytest.raises(ValidationError):
            product.validate_python([written])


def test_the_schema_takes_every_rule_of_the_examples() -> None:
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    for example in EXAMPLES:
        checker.validate(yaml.safe_load(example))
