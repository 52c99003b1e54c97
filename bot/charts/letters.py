"""In which language are the words in a picture?"""

from functools import cache

from bot.core.language import Language

# Letters without which little can be said in a language; a font that has them has the others too.
_NEEDED = {Language.ENGLISH: "", Language.CHINESE: "作业排队运行失败最近高低峰值阈值，。：；、"}


@cache
def pictured(spoken: Language) -> Language:
    """The spoken one where its letters can be drawn on this machine, else English."""
    letters = _NEEDED[spoken]
    if not letters:
        return spoken
    # matplotlib takes most of a second to come.
    from bot.charts.fonts import BOX, drawable  # noqa: PLC0415 - see above

    return Language.ENGLISH if BOX in drawable(letters) else spoken
