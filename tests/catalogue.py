"""Which sentences does the bot say, and how is each said in other languages? `make catalogue` brings both together.

It extracts what is said through bot/core/language.py, updates every bot/locales/*/LC_MESSAGES/bot.po and compiles it.
There are neither dates nor line numbers in what it writes: the same sentences always give the same files.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.core.language import DOMAIN, LOCALES

ROOT: Final = Path(__file__).parent.parent
# The functions that say a sentence, and how many of their first arguments are forms of it.
KEYWORDS: Final = {"_": 1, "_n": 2, "N_": 1, "spans": 1, "Because": 1}


def sentences() -> Catalog:
    """Every sentence that the code says."""
    found = Catalog(charset="utf-8")
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for sentence in _said_in(path):
            found.add(sentence)
    return found


def _said_in(path: Path) -> Iterator[str | tuple[str, str]]:
    """The sentences of a module, also of those that are said within another one, which Babel's own reader misses."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in KEYWORDS:
            continue
        forms = [each.value for each in node.args[: KEYWORDS[node.func.id]] if isinstance(each, ast.Constant)]
        match forms:
            case [str() as sentence]:
                yield sentence
            case [str() as one, str() as many]:
                yield one, many
            case _:
                pass


def sources() -> list[Path]:
    """The translations that people write."""
    return sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(po: Path) -> Catalog:
    """What stands in a translation.

    Raises:
        babel.messages.pofile.PoFileError: It is not one.
    """
    # Without the dates that it would otherwise get: the compiled file depends on the sentences alone.
    with po.open("rb") as file:
        catalogue = read_po(file, locale=po.parent.parent.name, abort_invalid=True)
    catalogue.creation_date = datetime(2000, 1, 1, tzinfo=UTC)
    catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    return catalogue


def said(catalogue: Catalog) -> Iterator[Message]:
    """The sentences of a catalogue, without its header."""
    return (message for message in catalogue if message.id)


def updated(po: Path, found: Catalog) -> str:
    """The text of a translation with just the sentences of `found`, in the order of their English.

    The head of the file, all before its first empty line, stays as it was written.
    """
    head, _, _ = po.read_text("utf-8").partition("\n\n")
    catalogue = read(po)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    body = BytesIO()
    write_po(body, catalogue, width=120, no_location=True, omit_header=True, sort_output=True)
    return f"{head}\n\n{body.getvalue().decode().strip()}\n"


def compiled(po: Path) -> bytes:
    """What gettext reads."""
    file = BytesIO()
    write_mo(file, read(po))
    return file.getvalue()


def untranslated(po: Path) -> list[str]:
    """The sentences without a translation that somebody stands for."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in said(read(po))
        if message.fuzzy or not message.string or not all(message.string)
    ]


def _main() -> int:
    found = sentences()
    for po in sources():
        po.write_text(updated(po, found), "utf-8")
        po.with_suffix(".mo").write_bytes(compiled(po))
        missing = untranslated(po)
        print(f"{po.relative_to(ROOT)}: {len(list(said(found)))} sentences, {len(missing)} without a translation")  # noqa: T201 - a command's output
        for sentence in missing:
            print(f"  {sentence}")  # noqa: T201 - likewise
    return 0


if __name__ == "__main__":
    sys.exit(_main())
