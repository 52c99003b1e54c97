"""Is every limit of Block Kit kept, exactly at its border?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.strict.blocks import BLOCKS
from bot.sandbox.strict.controls import ELEMENTS
from bot.sandbox.strict.payload import message_problems, view_problems
from tests.sandbox.apps import GENERAL, actions, button, modal, plain, question, refused, section

Json = dict[str, Any]
KINDS = st.sampled_from([*BLOCKS, *ELEMENTS, "plain_text", "mrkdwn"])
FIELDS = st.sampled_from(
    ["type", "text", "elements", "rows", "chart", "series", "accessory", "options", "value", "image_url"]
)


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[cell(text)] * columns] * rows, **more}


def data_table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": [[cell(text)] * columns] * rows, **more}


def pie(segments: int = 2, value: float = 1, label: str = "s") -> Json:
    parts = [{"label": f"{label}{number}"[:21], "value": value} for number in range(segments)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": parts}}


def line(series: int = 1, points: int = 2, **more: Any) -> Json:
    categories = [f"c{number}" for number in range(points)]
    data = [{"label": category, "value": -1.5} for category in categories]
    lines = [{"name": f"s{number}", "data": data} for number in range(series)]
    chart = {"type": "line", "series": lines, "axis_config": {"categories": categories, **more}}
    return {"type": "data_visualization", "title": "t", "chart": chart}


def select(options: int = 1, **more: Any) -> Json:
    choices = [{"text": plain(f"o{number}"), "value": str(number)} for number in range(options)]
    return {"type": "static_select", "action_id": "choose", "options": choices, **more}


def picture(**more: Any) -> Json:
    return {"type": "image", "alt_text": "a", "image_url": "https://example.com/a.png", **more}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text)}


def context(count: int) -> Json:
    return {"type": "context", "elements": [plain("x")] * count}


def card(**more: Any) -> Json:
    return {"type": "card", "title": plain("t"), **more}


def accessory(element: Json) -> Json:
    return section(accessory=element)


BORDERS = [
    pytest.param(section("x" * 3000), section("x" * 3001), "/blocks/0/text/text", id="section text 3000"),
    pytest.param(section("x"), section(""), "/blocks/0/text/text", id="text is not empty"),
    pytest.param(
        {"type": "section", "fields": [plain("x" * 2000)] * 10},
        {"type": "section", "fields": [plain("x")] * 11},
        "/blocks/0/fields",
        id="section fields 10",
    ),
    pytest.param(
        {"type": "section", "fields": [plain("x" * 2000)]},
        {"type": "section", "fields": [plain("x" * 2001)]},
        "/blocks/0/fields/0/text",
        id="field text 2000",
    ),
    pytest.param(header("x" * 150), header("x" * 151), "/blocks/0/text/text", id="header 150"),
    pytest.param(
        header("x"),
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "/blocks/0/text/type",
        id="header is plain text",
    ),
    pytest.param(context(10), context(11), "/blocks/0/elements", id="context elements 10"),
    pytest.param(
        actions(*(button(f"a{number}") for number in range(25))),
        actions(*(button(f"a{number}") for number in range(26))),
        "/blocks/0/elements",
        id="actions 25",
    ),
    pytest.param(
        actions(button(text="x" * 75)), actions(button(text="x" * 76)), "/blocks/0/elements/0/text/text", id="button 75"
    ),
    pytest.param(
        actions(button(value="x" * 2000)),
        actions(button(value="x" * 2001)),
        "/blocks/0/elements/0/value",
        id="button value 2000",
    ),
    pytest.param(
        actions(button(url="https://e.com/" + "x" * 2986)),
        actions(button(url="https://e.com/" + "x" * 2987)),
        "/blocks/0/elements/0/url",
        id="button url 3000",
    ),
    pytest.param(
        actions(button(url="https://e.com")),
        actions(button(url="e.com")),
        "/blocks/0/elements/0/url",
        id="url is a URL",
    ),
    pytest.param(
        actions(button("x" * 255)), actions(button("x" * 256)), "/blocks/0/elements/0/action_id", id="action_id 255"
    ),
    pytest.param(
        actions(button(style="danger")), actions(button(style="red")), "/blocks/0/elements/0/style", id="button style"
    ),
    pytest.param(section(block_id="x" * 255), section(block_id="x" * 256), "/blocks/0/block_id", id="block_id 255"),
    pytest.param(actions(select(100)), actions(select(101)), "/blocks/0/elements/0/options", id="select options 100"),
    pytest.param(
        actions(select(placeholder=plain("x" * 150))),
        actions(select(placeholder=plain("x" * 151))),
        "/blocks/0/elements/0/placeholder/text",
        id="placeholder 150",
    ),
    pytest.param(
        accessory({"type": "overflow", "action_id": "o", "options": select(5)["options"]}),
        accessory({"type": "overflow", "action_id": "o", "options": select(6)["options"]}),
        "/blocks/0/accessory/options",
        id="overflow 5",
    ),
    pytest.param(
        actions({"type": "checkboxes", "action_id": "o", "options": select(10)["options"]}),
        actions({"type": "checkboxes", "action_id": "o", "options": select(11)["options"]}),
        "/blocks/0/elements/0/options",
        id="checkboxes 10",
    ),
    pytest.param(
        accessory(select()),
        accessory({"type": "plain_text_input", "action_id": "t"}),
        "/blocks/0/accessory/type",
        id="an input is no accessory",
    ),
    pytest.param(picture(alt_text="x" * 2000), picture(alt_text="x" * 2001), "/blocks/0/alt_text", id="alt text 2000"),
    pytest.param(picture(), picture(slack_file={"id": "F1"}), "/blocks/0", id="image_url or slack_file"),
    pytest.param(table(100), table(101), "/blocks/0/rows", id="table rows 100"),
    pytest.param(table(1, 20), table(1, 21), "/blocks/0/rows/0", id="table cells 20"),
    pytest.param(table(10, 10, "x" * 100), table(10, 10, "x" * 101), "/blocks/0/rows", id="table characters 10,000"),
    pytest.param(
        table(column_settings=[{"align": "right"}] * 20),
        table(column_settings=[{"align": "right"}] * 21),
        "/blocks/0/column_settings",
        id="column settings 20",
    ),
    pytest.param(
        table(column_settings=[None, {"is_wrapped": True}]),
        table(column_settings=[{"align": "up"}]),
        "/blocks/0/column_settings/0/align",
        id="column align",
    ),
    pytest.param(
        {"type": "table", "rows": [[{"type": "raw_number", "value": 1}]]},
        {"type": "table", "rows": [[{"type": "mrkdwn", "text": "x"}]]},
        "/blocks/0/rows/0/0/type",
        id="cell types",
    ),
    pytest.param(data_table(201), data_table(202), "/blocks/0/rows", id="data_table rows 201"),
    pytest.param(data_table(2), data_table(1), "/blocks/0/rows", id="data_table has a row below the header"),
    pytest.param(
        data_table(10, 20, "x" * 100),
        data_table(10, 20, "x" * 101),
        "/blocks/0/rows",
        id="data_table characters 20,000",
    ),
    pytest.param(
        data_table(page_size=100), data_table(page_size=101), "/blocks/0/page_size", id="data_table page size 100"
    ),
    pytest.param(
        data_table(),
        {**data_table(), "rows": [[cell(), cell()], [cell()]]},
        "/blocks/0/rows/1",
        id="data_table rows have the same length",
    ),
    pytest.param(
        data_table(),
        {**data_table(), "rows": [[{"type": "rich_text", "elements": []}], [cell()]]},
        "/blocks/0/rows/0/0/type",
        id="data_table header is not rich text",
    ),
    pytest.param(pie(12), pie(13), "/blocks/0/chart/segments", id="pie segments 12"),
    pytest.param(pie(), pie(value=0), "/blocks/0/chart/segments/0/value", id="pie values are positive"),
    pytest.param(pie(label="x" * 19), pie(label="x" * 21), "/blocks/0/chart/segments/0/label", id="pie label 20"),
    pytest.param(line(12), line(13), "/blocks/0/chart/series", id="series 12"),
    pytest.param(line(points=20), line(points=21), "/blocks/0/chart/series/0/data", id="points 20"),
    pytest.param(
        line(x_label="x" * 50), line(x_label="x" * 51), "/blocks/0/chart/axis_config/x_label", id="x_label 50"
    ),
    pytest.param({**pie(), "title": "x" * 50}, {**pie(), "title": "x" * 51}, "/blocks/0/title", id="chart title 50"),
    pytest.param(card(body=plain("x" * 200)), card(body=plain("x" * 201)), "/blocks/0/body/text", id="card body 200"),
    pytest.param(
        card(actions=[button(str(number)) for number in range(3)]),
        card(actions=[button(str(number)) for number in range(4)]),
        "/blocks/0/actions",
        id="card buttons 3",
    ),
    pytest.param(
        {"type": "carousel", "elements": [card()] * 10},
        {"type": "carousel", "elements": [card()] * 11},
        "/blocks/0/elements",
        id="carousel cards 10",
    ),
    pytest.param(
        {"type": "container", "child_blocks": [section()] * 10},
        {"type": "container", "child_blocks": [section()] * 11},
        "/blocks/0/child_blocks",
        id="container blocks 10",
    ),
    pytest.param(
        {"type": "container", "child_blocks": [section()], "is_collapsible": True},
        {"type": "container", "child_blocks": [section()], "is_collapsible": True, "has_header_divider": True},
        "/blocks/0",
        id="container divider or collapsible",
    ),
    pytest.param(
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "markdown", "text": "x" * 12_001},
        "/blocks/0/text",
        id="markdown 12,000",
    ),
    pytest.param(
        question(hint=plain("x" * 2000)), question(hint=plain("x" * 2001)), "/blocks/0/hint/text", id="input hint 2000"
    ),
    pytest.param(
        actions(
            button(
                confirm={
                    "title": plain("x" * 100),
                    "text": plain("x" * 300),
                    "confirm": plain("y" * 30),
                    "deny": plain("n"),
                }
            )
        ),
        actions(
            button(confirm={"title": plain("x" * 101), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")})
        ),
        "/blocks/0/elements/0/confirm/title/text",
        id="confirm title 100",
    ),
    pytest.param(
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "texxt", "text": "x"}]}],
        },
        "/blocks/0/elements/0/elements/0/type",
        id="rich text elements",
    ),
    pytest.param(section(), section(colour="red"), "/blocks/0", id="no unknown fields"),
    pytest.param(
        section(),
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
        "/blocks/0/text",
        id="emoji in mrkdwn",
    ),
    pytest.param(section(), {"type": "sektion"}, "/blocks/0/type", id="unknown type"),
    pytest.param(section(), {"type": "alert", "text": plain("x")}, "/blocks/0/type", id="alert is for modals only"),
    pytest.param(section(), {"text": plain("x")}, "/blocks/0", id="no type"),
    pytest.param(section(), "text", "/blocks/0", id="no object"),
]


@pytest.mark.parametrize(("taken", "not_taken", "pointer"), BORDERS)
def test_a_limit_is_kept_exactly(taken: Json, not_taken: Json, pointer: str) -> None:
    assert message_problems([taken]) == []
    assert pointer in [problem.pointer for problem in message_problems([not_taken])]


ALL_TOGETHER = [
    pytest.param([section()] * 50, [section()] * 51, id="50 blocks a message"),
    pytest.param([table(10, 10, "x" * 50)] * 2, [table(10, 10, "x" * 51)] * 2, id="tables 10,000 characters in all"),
    pytest.param(
        [data_table(10, 10, "x" * 100)] * 2, [data_table(10, 10, "x" * 101)] * 2, id="data_tables 20,000 in all"
    ),
    pytest.param([pie()] * 2, [pie()] * 3, id="two charts a message"),
    pytest.param(
        [{"type": "markdown", "text": "x" * 6000}] * 2,
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        id="markdown in all",
    ),
    pytest.param(
        [section(block_id="a"), section(block_id="b")], [section(block_id="a")] * 2, id="block ids are unique"
    ),
    pytest.param([actions(button("a"), button("b"))], [actions(button("a"), button("a"))], id="action ids are unique"),
    pytest.param(
        [line()],
        [{**line(), "chart": {**line()["chart"], "series": [line()["chart"]["series"][0]] * 2}}],
        id="series names are unique",
    ),
    pytest.param(
        [line()],
        [{**line(), "chart": {**line()["chart"], "axis_config": {"categories": ["c0"]}}}],
        id="a point for every category",
    ),
]


@pytest.mark.parametrize(("taken", "not_taken"), ALL_TOGETHER)
def test_what_blocks_are_together_is_limited_too(taken: list[Json], not_taken: list[Json]) -> None:
    assert message_problems(taken) == []
    assert message_problems(not_taken) != []


VIEWS = [
    pytest.param(modal(title=plain("x" * 24)), modal(title=plain("x" * 25)), "/view/title/text", id="title 24"),
    pytest.param(modal(close=plain("x" * 24)), modal(close=plain("x" * 25)), "/view/close/text", id="close 24"),
    pytest.param(modal(submit=plain("x" * 24)), modal(submit=plain("x" * 25)), "/view/submit/text", id="submit 24"),
    pytest.param(modal(callback_id="x" * 255), modal(callback_id="x" * 256), "/view/callback_id", id="callback_id 255"),
    pytest.param(
        modal(private_metadata="x" * 3000),
        modal(private_metadata="x" * 3001),
        "/view/private_metadata",
        id="metadata 3000",
    ),
    pytest.param(modal(external_id="x" * 255), modal(external_id="x" * 256), "/view/external_id", id="external_id 255"),
    pytest.param(modal(*[section()] * 100), modal(*[section()] * 101), "/view/blocks", id="100 blocks"),
    pytest.param(modal(question(), submit=plain("Go")), modal(question()), "/view", id="an input needs submit"),
    pytest.param(modal(section()), modal(table()), "/view/blocks/0/type", id="no table in a modal"),
    pytest.param(modal(section()), modal(pie()), "/view/blocks/0/type", id="no chart in a modal"),
    pytest.param(
        modal({"type": "alert", "text": plain("x" * 200), "level": "warning"}),
        modal({"type": "alert", "text": plain("x" * 201)}),
        "/view/blocks/0/text/text",
        id="alert 200",
    ),
    pytest.param(
        modal({"type": "alert", "text": plain("x"), "level": "error"}),
        modal({"type": "alert", "text": plain("x"), "level": "fatal"}),
        "/view/blocks/0/level",
        id="alert levels",
    ),
    pytest.param(
        {"type": "home", "blocks": [table()]},
        {"type": "home", "blocks": [pie()]},
        "/view/blocks/0/type",
        id="no chart at home",
    ),
    pytest.param(
        {"type": "home", "blocks": []},
        {"type": "home", "blocks": [], "title": plain("x")},
        "/view",
        id="no title at home",
    ),
    pytest.param(modal(), {"type": "window", "blocks": []}, "/view/type", id="type of view"),
]


@pytest.mark.parametrize(("taken", "not_taken", "pointer"), VIEWS)
def test_a_view_is_limited_exactly(taken: Json, not_taken: Json, pointer: str) -> None:
    assert view_problems(taken) == []
    assert pointer in [problem.pointer for problem in view_problems(not_taken)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(FIELDS, inside, max_size=5),
    max_leaves=12,
)


@given(st.lists(JSON | st.builds(lambda kind, more: {**more, "type": kind}, KINDS, st.dictionaries(FIELDS, JSON))))
def test_whatever_comes_is_judged_and_never_crashes(blocks: list[Any]) -> None:
    assert all(problem.pointer for problem in message_problems(blocks))
    assert all(problem.pointer for problem in view_problems(modal(*blocks)))


def test_native_blocks_can_be_switched_off_one_by_one(sandbox: Sandbox, client: WebClient) -> None:
    for block in (table(), pie(), data_table()):
        assert client.chat_postMessage(channel=GENERAL, text="t", blocks=[block])["ok"]

    sandbox.switches.native_table = False
    assert client.chat_postMessage(channel=GENERAL, text="t", blocks=[pie()])["ok"]
    sandbox.switches.native_charts = sandbox.switches.native_data_table = False

    for block in (table(), pie(), data_table()):
        said = refused(client.chat_postMessage, channel=GENERAL, text="t", blocks=[block])
        assert said["error"] == "invalid_blocks"
        assert said["errors"] == [f"unsupported type: {block['type']} [json-pointer:/blocks/0/type]"]


def test_wrong_blocks_in_an_attachment_are_invalid_attachments(client: WebClient) -> None:
    bar = [{"color": "#E01E5A", "fallback": "f", "blocks": [section("")]}]

    said = refused(client.chat_postMessage, channel=GENERAL, text="t", attachments=bar)

    assert said["error"] == "invalid_attachments"
    assert said["errors"] == ["must be more than 0 characters [json-pointer:/attachments/0/blocks/0/text/text]"]


def test_blocks_validate_needs_no_token_and_lists_every_problem(sandbox: Sandbox) -> None:
    client = WebClient("", base_url=sandbox.environment()["SLACK_API_URL"], retry_handlers=[])

    assert "errors" not in client.blocks_validate(blocks=[section()]).data
    found = client.blocks_validate(blocks=[section(""), {"type": "sektion"}])["errors"]

    assert [problem["pointer"] for problem in found] == ["/blocks/0/text/text", "/blocks/1/type"]
    assert found[1]["code"] == "unsupported_type"
    assert found[1]["constraint"]["got"] == "sektion"
    assert client.blocks_validate(view=modal(table()))["errors"][0]["pointer"] == "/view/blocks/0/type"
