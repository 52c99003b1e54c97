"""What may be written into the configuration? The schemas that editors complete and check by."""

import sys
from pathlib import Path

import bot


def describe(part: str) -> None:
    """Print the JSON Schema of the `configuration`, or of `rules`."""
    sys.stdout.write(_file(part).read_text(encoding="utf-8"))


def _file(part: str) -> Path:
    """Where it lies: with the product where that is installed, among the documents of the sources."""
    product = Path(bot.__file__).parent
    installed = product / "schemas" / f"{part}.schema.json"
    return installed if installed.exists() else product.parent / "docs" / installed.name
