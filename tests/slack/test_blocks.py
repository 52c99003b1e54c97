"""Does every message look right in Slack, and stay within what Slack takes?"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block as SlackBlock

from bot.messages.model import (
    Bold,
    Button,
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
from bot.slack.blocks import brief, is_native, payload, read_value
from tests.slack.judging import all_blocks, judge, texts
from tests.slack.strategies import messages

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATUSES = ("Job type", "Queue", "Running", "Failed", "Total")
POOL = Message(
    "train-a100",
    "train-a100: 12 queued, 30 running, 2 failed.",
    blocks=(
        Paragraph(("Pool ", Code("pool-train-a100-0f2c"), " is ", Bold("busy"), ".")),
        Table("Jobs now", STATUSES, (("train", 12, 30, None, 42), ("infer", 0, 1_234, 2, 1_236))),
        Footnote(("Read ", When(NOON))),
    ),
    buttons=(Button("Refresh", Verb.REFRESH, "train-a100"), Button("Share", Verb.SHARE, "train-a100", Look.PRIMARY)),
)


def kinds(drawn: dict[str, Any]) -> list[str]:
    return [block["type"] for block in all_blocks(drawn)]


def line(*values: float | None, name: str = "Queue") -> Chart:
    return Chart("Queue", tuple(f"{i:02}:00" for i in range(len(values))), (Series(name, values),), "Between 0 and 9.")


def test_a_pool_is_drawn_with_slacks_own_table() -> None:
    drawn = payload(POOL)

    judge(drawn)
    assert kinds(drawn) == ["header", "rich_text", "rich_text", "table", "context", "actions"]
    table = drawn["blocks"][3]
    assert table["rows"][0][0] == {"type": "raw_text", "text": "Job type"}
    assert table["rows"][2][2] == {"type": "raw_number", "value": 1234, "text": "1,234"}
    assert table["column_settings"][0] == {"align": "left", "is_wrapped": False}
    assert table["column_settings"][1] == {"align": "right"}


def test_not_reported_is_a_dash_and_never_a_zero() -> None:
    table = payload(POOL)["blocks"][3]

    assert table["rows"][1][3] == {"type": "raw_text", "text": "–"}
    assert table["rows"][2][1] == {"type": "raw_number", "value": 0, "text": "0"}


def test_without_native_blocks_the_same_figures_stand_in_aligned_letters() -> None:
    drawn = payload(POOL, native=False)

    judge(drawn)
    assert not is_native(drawn)
    shown = drawn["blocks"][3]["elements"][0]
    assert shown["type"] == "rich_text_preformatted"
    assert shown["elements"][0]["text"].splitlines() == [
        "Job type  Queue  Running  Failed  Total",
        "train        12       30       –     42",
        "infer         0    1,234       2  1,236",
    ]


def test_chinese_names_keep_the_columns_aligned() -> None:
    table = Table("", ("池", "Queue"), (("训练", 1), ("a", 20)))

    drawn = payload(Message("t", "s", blocks=(table,)), native=False)

    lines = drawn["blocks"][1]["elements"][0]["elements"][0]["text"].splitlines()
    assert lines == ["池    Queue", "训练      1", "a        20"]


def test_a_plain_table_that_is_too_wide_to_read_is_turned_round() -> None:
    statuses = (
        "Queue",
        "Pending",
        "Abnormal",
        "Terminating",
        "Creating",
        "Running",
        "Completed",
        "Terminated",
        "Failed",
    )
    table = Table("", ("Type", *statuses), (("train", *range(9)), ("All types", *range(9))))

    drawn = payload(Message("t", "s", blocks=(table,)), native=False)

    lines = drawn["blocks"][1]["elements"][0]["elements"][0]["text"].splitlines()
    assert lines[:3] == [
        "Type         train  All types",
        "Queue            0          0",
        "Pending          1          1",
    ]
    assert len(lines) == 10


def test_the_top_level_text_carries_the_numbers() -> None:
    assert payload(POOL)["text"] == "train-a100: 12 queued, 30 running, 2 failed."


def test_a_moment_is_shown_in_the_readers_own_time_with_utc_as_the_fallback() -> None:
    message = Message("t", "s", blocks=(Paragraph(("since ", When(NOON))), Footnote(("read ", When(NOON)))))

    drawn = payload(message)

    assert drawn["blocks"][1]["elements"][0]["elements"][1] == {
        "type": "date",
        "timestamp": 1795435200,
        "format": "{date_short_pretty} at {time}",
        "fallback": "2026-11-23 12:00 UTC",
    }
    small_print = drawn["blocks"][2]["elements"][0]["text"]
    assert small_print == "read <!date^1795435200^{date_short_pretty} at {time}|2026-11-23 12:00 UTC>"


@pytest.mark.parametrize("tone", [Tone.GOOD, Tone.WARNING, Tone.CRITICAL])
def test_a_tone_is_a_bar_of_colour_beside_the_body_and_a_mark_in_the_title(tone: Tone) -> None:
    drawn = payload(Message("Queue is long", "s", tone, (Paragraph(("42 queued",)),), POOL.buttons))

    judge(drawn)
    assert [block["type"] for block in drawn["blocks"]] == ["header"]
    assert drawn["blocks"][0]["text"]["text"].endswith(" Queue is long")
    assert len(drawn["blocks"][0]["text"]["text"]) > len("Queue is long")
    assert [block["type"] for block in drawn["attachments"][0]["blocks"]] == ["rich_text", "actions"]


def test_a_quiet_message_says_that_it_has_no_attachments_so_that_an_update_takes_them_away() -> None:
    assert payload(POOL)["attachments"] == []


def test_a_chart_stands_at_the_top_level_and_what_follows_it_beside_the_bar() -> None:
    body = (Paragraph(("before",)), line(1, 2, 3), Paragraph(("after",)))

    drawn = payload(Message("t", "s", Tone.WARNING, body))

    judge(drawn)
    assert [b["type"] for b in drawn["blocks"]] == ["header", "rich_text", "data_visualization", "context"][:3]
    assert [b["type"] for b in drawn["attachments"][0]["blocks"]] == ["context", "rich_text"]


def test_a_chart_of_many_readings_keeps_its_highs_and_lows() -> None:
    values = [float(5 + i % 3) for i in range(500)]
    values[137], values[138] = 99.0, -7.0

    drawn = payload(Message("t", "s", blocks=(line(*values),)))

    judge(drawn)
    points = drawn["blocks"][1]["chart"]["series"][0]["data"]
    assert len(points) == 20
    assert {99, -7} <= {point["value"] for point in points}
    assert (points[0]["label"], points[-1]["label"]) == ("00:00", "499:00")
    assert "20 of 500 moments drawn" in drawn["blocks"][2]["elements"][0]["text"]


def test_a_gap_in_a_chart_is_left_out_and_said_never_drawn_as_zero() -> None:
    drawn = payload(Message("t", "s", blocks=(line(4, None, 6, 7),)))

    judge(drawn)
    assert [point["value"] for point in drawn["blocks"][1]["chart"]["series"][0]["data"]] == [4, 6, 7]
    assert "1 moment without a reading left out" in drawn["blocks"][2]["elements"][0]["text"]


def test_a_chart_that_is_mostly_gaps_is_drawn_in_letters_where_gaps_show() -> None:
    drawn = payload(Message("t", "s", blocks=(line(4, None, None, None, 8),)))

    judge(drawn)
    assert "▁   █\\nlow 4, high 8, last 8" in json.dumps(drawn, ensure_ascii=False)


def test_a_high_at_a_moment_without_the_other_series_is_not_lost() -> None:
    chart = Chart("c", ("a", "b", "c", "d"), (Series("x", (1, 90, 1, 1)), Series("y", (1, None, 2, 3))), "")

    drawn = payload(Message("t", "s", blocks=(chart,)))

    judge(drawn)
    assert not is_native(drawn)
    assert "high 90" in json.dumps(drawn, ensure_ascii=False)


@pytest.mark.parametrize("native", [True, False])
def test_what_is_typed_to_call_everybody_calls_nobody(native: bool) -> None:
    nasty = "<!channel> <@U012ABC> <#C012ABC|x> @here <https://evil.example|click>"
    everywhere = Message(
        nasty, nasty, Tone.WARNING,
        (
            Paragraph((nasty, Bold(nasty), Code(nasty), Link(nasty, "https://example.org"))),
            Facts(((nasty, (nasty, Bold(nasty), Code(nasty), Link(nasty, "https://example.org"))),)),
            Table(nasty, (nasty,), ((nasty,),)),
            Chart(nasty, (nasty, "b"), (Series(nasty, (1, 2)),), nasty),
            Footnote((nasty, Bold(nasty), Code(nasty))),
        ),
        (Button(nasty, Verb.SHOW, nasty),),
    )  # fmt: skip

    drawn = payload(everywhere, native=native)

    judge(drawn)
    said = list(texts(drawn))
    assert not any(call in text for text in said for call in ("<!channel>", "<@U", "<#C", "<https://evil"))
    assert any("&lt;!channel&gt;" in text for text in said)


def test_emphasis_code_quotes_and_emoji_in_a_name_stay_letters() -> None:
    name = "> *a* _b_ ~c~ `d` :tada: snake_case 12:30:45"

    drawn = payload(Message("t", "s", blocks=(Footnote((name,)),)))

    assert drawn["blocks"][1]["elements"][0]["text"] == "› ∗a∗ ˍbˍ ∼c∼ ˋdˋ ∶tada: snake_case 12:30:45"


def test_running_text_is_shown_letter_by_letter() -> None:
    drawn = payload(Message("t", "s", blocks=(Paragraph(("a & b < c *d* `e` :tada: &amp;",)),)))

    assert drawn["blocks"][1]["elements"][0]["elements"] == [{"type": "text", "text": "a & b < c *d* `e` :tada: &amp;"}]


def test_an_ampersand_is_escaped_exactly_once() -> None:
    drawn = payload(Message("t", "R&D <x> &amp;", blocks=(Facts((("Pool", ("R&D", Code("a<b"))),)),)))

    assert drawn["text"] == "R&amp;D &lt;x&gt; &amp;amp;"
    assert drawn["blocks"][1]["fields"][0]["text"] == "*Pool*\nR&amp;D`a&lt;b`"


def test_a_link_that_is_no_web_address_is_only_its_text() -> None:
    message = Message(
        "t", "s", blocks=(Paragraph((Link("look", "javascript:alert(1)"),)), Footnote((Link("x", "ftp://y"),)))
    )

    drawn = payload(message)

    assert drawn["blocks"][1]["elements"][0]["elements"] == [{"type": "text", "text": "look"}]
    assert drawn["blocks"][2]["elements"][0]["text"] == "x"


def test_a_link_cannot_be_ended_early() -> None:
    drawn = payload(Message("t", "s", blocks=(Footnote((Link("a|b>c", "https://example.org/a|b>c?d=1&e=2"),)),)))

    assert drawn["blocks"][1]["elements"][0]["text"] == "<https://example.org/a%7Cb%3Ec?d=1&amp;e=2|a|b&gt;c>"


def test_what_does_not_fit_into_a_table_is_counted() -> None:
    table = Table("Pools", ("Pool", "Queue"), tuple((f"pool-{i}", i) for i in range(250)))

    drawn = payload(Message("t", "s", blocks=(table,)))

    judge(drawn)
    assert drawn["blocks"][3]["elements"][0]["text"] == "+151 more rows"


def test_a_table_of_nothing_is_no_empty_block() -> None:
    judge(payload(Message("t", "s", blocks=(Table("", ("",), ()),)), native=False))


def test_only_the_first_table_is_slacks_own_because_slack_takes_one() -> None:
    table = Table("", ("Pool",), (("a",),))

    assert kinds(payload(Message("t", "s", blocks=(table, table)))) == ["header", "table", "rich_text"]


def test_blocks_beyond_slacks_fifty_are_counted() -> None:
    drawn = payload(Message("t", "s", blocks=(Paragraph(("x",)),) * 80, buttons=POOL.buttons))

    judge(drawn)
    assert drawn["blocks"][-2]["elements"][0]["text"] == "+33 more, too long to show here"


def test_a_message_without_a_body_still_says_its_summary() -> None:
    assert kinds(payload(Message("", "All is well."))) == ["rich_text"]


def test_a_button_carries_its_verb_and_subject_there_and_back() -> None:
    button = payload(Message("t", "s", buttons=(Button("Silence", Verb.SILENCE, "7 2h & <x>", Look.DANGER),)))[
        "blocks"
    ][-1]["elements"][0]

    assert button["action_id"] == "silence:0"
    assert button["style"] == "danger"
    assert not set("&<>") & set(button["value"])
    assert read_value(button["value"]) == (Verb.SILENCE, "7 2h & <x>")


@pytest.mark.parametrize(
    "value", ["", "x", "[]", "{}", '{"verb": "explode", "subject": "x"}', '{"verb": 1, "subject": "x"}']
)
def test_a_value_that_is_not_ours_is_nothing(value: str) -> None:
    assert read_value(value) is None


def test_a_button_whose_subject_is_too_long_to_be_carried_is_left_out() -> None:
    drawn = payload(Message("t", "s", buttons=(Button("x", Verb.SHOW, "y" * 3000), Button("z", Verb.SHOW, "z"))))

    assert [element["action_id"] for element in drawn["blocks"][-1]["elements"]] == ["show:1"]


def test_the_brief_form_is_a_title_a_sentence_and_the_buttons() -> None:
    drawn = brief(POOL)

    judge(drawn)
    assert kinds(drawn) == ["header", "rich_text", "actions"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(messages)
def test_any_message_draws_within_every_limit(message: Message) -> None:
    for drawn in (payload(message), payload(message, native=False), brief(message)):
        judge(drawn)
        json.dumps(drawn, allow_nan=False).encode()


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(messages)
def test_without_native_blocks_nothing_is_native(message: Message) -> None:
    assert not is_native(payload(message, native=False))


def test_the_judge_would_notice() -> None:
    bad = payload(POOL)
    bad["blocks"][0]["text"]["text"] = "x" * 151

    with pytest.raises(Exception, match="150"):
        SlackBlock.parse(bad["blocks"][0]).validate_json()  # type: ignore[union-attr]
    with pytest.raises(Exception, match=r"."):
        judge(bad)
