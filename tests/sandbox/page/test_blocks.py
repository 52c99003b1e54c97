"""Block Kit in, what a reader sees out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.page.blocks import Surface, draw
from bot.sandbox.page.names import Names
from tests.sandbox.page.reading import Element, read
from tests.sandbox.page.scenes import button, chart, counts_table, plain, text

NAMES = Names({"U1": "Mei"}, {"C1": "ml-platform"})


def drawn(*blocks: dict[str, Any], surface: Surface | None = None) -> Element:
    return read(draw(blocks, surface or Surface(NAMES)))


def test_a_header_is_a_heading() -> None:
    assert drawn({"type": "header", "text": plain("train-a100")}).one("h3").text == "train-a100"


def test_a_section_has_text_fields_and_an_accessory() -> None:
    root = drawn({
        "type": "section", "block_id": "b", "text": text("*a*"), "fields": [text("x"), text("y")],
        "accessory": button("Show", "show", value="v"),
    })  # fmt: skip

    assert root.one("div", class_="text").text == "a"
    assert [each.text for each in root.one("div", class_="fields").children if isinstance(each, Element)] == ["x", "y"]
    assert root.one("div", class_="accessory").one("button").text == "Show"


def test_a_button_says_which_action_it_is() -> None:
    shown = drawn({"type": "actions", "block_id": "b", "elements": [button("Refresh", "refresh", style="primary")]})

    pressed = shown.one("button", data_action_id="refresh")
    assert pressed.attributes["data-block-id"] == "b"
    assert "primary" in pressed.attributes["class"]


def test_a_button_with_an_address_is_a_link_that_is_reported_too() -> None:
    shown = drawn({"type": "actions", "elements": [button("Open", "open", url="https://example.com/")]})

    assert shown.one("a", data_action_id="open").attributes["href"] == "https://example.com/"


def test_a_button_with_a_hostile_address_leads_nowhere() -> None:
    shown = drawn({"type": "actions", "elements": [button("Open", "open", url="javascript:alert(1)")]})

    assert shown.all("a") == []


def test_a_select_offers_its_options_and_groups() -> None:
    option = {"text": plain("Last day"), "value": "24h"}
    shown = drawn({"type": "actions", "elements": [
        {"type": "static_select", "action_id": "a", "placeholder": plain("When"), "options": [option],
         "initial_option": option},
        {"type": "static_select", "action_id": "b", "option_groups": [{"label": plain("G"), "options": [option]}]},
    ]})  # fmt: skip

    first, second = shown.all("select")
    assert [each.text for each in first.all("option")] == ["When", "Last day"]
    assert "selected" in first.all("option")[1].attributes
    assert second.one("optgroup").attributes["label"] == "G"


def test_people_and_channels_can_be_chosen_by_name() -> None:
    shown = drawn({"type": "actions", "elements": [
        {"type": "users_select", "action_id": "a"}, {"type": "conversations_select", "action_id": "b"}]})  # fmt: skip

    assert [each.all("option")[-1].text for each in shown.all("select")] == ["Mei", "#ml-platform"]


def test_a_confirmation_travels_with_its_button() -> None:
    confirm = {"title": plain("Sure?"), "text": text("*really*"), "confirm": plain("Yes"), "deny": plain("No")}
    shown = drawn({"type": "actions", "elements": [button("Drop", "drop", confirm=confirm)]})

    assert '"html": "<b>really</b>"' in shown.one("button").attributes["data-confirm"]


def test_a_table_has_a_head_and_aligned_numbers() -> None:
    root = drawn(counts_table({"train": (1, 2, 3, 4, 5, 6, 7, 8, 1234)}))

    assert [each.text for each in root.one("thead").all("th")][:3] == ["Type", "Queue", "Pending"]
    first = root.one("tbody").all("tr")[0]
    assert first.one("th").text == "train"
    assert first.all("td")[8].text == "1,234"
    assert first.all("td")[8].attributes["class"] == "to-right"
    assert root.one("tbody").all("tr")[1].one("b").text == "All"


def test_a_data_table_has_a_caption_and_the_numbers_to_sort_by() -> None:
    rows = [[{"type": "raw_text", "text": "n"}], [{"type": "raw_number", "value": 1200, "text": "1.2k"}]]
    root = drawn({"type": "data_table", "caption": "Jobs", "rows": rows, "page_size": 3})

    assert root.one("caption").text == "Jobs"
    assert root.one("table").attributes["data-page-size"] == "3"
    assert root.one("tbody").one("th").attributes["data-number"] == "1200"


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
def test_a_chart_has_a_title_a_legend_and_a_text_alternative(kind: str) -> None:
    root = drawn(chart(kind))

    assert root.one("figcaption").text == "train-a100 · last 20 hours"
    assert [each.text for each in root.one("ul", class_="legend").all("li")] == ["Queue", "Failed"]
    said = root.one(role="img").attributes["aria-label"]
    assert "Queue: from " in said
    assert "highest 42 at 19:00" in said
    assert {"line": "path", "bar": "rect", "area": "path"}[kind] in {
        each.name for each in root.one("svg", class_="wide").all()
    }


def test_a_pie_shows_the_shares() -> None:
    legend = drawn(chart("pie")).one("ul", class_="legend")

    assert [each.text for each in legend.all("li")] == ["Running · 71%", "Queue · 19%", "Failed · 9%", "Creating · 1%"]


def test_a_chart_shows_a_missing_value_as_a_gap_and_never_as_zero() -> None:
    points = [{"label": "a", "value": 5}, {"label": "c", "value": 7}]
    axes = {"categories": ["a", "b", "c"]}
    series = [{"name": "s", "data": points}]
    root = drawn({"type": "data_visualization", "title": "t",
                  "chart": {"type": "line", "series": series, "axis_config": axes}})  # fmt: skip

    svg = root.one("svg", class_="wide")
    assert len(svg.all("path", class_="line")) == 2
    assert len(svg.all("circle")) == 2
    assert [each.text for each in root.one("tbody").all("td")] == ["5", "–", "7"]


def test_a_picture_from_the_network_is_not_loaded() -> None:
    root = drawn({"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a cat"})

    assert root.all("img") == []
    assert root.one(role="img").text == "a cat"


@pytest.mark.parametrize(
    "source",
    [
        {"slack_file": {"id": "F0ABC123"}},
        {"slack_file": {"url": "http://127.0.0.1:9/files-pri/T0SANDBOX01-F0ABC123/a.png"}},
    ],
)
def test_an_uploaded_picture_is_shown_from_here(source: dict[str, Any]) -> None:
    root = drawn({"type": "image", "alt_text": "a chart", **source})

    assert root.one("img").attributes["src"] == "/page/files/F0ABC123"


def test_rich_text_keeps_lists_quotes_code_and_mentions() -> None:
    section = {"type": "rich_text_section", "elements": [
        {"type": "text", "text": "<a>", "style": {"bold": True, "code": True}}, {"type": "user", "user_id": "U1"},
        {"type": "link", "url": "https://e.com", "text": "e"}, {"type": "broadcast", "range": "here"},
        {"type": "emoji", "name": "nonesuch", "unicode": "1f389"}]}  # fmt: skip
    root = drawn({"type": "rich_text", "elements": [
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [section]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x\ny"}]}]})  # fmt: skip

    assert root.one("li").text == "<a>@Meie@here🎉"
    assert root.one("b").one("code").text == "<a>"
    assert root.one("pre").text == "x\ny"


def test_an_input_shows_its_label_hint_and_what_is_wrong() -> None:
    block = {"type": "input", "block_id": "why", "label": plain("Why"), "hint": plain("briefly"),
             "element": {"type": "plain_text_input", "action_id": "reason"}}  # fmt: skip
    root = drawn(block, surface=Surface(NAMES, errors={"why": "Say more."}))

    field = root.one("input")
    assert field.attributes["aria-label"] == "Why"
    assert field.attributes["aria-describedby"] == root.one("p", role="alert").attributes.get("id", "about-why")
    assert root.one("p", role="alert").text == "Say more."
    assert root.one("p", class_="hint").text == "briefly"


def test_an_input_keeps_what_was_typed_before() -> None:
    block = {"type": "input", "block_id": "why", "label": plain("Why"),
             "element": {"type": "plain_text_input", "action_id": "reason", "initial_value": "old"}}  # fmt: skip
    kept = {"why": {"reason": {"type": "plain_text_input", "value": "new"}}}

    assert drawn(block).one("input").attributes["value"] == "old"
    assert drawn(block, surface=Surface(NAMES, kept)).one("input").attributes["value"] == "new"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        pytest.param({"type": "context", "elements": [text("as of now")]}, "as of now", id="context"),
        pytest.param({"type": "alert", "level": "error", "text": text("no")}, "no", id="alert"),
        pytest.param({"type": "card", "title": plain("Pool"), "body": text("b"), "actions": []}, "Pool", id="card"),
        pytest.param({"type": "container", "title": plain("More"),
                      "child_blocks": [{"type": "section", "text": text("in")}]}, "Morein", id="container"),
        pytest.param({"type": "markdown", "text": "**a**"}, "a", id="markdown"),
        pytest.param({"type": "carousel", "elements": [{"type": "card", "title": plain("c")}]}, "c", id="carousel"),
        pytest.param({"type": "mystery"}, "cannot be drawn here", id="a kind nobody knows is told, not dropped"),
    ],
)  # fmt: skip
def test_other_blocks(block: dict[str, Any], said: str) -> None:
    assert said in drawn(block).text


_HOSTILE = "'\"><img src=x>"
_KINDS = st.sampled_from(
    [
        "header",
        "section",
        "context",
        "divider",
        "actions",
        "table",
        "data_table",
        "data_visualization",
        "image",
        "rich_text",
        "markdown",
        "input",
        "alert",
        "card",
        "container",
        "carousel",
        "context_actions",
        "video",
        "file",
        "plan",
        "button",
        "static_select",
        "overflow",
        "checkboxes",
        "datepicker",
        "plain_text_input",
        "number_input",
        "rich_text_list",
        "rich_text_section",
        "text",
        "link",
        "emoji",
        "date",
        "bar",
        "pie",
        "raw_number",
    ]
)
_KEYS = st.sampled_from(
    [
        "text",
        "elements",
        "rows",
        "fields",
        "title",
        "element",
        "options",
        "option_groups",
        "accessory",
        "label",
        "hint",
        "chart",
        "series",
        "segments",
        "data",
        "axis_config",
        "value",
        "caption",
        "page_size",
        "column_settings",
        "url",
        "confirm",
        "actions",
        "child_blocks",
        "slack_file",
        "style",
    ]
)
_SCALARS = st.sampled_from([None, True, 1, -2.5, 10**400, float("inf"), "", _HOSTILE])


def _objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda rest, kind: rest | {"type": kind}, st.dictionaries(_KEYS, values, max_size=5), _KINDS)


_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=25)


@settings(max_examples=300)
@given(_objects(_VALUES))
def test_no_block_however_broken_becomes_markup_or_an_error(block: dict[str, Any]) -> None:
    assert not [each for each in drawn(block).all("img") if each.attributes.get("src") == "x"]
