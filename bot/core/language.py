"""In which language is something said, and how is a sentence said in it?

A sentence is written in English where it is said, with names for what varies, and looked up in the catalogue of the
language that is spoken just then (GNU gettext: bot/locales)::

    _("{pool} is gone", pool=named(pool))
    _n("{number} job waits", "{number} jobs wait", number)

`speaking` sets the language for all that is said within it, in this thread alone. Without it, and where the catalogue
has a gap, it is English. A value is put into the finished sentence and never looked into, whatever it contains.
"""

import gettext
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "bot"
LOCALES: Final = Path(__file__).parent.parent / "locales"
_WEIGHT: Final = re.compile(r"[01](\.[0-9]{0,3})?")
_LONGEST_HEADER: Final = 500


class Language(StrEnum):
    """A language that the bot speaks, as BCP 47 tags it."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Languages:
    """Which language is spoken to many at once, and to whom nothing else is known of.

    Attributes:
        usual: As a rule.
        at: In single places, such as slack:#ml-cn.
    """

    usual: Language = Language.ENGLISH
    at: Mapping[str, Language] = field(default_factory=dict)

    def of(self, place: str) -> Language:
        """The one that is spoken in `place`."""
        return self.at.get(place, self.usual)


_ENGLISH: Final = Languages()
_spoken: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)
_languages: ContextVar[Languages] = ContextVar("languages", default=_ENGLISH)


@contextmanager
def speaking(language: Language, languages: Languages | None = None) -> Iterator[None]:
    """Say everything within in `language`; `languages`, where given, is what `speaking_at` goes by within."""
    before = _spoken.set(language)
    before_at = None if languages is None else _languages.set(languages)
    try:
        yield
    finally:
        _spoken.reset(before)
        if before_at is not None:
            _languages.reset(before_at)


@contextmanager
def speaking_at(place: str) -> Iterator[None]:
    """Say everything within in the language of `place`, whoever brought it about."""
    with speaking(_languages.get().of(place)):
        yield


def spoken_language() -> Language:
    """What is spoken just now."""
    return _spoken.get()


def language_of(locale: str) -> Language | None:
    """The language of a locale such as zh-CN, en_US or zh-Hans-SG; `None` where the bot does not speak it.

    Traditional Chinese is not Simplified Chinese written otherwise, and is not answered in it.
    """
    parts = locale.replace("_", "-").casefold().split("-")
    if parts[0] == "en":
        return Language.ENGLISH
    if parts[0] == "zh" and not {"tw", "hk", "mo", "hant"} & set(parts[1:]):
        return Language.CHINESE
    return None


def preferred(accepted: str) -> Language | None:
    """The language that a browser would rather have (RFC 9110, Accept-Language), of those that the bot speaks."""
    wanted: list[tuple[float, Language]] = []
    for each in accepted[:_LONGEST_HEADER].split(","):
        tag, *parameters = (part.strip() for part in each.split(";"))
        weight = next((part[2:] for part in parameters if part.casefold().startswith("q=")), "1")
        language = language_of(tag)
        if language is not None and _WEIGHT.fullmatch(weight) and float(weight) > 0:
            wanted.append((float(weight), language))
    return max(wanted, key=lambda each: each[0])[1] if wanted else None


def template(message: str) -> str:
    """`message` in the language that is spoken, its names still in braces."""
    return _catalogue(_spoken.get()).gettext(message)


def _(message: str, /, **values: object) -> str:
    """`message` in the language that is spoken, with its values."""
    return template(message).format(**values)


def _n(one: str, many: str, number: int, /, **values: object) -> str:
    """What is said of one thing, or of many; `{number}` is how many."""
    return _catalogue(_spoken.get()).ngettext(one, many, number).format(number=number, **values)


def N_(message: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """`message` itself, for the catalogue: it is said later, by `_`."""
    return message


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, [language.replace("-", "_")], fallback=True)
