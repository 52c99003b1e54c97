"""How does text from outside appear in an error: short, on one line, without characters that mislead?"""

import unicodedata

_LIMIT = 80


def shown(text: str, *, limit: int = _LIMIT, quoted: bool = True) -> str:
    """`text` cut to `limit`, without control and direction characters, in quotes unless told otherwise."""
    visible = "".join(_visible(character) for character in text[: 4 * limit])
    clean = " ".join(visible.split())
    if len(clean) > limit or len(text) > 4 * limit:
        clean = f"{clean[: limit - 1]}…"
    return f"'{clean}'" if quoted else clean


def _visible(character: str) -> str:
    # Categories C*: control, format (right-to-left marks among them), surrogate, private use, unassigned.
    return " " if unicodedata.category(character)[0] == "C" else character
