"""Slack's mrkdwn in, what a reader sees out."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.markup import mrkdwn, plain, text_object
from bot.sandbox.page.names import Names
from tests.sandbox.page.reading import read

NAMES = Names({"U1": "Mei", "UME": "Me"}, {"C1": "ml-platform"}, "UME")


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        pytest.param("*now*", "<b>now</b>", id="bold"),
        pytest.param("_now_", "<i>now</i>", id="italic"),
        pytest.param("~now~", "<s>now</s>", id="strike"),
        pytest.param("*a _b_ c*", "<b>a <i>b</i> c</b>", id="one inside the other"),
        pytest.param("2 * 3 * 4", "2 * 3 * 4", id="stars with spaces are stars"),
        pytest.param("snake_case_name", "snake_case_name", id="underscores inside a word are underscores"),
        pytest.param("`*a*`", "<code>*a*</code>", id="no emphasis in code"),
        pytest.param("*`a`*", "<b><code>a</code></b>", id="code in emphasis"),
        pytest.param("```\na *b*\n```", "<pre><code>a *b*</code></pre>", id="a fence"),
        pytest.param("x\n```a```\ny", "x<pre><code>a</code></pre>y", id="a fence between lines"),
        pytest.param("&gt; a\n&gt; b\nc", "<blockquote>a<br>b</blockquote>c", id="a quotation"),
        pytest.param("a\nb", "a<br>b", id="a line break"),
        pytest.param("&amp; &lt;b&gt;", "&amp; &lt;b&gt;", id="entities"),
        pytest.param("&amp;amp; &amp;lt;", "&amp;amp; &amp;lt;", id="entities are read once"),
        pytest.param(":nonesuch:", ":nonesuch:", id="an unknown emoji stays as it was written"),
        pytest.param("at 10:30:45", "at 10:30:45", id="a time is no emoji"),
    ],
)
def test_mrkdwn(written: str, drawn: str) -> None:
    assert mrkdwn(written, NAMES) == drawn


def test_an_emoji_is_a_picture_with_a_name() -> None:
    picture = read(mrkdwn("done :white_check_mark:", NAMES)).one("span", class_="emoji")

    assert picture.text == "✅"
    assert picture.attributes["aria-label"] == "white check mark"


def test_a_link_opens_beside_the_page_and_learns_nothing_of_it() -> None:
    link = read(mrkdwn("<https://example.com/?a=1&amp;b=2|the *docs*>", NAMES)).one("a")

    assert link.attributes["href"] == "https://example.com/?a=1&b=2"
    assert link.attributes["rel"].startswith("noopener noreferrer")
    assert link.text == "the *docs*"


def test_a_bare_address_becomes_a_link_without_the_full_stop() -> None:
    root = read(mrkdwn("see https://example.com/a_b_c.", NAMES))

    assert root.one("a").attributes["href"] == "https://example.com/a_b_c"
    assert root.text == "see https://example.com/a_b_c."


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//host", "/c/C1"])
def test_an_address_a_message_may_not_lead_to_stays_text(address: str) -> None:
    assert read(mrkdwn(f"<{address}|press me>", NAMES)).all("a") == []


def test_people_and_channels_are_shown_by_their_names() -> None:
    root = read(mrkdwn("<@U1> in <#C1|old> and <#C9|>, <!here>", NAMES))

    assert root.text == "@Mei in #ml-platform and #private channel, @here"
    assert root.one("a").attributes["href"] == "/c/C1"


def test_a_mention_of_the_reader_stands_out() -> None:
    read(mrkdwn("<@UME>", NAMES)).one("span", class_="mention-me")


def test_a_date_carries_its_moment_and_shows_its_fallback_until_then() -> None:
    written = "<!date^1700000000^{date_short_pretty} at {time}^https://example.com/|Nov 14>"
    root = read(mrkdwn(written, NAMES))

    moment = root.one("time")
    assert moment.attributes["data-seconds"] == "1700000000"
    assert moment.attributes["data-form"] == "{date_short_pretty} at {time}"
    assert moment.text == "Nov 14"
    assert root.one("a").attributes["href"] == "https://example.com/"


@pytest.mark.parametrize("seconds", ["x", "99999999999999", "-99999999999999", "99999999999999999999"])
def test_a_date_out_of_range_is_its_fallback(seconds: str) -> None:
    assert mrkdwn(f"<!date^{seconds}^{{date}}|some day>", NAMES) == "some day"


def test_plain_text_knows_emoji_and_nothing_else() -> None:
    root = read(plain("*a* <b> :tada:"))

    assert root.text == "*a* <b> 🎉"
    assert [each.name for each in root.all()] == ["span"]


def test_plain_text_can_do_without_emoji() -> None:
    assert text_object({"type": "plain_text", "text": ":tada:", "emoji": False}, NAMES) == ":tada:"


_HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<https://example.com/\"onclick=\"alert(1)|x>",
    "<https://example.com/|<img src=x>>",
    "`<img src=x>`",
    "```<img src=x>```",
    "<!date^1^\" onclick=x^https://e.com|\"><img src=x>>",
    "<@U1\"><img src=x>|y>",
    ":\"><img:",
    "\ue0000\ue001 \ue0005\ue001",
    "\x00<\x00script>\u202egnp.exe",
]  # fmt: skip


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_text_never_becomes_markup(text: str) -> None:
    for drawn in (mrkdwn(text, NAMES), plain(text), markdown(text, NAMES)):
        root = read(drawn)
        assert not {each.name for each in root.all()} & {"script", "img", "style", "iframe"}
        assert not [key for each in root.all() for key in each.attributes if key.startswith("on")]


_OURS = frozenset(
    [
        "a",
        "b",
        "i",
        "s",
        "br",
        "code",
        "pre",
        "blockquote",
        "span",
        "time",
        "div",
        "p",
        "ul",
        "ol",
        "li",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
    ]
)
_WORDS = ["```", "<!date^1^", "<@U1>", "&amp;", "https://e.com", ":tada:", "\ue000", "1"]
_PIECES = st.sampled_from([*"*_~`<>|!@#:&\n ab", *_WORDS])


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_whatever_is_written_the_tags_nest_and_only_ours_appear(text: str) -> None:
    for drawn in (mrkdwn(text, NAMES), markdown(text, NAMES)):
        for each in read(drawn).all():
            assert each.name in _OURS


@given(st.text(alphabet="ab &<>", max_size=30))
def test_escaped_text_reads_as_it_was_typed(typed: str) -> None:
    wire = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not wire.startswith("&gt;"):
        assert read(mrkdwn(wire, NAMES)).text == typed


@pytest.mark.parametrize("piece", ["*a", "`", "<", "_*~", "> ", "**a", "[", "[a](", "<!date^", "https://", "|-", "- "])
def test_ten_thousand_hostile_characters_are_drawn_at_once(piece: str) -> None:
    hostile = piece * (10_000 // len(piece))
    began = perf_counter()

    read(mrkdwn(hostile, NAMES))
    read(markdown(hostile, NAMES))

    assert perf_counter() - began < 2


def test_a_markdown_block_is_drawn() -> None:
    root = read(
        markdown("# Pools\n\n**one** and *two*, [docs](https://e.com)\n\n- a\n- b\n\n|x|y|\n|-|-:|\n|1|2|", NAMES)
    )

    assert root.one("h3").text == "Pools"
    assert root.one("b").text == "one"
    assert root.one("a").attributes["href"] == "https://e.com"
    assert [each.text for each in root.all("li")] == ["a", "b"]
    assert root.all("td")[1].attributes["class"] == "to-right"
