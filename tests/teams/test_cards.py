"""Does every message look right in Teams, and stay within what Teams takes?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages.examples import EXAMPLES
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Chart,
    Code,
    Curve,
    Facts,
    Footnote,
    Level,
    Link,
    Look,
    Message,
    Paragraph,
    Plot,
    PlotRow,
    Series,
    Table,
    Tone,
    Verb,
    When,
)
from bot.teams.cards import LARGEST, card, size
from tests.slack.strategies import NASTY, messages, texts
from tests.teams.classes import unknown_to_microsoft
from tests.teams.judging import judge, markdown_texts, marks, nodes, read, without_extensions
from tests.teams.judging import texts as texts_of

AT = datetime(2026, 3, 2, 14, 2, 12, 345, tzinfo=UTC)
LOCAL = "{{DATE(2026-03-02T14:02:12Z,SHORT)}} {{TIME(2026-03-02T14:02:12Z)}}"


def drawn(*blocks: Block, **more: Any) -> dict[str, Any]:
    made = card(Message(**{"title": "train-a100", "summary": "Queue 16.", "blocks": blocks, **more}))
    judge(made)
    return made


def of_type(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in nodes(made) if node["type"] == kind]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(messages)
def test_any_message_at_all_is_a_card_that_teams_takes(message: Message) -> None:
    judge(card(message))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_a_card_that_teams_takes(name: str) -> None:
    judge(card(EXAMPLES[name]))


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"version": "1.6"}, id="a version that Teams does not know"),
        pytest.param({"body": [{"type": "TextBlok", "text": "a"}]}, id="an unknown element"),
        pytest.param({"body": [{"type": "TextBlock", "text": "a", "colour": "good"}]}, id="a misspelt property"),
        pytest.param({"body": [{"type": "TextBlock", "text": "{{DATE(tomorrow)}}"}]}, id="a function of somebody else"),
        pytest.param({"body": [{"type": "TextBlock", "text": "a" * 25_000}]}, id="too large"),
        pytest.param({"actions": [{"type": "Action.Execute", "verb": "", "title": "a", "data": {}}]}, id="no verb"),
        pytest.param({"body": [{"type": "Chart.Line", "data": [], "fallback": "drop"}]}, id="a chart of nothing"),
        pytest.param({"fallbackText": ""}, id="no words"),
    ],
)
def test_the_judge_of_these_tests_refuses_a_spoilt_card(spoilt: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        judge(card(Message("train-a100", "Queue 16.")) | spoilt)


def test_microsofts_own_library_knows_every_element_of_every_example() -> None:
    assert {name: found for name in EXAMPLES if (found := unknown_to_microsoft(card(EXAMPLES[name])))} == {}


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": "Chart.Lines"},
        {"type": "Chart.Line", "datas": []},
        {"type": "Chart.Line", "colorSet": "rainbow"},
        {"type": "Chart.Line", "data": [{"legend": "a", "values": [{"x": "a", "y": "many"}]}]},
        {"type": "TextBlock", "text": "a", "weight": "Boldest"},
    ],
    ids=["type", "property", "choice", "point", "weight"],
)
def test_microsofts_own_library_would_notice(spoilt: dict[str, Any]) -> None:
    assert unknown_to_microsoft({"type": "AdaptiveCard", "body": [spoilt]})


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_has_to_be_shrunk(name: str) -> None:
    shown = " ".join(texts_of(card(EXAMPLES[name])))

    assert "too long to show here" not in shown
    assert " more columns" not in shown


@pytest.mark.parametrize(
    "hostile",
    ["[x](http://evil.example)", "**a**", "- a", "1. a", "# a", "> a", "`a`", "<https://a.b>", "&lt;", "![a](b)"],
)
def test_a_pool_called_like_markup_stays_text(hostile: str) -> None:
    made = drawn(
        Table(hostile, (hostile, "Total"), ((hostile, 1),)),
        Facts(((hostile, (hostile,)),)),
        title=hostile,
        summary=hostile,
    )

    for text in markdown_texts(made):
        assert marks(text) == set()
    assert read(of_type(made, "TextBlock")[0]["text"]) == hostile
    assert read(of_type(made, "FactSet")[0]["facts"][0]["value"]) == hostile


@settings(deadline=None, max_examples=300)
@given(texts)
def test_no_text_from_outside_is_ever_read_as_markdown(text: str) -> None:
    made = card(Message(text, text, blocks=(Facts(((text, (text, text)),)), Table(text, (text,), ((text,),)))))

    for written in markdown_texts(made):
        assert marks(written) == set()


@given(st.lists(st.sampled_from(["&", "lt;", "{", "{{", "DATE(2026-01-01T00:00:00Z)", "}}", *NASTY]), max_size=5))
def test_texts_that_meet_make_no_markup_or_function_together(parts: list[str]) -> None:
    made = card(Message("t", "s", blocks=(Facts((("label", tuple(parts)),)),)))

    judge(made)
    assert marks(of_type(made, "FactSet")[0]["facts"][0]["value"]) == set()


def test_a_name_that_looks_like_a_function_is_no_date() -> None:
    made = drawn(Paragraph(("{{DATE(2026-01-01T00:00:00Z)}}",)), title="{{TIME(2026-01-01T00:00:00Z)}}")

    assert not any("{{" in text for text in texts_of(made))


def test_control_and_direction_marks_are_not_drawn() -> None:
    made = drawn(Paragraph(("a\x00b\u202ec\nd",)))

    assert of_type(made, "TextRun")[0]["text"] == "a bc d"


def test_a_moment_is_shown_in_the_readers_own_time_zone() -> None:
    made = drawn(Paragraph(("since ", When(AT))), Facts((("Since", (When(AT), ", new")),)))

    assert of_type(made, "TextRun")[1]["text"] == LOCAL
    assert of_type(made, "FactSet")[0]["facts"] == [{"title": "Since", "value": f"{LOCAL}, new"}]


def test_the_fallback_text_carries_the_figures() -> None:
    assert drawn()["fallbackText"] == "Queue 16."
    assert card(EXAMPLES["pool"])["fallbackText"].startswith("train-a100: Queue 16, Running 42, Failed 6,")


def test_a_message_without_blocks_shows_its_summary() -> None:
    assert of_type(drawn(), "TextRun")[0]["text"] == "Queue 16."


def test_an_entry_without_a_title_has_no_heading() -> None:
    assert of_type(drawn(title=""), "Container") == []


@pytest.mark.parametrize(
    ("tone", "style"),
    [(Tone.NEUTRAL, "default"), (Tone.GOOD, "good"), (Tone.WARNING, "warning"), (Tone.CRITICAL, "attention")],
)
def test_the_title_is_a_heading_on_the_colour_of_its_tone(tone: Tone, style: str) -> None:
    (container,) = of_type(drawn(tone=tone), "Container")

    assert container["style"] == style
    assert container["items"][0]["style"] == "heading"


def test_emphasis_code_and_links_are_drawn_without_markup() -> None:
    made = drawn(Paragraph((Bold("16"), Code("pool-1"), Link("docs", "https://example.org/a"))))

    bold, code, link = of_type(made, "TextRun")
    assert bold == {"type": "TextRun", "text": "16", "weight": "Bolder"}
    assert code == {"type": "TextRun", "text": "pool-1", "fontType": "Monospace"}
    assert link["selectAction"] == {"type": "Action.OpenUrl", "url": "https://example.org/a"}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://example.org", "https://", "https://a b", "file:///etc"])
def test_a_link_that_is_not_safe_is_only_its_text(url: str) -> None:
    (run,) = of_type(drawn(Paragraph((Link("docs", url),))), "TextRun")

    assert run == {"type": "TextRun", "text": "docs"}


def test_a_link_to_this_machine_may_be_plain_http() -> None:
    (run,) = of_type(drawn(Paragraph((Link("page", "http://127.0.0.1:8080/x"),))), "TextRun")

    assert run["selectAction"]["url"] == "http://127.0.0.1:8080/x"


def rows_of(made: dict[str, Any]) -> list[list[str]]:
    (table,) = of_type(made, "Table")
    return [[cell["items"][0]["text"] for cell in row["cells"]] for row in table["rows"]]


def test_a_table_keeps_its_header_and_aligns_numbers_to_the_right() -> None:
    made = drawn(Table("Jobs", ("Pool", "Queue"), (("a", 3), ("b", None))))

    assert rows_of(made) == [["Pool", "Queue"], ["a", "3"], ["b", "–"]]
    assert of_type(made, "Table")[0]["columns"] == [
        {"width": 4},
        {"width": 5, "horizontalCellContentAlignment": "Right"},
    ]


def test_a_table_too_wide_for_a_card_is_turned_on_its_side() -> None:
    header = ("Type", *(f"s{number}" for number in range(10)))
    made = drawn(Table("Jobs", header, (("train", *range(10)),)))

    assert rows_of(made)[:3] == [["Type", "train"], ["s0", "0"], ["s1", "1"]]


def test_bars_stand_below_the_name_that_they_belong_to_and_are_never_broken() -> None:
    header, rows = ("Pool", "Queue", "Queue, 6 h"), (("训练资源池", 3, "▁▁▂▃▅█·▆▅▃▂▁"), ("b", 1200, None))
    made = drawn(Table("Jobs", header, rows))

    (table,) = of_type(made, "Table")
    first = [[item["text"] for item in row["cells"][0]["items"]] for row in table["rows"]]
    assert first == [["Pool", "Queue, 6 h"], ["训练资源池", "▁▁▂▃▅█·▆▅▃▂▁"], ["b", "–"]]
    assert [row["cells"][1]["items"][0]["text"] for row in table["rows"]] == ["Queue", "3", "1,200"]
    assert [column["width"] for column in table["columns"]] == [16, 5]
    assert table["rows"][1]["cells"][0]["items"][1]["wrap"] is False


def test_a_column_is_as_wide_as_what_stands_in_it() -> None:
    made = drawn(Table("t", ("Change", "Very long header", "n"), (("+12", "x" * 60, 1), ("±0", "y", -2))))

    assert of_type(made, "Table")[0]["columns"] == [
        {"width": 6},
        {"width": 24},
        {"width": 4, "horizontalCellContentAlignment": "Right"},
    ]
    assert rows_of(made)[2] == ["±0", "y", "−2"]


def test_a_table_that_is_too_wide_either_way_goes_on_below_beside_its_first_column() -> None:
    header = ("Pool", *(f"s{number}" for number in range(9)))
    tables = of_type(drawn(Table("Jobs", header, tuple((f"p{row}", *range(9)) for row in range(9)))), "Table")
    shown = [[[cell["items"][0]["text"] for cell in row["cells"]] for row in table["rows"]] for table in tables]

    assert [len(table["columns"]) for table in tables] == [6, 5]
    assert all(second[0] == first[0] for first, second in zip(*shown, strict=True))
    whole = [[*first, *second[1:]] for first, second in zip(*shown, strict=True)]
    assert whole == [list(header), *([f"p{row}", *map(str, range(9))] for row in range(9))]


def test_a_table_without_columns_is_its_caption() -> None:
    made = drawn(Table("Jobs", (), ()))

    assert of_type(made, "Table") == []
    assert of_type(made, "TextRun")[0]["text"] == "Jobs"


def test_a_table_that_is_too_long_says_how_many_rows_more_there_are() -> None:
    made = drawn(Table("Jobs", ("Pool", "Queue"), tuple((f"lab-{number}", number) for number in range(72))))

    assert len(rows_of(made)) == 61
    assert of_type(made, "TextRun")[-1]["text"] == "+12 more"


def test_a_card_that_is_too_large_is_shrunk_and_says_so() -> None:
    wide = Table("Jobs", ("Pool", "Why"), tuple((f"lab-{number}", "训练资源池" * 16) for number in range(60)))
    made = drawn(wide)

    assert size(made) <= LARGEST
    assert 3 < len(rows_of(made)) < 61
    assert any(text.startswith("+") and text.endswith(" more") for text in texts_of(made))


def test_blocks_that_are_left_out_are_counted() -> None:
    made = drawn(*(Footnote((f"note {number}",)) for number in range(52)))

    assert of_type(made, "TextRun")[-1]["text"] == "+12 more, too long to show here"


TREND = Chart("Queue, last 6 h (UTC)", ("13:40", "13:50", "14:00"), (Series("Queue", (3, None, 94)),), "Queue 3 to 94.")


def test_a_chart_is_drawn_natively_and_a_gap_is_no_zero() -> None:
    (chart,) = of_type(drawn(TREND), "Chart.Line")

    assert chart["data"] == [{"legend": "Queue", "values": [{"x": "13:40", "y": 3}, {"x": "14:00", "y": 94}]}]


def test_what_needs_more_points_is_drawn_from_all_readings_and_no_spike_is_lost() -> None:
    points = tuple((AT + timedelta(minutes=15 * step), 900 if step == 333 else step % 7) for step in range(672))
    rows = (PlotRow("Jobs", (Curve("Queue", points),), levels=(Level(50, "Limit 50"),)), PlotRow("Failed", ()))
    plot = Plot("train-a100", points[0][0], points[-1][0], rows, is_finer=True)

    (chart,) = of_type(drawn(replace(TREND, plot=plot)), "Chart.Line")

    queue, limit = chart["data"]
    assert 100 < len(queue["values"]) <= 120
    assert [point for point in queue["values"] if point["y"] == 900] == [{"x": "03-06 01:17", "y": 900}]
    assert (queue["values"][0]["x"], queue["values"][-1]["x"]) == ("03-02 14:02", "03-09 13:47")
    assert limit == {"legend": "Limit 50", "values": [{"x": point["x"], "y": 50} for point in queue["values"]]}
    assert [point["x"] for point in queue["values"]] == sorted(point["x"] for point in queue["values"])
    (coarse,) = of_type(drawn(replace(TREND, plot=replace(plot, is_finer=False))), "Chart.Line")
    assert len(coarse["data"][0]["values"]) == 2


def test_a_client_that_draws_no_charts_shows_the_words() -> None:
    plain = without_extensions(drawn(TREND))

    assert [node["text"] for node in nodes(plain) if node["type"] == "TextRun"] == [
        "Queue, last 6 h (UTC)",
        "Queue 3 to 94.",
    ]


@pytest.mark.parametrize("values", [(), (None, None), (float("nan"), float("inf"))])
def test_a_chart_without_a_known_point_is_its_words(values: tuple[float | None, ...]) -> None:
    made = drawn(Chart("Queue", ("a", "b"), (Series("Queue", values),), "No readings."))

    assert of_type(made, "Chart.Line") == []
    assert of_type(made, "TextRun")[-1]["text"] == "No readings."


@pytest.mark.parametrize(
    ("look", "style"), [(Look.PLAIN, None), (Look.PRIMARY, "positive"), (Look.DANGER, "destructive")]
)
def test_a_button_asks_the_bot_with_its_verb_and_its_subject(look: Look, style: str | None) -> None:
    made = drawn(buttons=(Button("Silence 2 h", Verb.SILENCE, "7 2h", look),))

    (action,) = made["actions"]
    assert action["type"] == "Action.Execute"
    assert action["verb"] == "silence"
    assert action["data"] == {"subject": "7 2h"}
    assert action.get("style") == style


def test_a_button_never_asks_for_less_than_it_should() -> None:
    made = drawn(buttons=(Button("Show", Verb.SHOW, "x" * 5000), Button("Refresh", Verb.REFRESH, "pool-1")))

    assert [action["data"]["subject"] for action in made["actions"]] == ["pool-1"]


def test_a_message_without_buttons_has_no_actions() -> None:
    assert "actions" not in drawn()


def test_the_largest_card_is_measured_in_its_longest_spelling() -> None:
    made = card(Message("训练", "资源池"))

    assert size(made) == len(json.dumps(made, separators=(",", ":")).encode())
    assert size(made) > len(json.dumps(made, separators=(",", ":"), ensure_ascii=False))


def test_what_is_too_much_in_the_open_is_in_the_menu_and_none_of_an_alerts_buttons_is_lost() -> None:
    made = drawn(buttons=tuple(Button(f"Button {number}", Verb.SHOW, f"pool-{number}") for number in range(8)))

    assert [action.get("mode") for action in made["actions"]] == [None] * 6 + ["secondary"] * 2
    for name in ("alert-firing", "digests-here-hostile"):
        assert len(card(EXAMPLES[name])["actions"]) == len(EXAMPLES[name].buttons)
