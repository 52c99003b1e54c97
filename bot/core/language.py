"""In which language is something said, and how is a sentence said in it?

A sentence is written in English where it is said, with names for what varies, and looked up in the catalogue of the
language that is spoken just then (GNU gettext: bot/locales)::

    _("{pool} is gone", pool=named(pool))
    _n("{number} job waits", "{number} jobs wait", number)

`speaking` sets the language for all that is said within it, in this thread alone. Without it, and where the catalogue
has a gap, it is English. A value is put into the finished sentence and never looked into, whatever it contains.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "bot"
LOCALES: Final = Path(__file__).parent.parent / "locales"


class Language(StrEnum):
    """A language that the bot speaks, as BCP 47 tags it."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


_spoken: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything within in `language`."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


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
