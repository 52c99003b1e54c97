"""Run unit tests of rules."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.cli.failing import WRONG_USE, Failure
from bot.core.rules.model import SHIPPED, AlertRule
from bot.replay.suite import Place, Suite, mistakes
from bot.replay.trial import differences
from bot.settings.file import read_file
from bot.settings.keys import models_at
from bot.settings.problems import ConfigError, Problem
from bot.settings.reading import read_rules

# What pydantic puts into a path where a key itself is wrong; the file has no such part.
_WRONG_KEY = "[key]"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    suite: Suite
    rules: Sequence[AlertRule]


def test(paths: Sequence[Path]) -> None:
    """Run the tests of all files; a `Failure` of status 1 where something is not as expected."""
    problems: list[Problem] = []
    files = [file for path in paths if (file := _read(path, problems)) is not None]
    if problems:
        raise Failure([str(problem) for problem in problems], status=WRONG_USE)
    passed = failed = 0
    for file in files:
        print(f"{file.path}")  # noqa: T201 - standard output is the answer
        for each in file.suite.tests:
            found = list(differences(each, file.suite, file.rules))
            print(f"  {'FAIL' if found else 'ok  '}  {each.name}")  # noqa: T201 - standard output is the answer
            for difference in found:
                print(f"        {difference.where}:")  # noqa: T201 - standard output is the answer
                for line in difference.lines:
                    print(f"          {line}")  # noqa: T201 - standard output is the answer
            passed, failed = passed + (not found), failed + bool(found)
    print(f"{_number(len(files), 'file')}, {_number(passed + failed, 'test')}: {passed} passed, {failed} failed")  # noqa: T201 - standard output is the answer
    if failed:
        # What differs has been shown.
        raise Failure([])


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _read(path: Path, problems: list[Problem]) -> _File | None:
    """The file and its rules; what is wrong with it is added to `problems`."""
    before = len(problems)
    written, lines = read_file(path, problems)
    if len(problems) > before:
        return None
    try:
        suite = Suite.model_validate(written)
        rules = _rules(path, suite)
    except ConfigError as error:
        problems.extend(error.problems)
        return None
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            at = tuple(part for part in each["loc"] if part != _WRONG_KEY)
            said = _unknown(at) if each["type"] == "extra_forbidden" else _told(each["msg"])
            problems.append(Problem(_place(path, lines, at), said))
        return None
    problems.extend(Problem(_place(path, lines, at), said) for at, said in mistakes(suite, rules))
    return _File(path, suite, rules)


def _rules(path: Path, suite: Suite) -> Sequence[AlertRule]:
    """The rules to try: those of the file, of the file it names, else the shipped ones."""
    if suite.rules is not None:
        return read_rules(path)
    return SHIPPED if suite.rules_file is None else read_rules(path.parent / suite.rules_file)


def _told(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _unknown(at: Place) -> str:
    known = sorted({name for model in models_at(Suite, at[:-1]) for name in model.model_fields})
    near = difflib.get_close_matches(str(at[-1]), known, n=1, cutoff=0.0)
    return f"unknown key {str(at[-1])!r}" + (f"; the nearest known key is {near[0]!r}" if near else "")


def _place(path: Path, lines: Mapping[Place, int], at: Place) -> str:
    """The file, the line, and the keys that lead there."""
    keys = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    line = next((lines[at[:end]] for end in range(len(at), -1, -1) if at[:end] in lines), 1)
    return f"{path}:{line} {keys}".rstrip()
