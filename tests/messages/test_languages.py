"""Is everything that the bot says said in every language that it speaks?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from string import Formatter

import pytest

from bot.core.language import Language, speaking
from bot.core.stats import JobStatus
from bot.messages.examples import EXAMPLES, examples
from bot.messages.model import Attached, Button, Code, Message, When
from bot.slack.blocks import payload
from tests.catalogue import compiled, read, said, sentences, sources, untranslated, updated
from tests.golden_files import Golden

# What stands in the examples as it is in every language: names that people gave, what they typed and what they wrote,
# what is to be typed, and what ModelArts and the configuration call things.
_AS_THEY_ARE = re.compile(
    "|".join(
        [
            r"/pool-(stats|alerts|digest)( (<\w+>|[-\w]+|[*|]))*",
            r"<\w+>|\b(train|infer|lab|gone|ml|user|x-infer|pool)-[-*\w]+",
            r"(Queue|Failed) (spike|above)( (low|high|as critical|\d+|for|10m|in|of)\b)*",
            r"\b(lab|limit)\b[*\d ]*|queue\*",
            "(failures|queue) spike|stuck queue|long queue|no data|crowded|stuck|idle|network upgrade",
            r"new driver( on all nodes)?|bert-pretrain|llama-sft|whisper-asr|detr-coco|li\.wei|research|zzz|train a100",
            r"ML Platform/Alerts|\b(slack|teams|ana|ann|U012ABC|[Ww]ei Zhang|[Ww]ei@example\.com|[Ww]ei)\b",
            r"@\w+|#[-\w]+|/invite\b|log export|pool-stats-log[-\w.]+|seq,at",
            r"\b(train|infer|notebook|Evicted|new|cpu|memory|min|UTC|GiB|Cores|daily|digests|access|rules)\b",
            r"\b(critical|warning|info|silence|test|remove|restore|rule|reason|jobs|chart|why|add|mon-fri)\b",
            "from 22:00 to 04:00",
            r"log export|/invite|ModelArts|Slack|Teams|Huawei Cloud|Notebook|Asia/Shanghai|modelarts[:.]\w+(:\w+)?",
            # What ModelArts itself answered.
            "[Tt]he throttling threshold has been reached: 100 requests in 1 minute|[Vv]erify aksk signature fail",
            # A reason that was kept before reasons could be said in other languages.
            "4 are waiting and none has started for 30 min",
            *JobStatus,
        ]
    )
)
_ENGLISH = re.compile(r"[A-Za-z][a-z]{2,}")

# The messages that people read most.
_ACCEPTED = (
    "alert-firing",
    "alert-firing-critical",
    "alert-resolved",
    "alert-stuck",
    "alerts",
    "chart",
    "digest-against-before",
    "entry-acknowledged",
    "help",
    "incident-firing",
    "jobs",
    "pool-alerting",
    "pools",
    "rules",
    "silences",
    "summary",
    "why",
)


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


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "hostile" not in name])
def test_an_example_in_chinese_has_no_english_left(name: str) -> None:
    assert list(_english(_in_chinese()[name])) == []


@pytest.mark.parametrize("name", _ACCEPTED)
def test_what_is_read_most_is_in_chinese_as_it_was_accepted(name: str, golden: Golden) -> None:
    with speaking(Language.CHINESE):
        golden(payload(_in_chinese()[name]), f"zh/{name}")


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
        case Code() | When() | Attached():
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
