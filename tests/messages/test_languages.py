"""Is everything that the bot says said in every language that it speaks?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from string import Formatter

import pytest

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.language import Language, speaking
from bot.core.stats import JobStatus
from bot.messages.examples import EXAMPLES, examples
from bot.messages.model import Button, Code, Message, When
from tests.catalogue import compiled, read, said, sentences, sources, untranslated, updated

# Names in the examples: pools, rules, users, channels, jobs, and what a stranger wrote.
_NAMES = (
    "failures spike|queue spike|stuck queue|long queue|no data|crowded|stuck|idle|train-[*\\w]+|infer-[*\\w]+|"
    "lab-?[*\\w]*|research|ML Platform/Alerts|slack:\\S+|teams:\\S+|#[-\\w]+|U012ABC"
)
_COMMANDS = f"({POOL_STATS}|{POOL_ALERTS}|{POOL_DIGEST})[-\\w *]*"
_UNITS = "min|UTC|GiB|Cores"
_PRODUCTS = "ModelArts|Slack|Teams|Huawei Cloud|Notebook|Asia/Shanghai"
_AS_THEY_ARE = re.compile(
    "|".join([_COMMANDS, _NAMES, *(rf"\b(?:{each})\b" for each in (_UNITS, _PRODUCTS, *JobStatus))])
)
_ENGLISH = re.compile(r"[A-Za-z][a-z]{2,}")
# Examples whose wording is not translated yet; this shrinks until it is gone.
NOT_YET = re.compile(".*")


@pytest.mark.skipif(bool(NOT_YET.pattern), reason="not every sentence is translated yet")
@pytest.mark.parametrize("po", sources(), ids=lambda po: po.parent.parent.name)
def test_every_sentence_is_translated_and_none_is_left_of_those_no_longer_said(po: Path) -> None:
    assert untranslated(po) == []
    assert updated(po, sentences()) == po.read_text("utf-8"), "make catalogue was not run"
    assert po.with_suffix(".mo").read_bytes() == compiled(po), "make catalogue was not run"


@pytest.mark.parametrize("po", sources(), ids=lambda po: po.parent.parent.name)
def test_a_translation_has_the_values_of_its_sentence(po: Path) -> None:
    for sentence in said(read(po)):
        english = [_names(each) for each in _forms(sentence.id)]
        assert all(_names(each) == english[-1] for each in _forms(sentence.string) if each), sentence.id
        assert english[0] <= english[-1], sentence.id


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "hostile" not in name and not NOT_YET.fullmatch(name)])
def test_an_example_in_chinese_has_no_english_left(name: str) -> None:
    assert list(_english(_in_chinese()[name])) == []


def test_english_that_is_left_would_be_found() -> None:
    message = Message("排队 16", "Since noon", buttons=())

    assert list(_english(message)) == ["Since noon"]


def _in_chinese() -> dict[str, Message]:
    if not _CHINESE:
        with speaking(Language.CHINESE):
            _CHINESE.update(examples())
    return _CHINESE


_CHINESE: dict[str, Message] = {}


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    """What is said of one thing and of many, or the one form that there is."""
    return [text] if isinstance(text, str) else text or []


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _english(message: Message) -> Iterator[str]:
    """What is said in it with English words in it."""
    return (text for text in _texts(message) if _ENGLISH.search(_AS_THEY_ARE.sub("", text)))


def _texts(part: object) -> Iterator[str]:
    """Every text that a person reads in a part of a message; not what is shown as it is."""
    match part:
        case str():
            yield part
        case Code() | When():
            return
        case Button(label=label):
            yield label
        case tuple():
            for each in part:
                yield from _texts(each)
        case _ if is_dataclass(part):
            for field in fields(part):
                if field.name not in ("kind", "tone", "url"):
                    yield from _texts(getattr(part, field.name))
        case _:
            return
