"""What may come from outside? Documents with something wrong in them, and what is no document at all."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

NASTY = (
    "", " ", "\x00", "\x1b[31m", "\u202e", "\ud800", "资源池", "🚀", "<!channel>", "<@U012ABC>", "&amp;", "{0}",
    "{__class__}",
    "%s", "' OR 1=1 --", "../../etc/passwd", "=1+1", "null", "NaN", "1e999", "-1", "٣", "9" * 400, "a" * 5000,
    "[" * 3000,
    "{{DATE(2026-01-01T00:00:00Z)}}", "2026-02-30T25:00:00Z", "-271821-04-20", "http://169.254.169.254/",
    "javascript:1",
)  # fmt: skip

texts = st.sampled_from(NASTY) | st.text(max_size=30)
numbers = (
    st.integers()
    | st.sampled_from([0, -1, 2**31, 2**63, 10**30, 10**400])
    | st.floats()
    | st.sampled_from([float("nan"), float("inf")])
)
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every list or mapping in a document, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        for key in keys:
            found.append((document, key))
            found.extend(_places(document[key]))
    return found


@st.composite
def nearly(draw: st.DrawFn, *examples: Any) -> Any:
    """One of the examples, with up to four of its parts replaced, removed, doubled or made deep."""
    document = deepcopy(draw(st.sampled_from(examples)))
    for _ in range(draw(st.integers(0, 4))):
        places = _places(document)
        if not places:
            break
        inside, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["replaced", "replaced", "removed", "doubled", "deep"])):
            case "removed":
                del inside[key]
            case "doubled" if isinstance(inside, list):
                inside.extend(deepcopy(inside[: draw(st.integers(1, 60))]))
            case "deep":
                inside[key] = [[{"type": inside[key]}]]
            case _:
                inside[key] = draw(anything)
    return document


@st.composite
def spoilt(draw: st.DrawFn, *examples: bytes) -> bytes:
    """The bytes of an example, some of them cut out, repeated or replaced; or any bytes at all."""
    content = draw(st.sampled_from(examples) | st.binary(max_size=200))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = draw(st.binary(max_size=8) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
        content = content[:start] + piece * draw(st.sampled_from([0, 1, 1, 50])) + content[end:]
    return content


@st.composite
def bodies(draw: st.DrawFn, *examples: Any) -> bytes:
    """What may stand in an HTTP body where one of these JSON documents should."""
    whole = json.dumps(draw(nearly(*examples)), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return whole if draw(st.booleans()) else draw(spoilt(whole))
