"""Does every example of docs/stand-ins.md do what it says, against the stand-ins as they are?"""

import re
import shlex
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.emulator.faults import Kind
from bot.emulator.serve import build_engine
from bot.emulator.server import Emulator
from bot.sandbox.faults import Kind as SlackKind
from bot.sandbox.server import Sandbox
from bot.sandbox.teams.stand_in import TeamsStandIn
from tests.running import environment, pool_stats

DOCUMENT = (Path(__file__).parents[2] / "docs/stand-ins.md").read_text(encoding="utf-8")
EXAMPLES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
]


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[dict[str, str]]:
    """All, by the address that the document gives them."""
    with Emulator() as emulator, Sandbox(teams=TeamsStandIn()) as sandbox:
        yield {"http://127.0.0.1:8391/": f"{emulator.url}/", "http://127.0.0.1:8392/": sandbox.url}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_curl_of_the_document_is_accepted(example: str, stand_ins: dict[str, str]) -> None:
    curl, *words = shlex.split(example)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = words[words.index("-d") + 1] if "-d" in words else None
    (address,) = [word for word in words if word.startswith("http://")]
    for documented, real in stand_ins.items():
        address = address.replace(documented, real)

    answer = requests.request(method, address, data=body, timeout=10)

    assert curl == "curl"
    assert ":839" not in address or address.startswith(tuple(stand_ins.values()))
    assert answer.status_code == 200, answer.text


def test_every_fault_is_in_the_document() -> None:
    modelarts, slack = DOCUMENT.split("\n## Slack\n")

    assert [kind.value for kind in Kind if f"`{kind.value}`" not in modelarts] == []
    assert [kind for kind in typing.get_args(SlackKind) if f"`{kind}`" not in slack] == []


def test_the_counts_that_are_exported_are_a_trace(tmp_path: Path) -> None:
    env = environment(tmp_path)
    exported = pool_stats("db", "export", env=env)
    assert exported.returncode == 0, exported.stderr
    header = exported.stdout.splitlines()[0]
    cells = {"timestamp": "2026-03-02T12:00Z", "pool": "p", "type": "train"}
    trace = tmp_path / "trace.csv"
    trace.write_text(f"{header}\n{','.join(cells.get(name, '3') for name in header.split(','))}\n", encoding="utf-8")

    engine = build_engine(trace)

    assert [engine.counts(pool.id)["train"]["Queue"] for pool in engine.pools()] == [3]
