"""Any message at all, with a taste for what hurts."""

from datetime import UTC

from hypothesis import strategies as st

from bot.messages.model import (
    Bold,
    Button,
    Call,
    Chart,
    Code,
    Facts,
    Footnote,
    Link,
    Look,
    Message,
    Paragraph,
    Series,
    Table,
    Tone,
    Verb,
    When,
)

NASTY = (
    "<!channel>", "<@U012ABC>", "&amp;", "&", "<", ">", "*bold*", "_x_", "~x~", "`code`", "```", ":tada:", "@here",
    "\x00", "\x1b[31m", "\u202e", "\ud800", "资源池", "🚀", "a" * 90, "<https://evil.example|click>", "> quote", " ",
    "\n", "|", "\t",
)  # fmt: skip

texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=8).map("".join) | st.integers(0, 9000).map(
    lambda n: "&<>"[n % 3] * n
)
CALLED = ("U0123ABCD", "S0123ABCD", "@here", "wei@example.com")
moments = st.datetimes(timezones=st.just(UTC))
spans = st.lists(
    texts
    | st.builds(Bold, texts)
    | st.builds(Code, texts)
    | st.builds(
        Link, texts, texts | st.just("https://example.org/a|b>c?d=<e>&f") | texts.map("https://example.org/".__add__)
    )
    | st.builds(When, moments)
    | st.builds(Call, st.sampled_from(["slack", "teams"]), texts | st.sampled_from(CALLED), texts),
    max_size=6,
).map(tuple)
cells = st.none() | st.integers() | st.integers(0, 10**9) | texts
numbers = st.none() | st.floats() | st.integers(0, 1000).map(float)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(0, 25))
    some = draw(st.lists(st.lists(cells, min_size=width, max_size=width).map(tuple), max_size=3))
    times = draw(st.sampled_from([1, 1, 1, 60]))
    return Table(draw(texts), tuple(draw(st.lists(texts, min_size=width, max_size=width))), tuple(some * times))


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    width = draw(st.sampled_from([0, 1, 2, 7, 20, 21, 61, 300]))
    base = draw(st.lists(numbers, min_size=1, max_size=5))
    series = tuple(
        Series(draw(texts), tuple(base[(i * 7 + n) % len(base)] for i in range(width)))
        for n in range(draw(st.sampled_from([0, 1, 3, 12, 14])))
    )
    label = draw(texts)
    labels = tuple(label if draw(st.booleans()) else f"{label}{i}" for i in range(min(width, 3)))
    return Chart(draw(texts), labels + tuple(str(i) for i in range(width - len(labels))), series, draw(texts))


blocks = (
    st.builds(Paragraph, spans)
    | st.builds(Facts, st.lists(st.tuples(texts, spans), max_size=12).map(tuple))
    | tables()
    | charts()
    | st.builds(Footnote, spans)
)
buttons = st.builds(Button, texts, st.sampled_from(Verb), texts, st.sampled_from(Look))
messages = st.builds(
    Message,
    texts,
    texts,
    st.sampled_from(Tone),
    st.lists(blocks, max_size=5).flatmap(lambda some: st.sampled_from([tuple(some), tuple(some * 15)])),
    st.lists(buttons, max_size=4).flatmap(lambda some: st.sampled_from([tuple(some), tuple(some * 20)])),
)
