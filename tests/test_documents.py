"""What the documents say is so."""

import re
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from bot.cli.commands import app
from bot.settings.model import Settings
from bot.settings.reading import read

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_of_a_configuration_is_valid(path: Path, tmp_path: Path) -> None:
    for number, example in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
        written = tmp_path / f"{number}.yaml"
        written.write_text(example, encoding="utf-8")

        assert set(yaml.safe_load(example)) <= set(Settings.model_fields)
        read(written, {})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_that_is_named_exists(path: Path) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined] # it is a group
    for line in re.findall(r"`pool-stats ([a-z][^`]*)`", path.read_text(encoding="utf-8")):
        for each in re.findall(r"[a-z]+", line)[:1]:
            assert each in known, line
            options = {
                option for parameter in known[each].params for option in parameter.opts + parameter.secondary_opts
            }
            if each != "db":
                assert set(re.findall(r"--[a-z-]+", line)) <= options, line


def test_every_key_of_the_configuration_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

    for section, field in Settings.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {})
        assert f"`{section}" in text
        # Of Teams nothing but its mode has a meaning yet.
        assert {key for key in keys if key not in text} == set(), section


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in get_command(app).commands if f"`pool-stats {name}" not in text] == []  # type: ignore[attr-defined]


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    extras = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *chain(*extras), *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=~!]", each)[0] for each in wanted if not each.startswith("types-")}

    assert [name for name in sorted(names) if name not in text] == []


def test_what_the_product_imports_it_asks_for_by_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    named = {re.split(r"[\[<>=~!]", each)[0] for each in wanted}
    # It comes in several packages, some of which need others.
    named |= {f"opentelemetry-{part}" for part in ("api", "proto")}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py")]
    imported = {name for text in sources for name in re.findall(r"^ *(?:import|from) (\w+)", text, re.MULTILINE)}
    packages = packages_distributions()

    for name in imported & set(packages) - {"bot"}:
        assert {each.lower().replace("_", "-") for each in packages[name]} & named, name


def test_the_locks_name_no_index() -> None:
    for lock in (ROOT / folder / "requirements.lock" for folder in (".", "tests", "tests/manifests")):
        text = lock.read_text(encoding="utf-8")
        assert "--index" not in text
        assert "://" not in text
        assert "--hash=sha256:" in text
