"""A workspace with what the bot says in it, and a small app that answers: what the page is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock, Timer
from typing import Any

from bot.sandbox.elements import with_ids
from bot.sandbox.model import BOT, BOT_ID, COLLEAGUE, YOU, Ack, Json, Message, View
from bot.sandbox.workspace import Workspace

PLATFORM = "C0PLATFORM1"
ONCALL = "C0MLONCALL1"

_STATUSES = (
    "Queue", "Pending", "Creating", "Running", "Completed", "Terminating", "Terminated", "Abnormal", "Failed",
)  # fmt: skip
_COUNTS = {
    "train": (42, 3, 1, 118, 960, 0, 12, 2, 17),
    "infer": (0, 0, 0, 36, 4, 0, 1, 0, 0),
    "notebook": (1, 0, 2, 9, 51, 1, 8, 0, 3),
}


def text(words: str) -> Json:
    return {"type": "mrkdwn", "text": words}


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words, "emoji": True}


def button(name: str, action: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action, "text": plain(name), **more}


def counts_table(counts: Mapping[str, tuple[int, ...]]) -> Json:
    def number(value: int) -> Json:
        return {"type": "raw_number", "value": value, "text": f"{value:,}"}

    head = [{"type": "raw_text", "text": name} for name in ("Type", *_STATUSES, "All")]
    rows = [[{"type": "raw_text", "text": name}, *map(number, row), number(sum(row))] for name, row in counts.items()]
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    bold = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "All", "style": {"bold": True}}]}]}  # fmt: skip
    rows.append([bold, *map(number, totals), number(sum(totals))])
    return {
        "type": "table",
        "rows": [head, *rows],
        "column_settings": [{"align": "left"}, *[{"align": "right"}] * (len(_STATUSES) + 1)],
    }


def statistics(taken: int, queue: int = 42) -> list[Json]:
    counts = _COUNTS | {"train": (queue, *_COUNTS["train"][1:])}
    return [
        {"type": "header", "text": plain("train-a100")},
        {"type": "section", "text": text(f"*{queue + 1} queued* · 163 running · 20 failed  `pool-7f3a9c21`\n"
                                         "In the last hour: queue *+18*, failed *+6*, completed *+71*")},
        counts_table(counts),
        {"type": "context", "elements": [text(
            f"As of <!date^{taken}^{{date_short_pretty}} at {{time}}|2026-11-23 12:00 UTC> · 20 seconds old")]},
        {"type": "actions", "block_id": "pool", "elements": [
            button("Refresh", "refresh", style="primary", value="train-a100"),
            button("Share with channel", "share"),
            {"type": "static_select", "action_id": "window", "placeholder": plain("Chart…"), "options": [
                {"text": plain("Last 24 hours"), "value": "24h"}, {"text": plain("Last 7 days"), "value": "7d"}]},
            {"type": "overflow", "action_id": "more", "options": [
                {"text": plain("Why?"), "value": "why"}, {"text": plain("Jobs"), "value": "jobs"}]},
        ]},
    ]  # fmt: skip


def chart(kind: str = "line") -> Json:
    hours = [f"{hour:02d}:00" for hour in range(2, 22)]
    queue = [4, 3, 5, 4, 6, 8, 7, 9, 12, 11, 10, 14, 18, 24, 22, 31, 37, 42, 40, 42]
    failed = [0, 1, 0, 2, 1, 0, 1, 3, 2, 2, 4, 3, 2, 5, 6, 8, 7, 9, 6, 6]
    if kind == "pie":
        parts = zip(("Running", "Queue", "Failed", "Creating"), (163, 43, 20, 3), strict=True)
        segments = [{"label": name, "value": value} for name, value in parts]
        return {"type": "data_visualization", "title": "Jobs now", "chart": {"type": "pie", "segments": segments}}
    if kind == "bar":
        hours, queue, failed = hours[-6:], queue[-6:], failed[-6:]
    series = [
        {"name": name, "data": [{"label": h, "value": v} for h, v in zip(hours, values, strict=True)]}
        for name, values in (("Queue", queue), ("Failed", failed))
    ]
    axes = {"categories": hours, "x_label": "Hour (UTC)", "y_label": "Jobs"}
    return {
        "type": "data_visualization",
        "title": "train-a100 · last 20 hours",
        "chart": {"type": kind, "series": series, "axis_config": axes},
    }


def alert(since: int, *, resolved: bool = False) -> Message:
    state, colour = ("Resolved", "#2f9e6b") if resolved else ("Firing", "#cf3f4f")
    sign = ":white_check_mark:" if resolved else ":rotating_light:"
    words = f"Queue spike in train-a100: 42 queued, usually about 6. {state}."
    blocks = [
        {"type": "section", "text": text(f"{sign} *Queue spike* in *train-a100* · {state}\n"
                                         "*42 jobs are queued*, usually about 6 at this hour")},
        {"type": "section", "fields": [
            text("*Why now*\n18 more within 10 minutes; 7.0 × the median"),
            text(f"*Since*\n<!date^{since}^{{date_short_pretty}} at {{time}}|12:00 UTC>"),
            text("*Job type*\ntrain"), text("*Severity*\nwarning")]},
        {"type": "context", "elements": [text("Rule `queue spike` · last reading 20 seconds ago")]},
    ]  # fmt: skip
    if not resolved:
        blocks.append({"type": "actions", "block_id": "alert", "elements": [
            button("Acknowledge", "ack", style="primary"), button("Silence…", "silence"),
            button("Resolve", "resolve", style="danger", confirm={
                "title": plain("Resolve this alert?"), "text": text("The queue is *still long*."),
                "confirm": plain("Resolve"), "deny": plain("Keep it"), "style": "danger"}),
        ]})  # fmt: skip
    return Message(ONCALL, "", BOT, words, bot_id=BOT_ID, attachments=({"color": colour, "blocks": blocks, "id": 1},))


def digest() -> list[Json]:
    return [
        {"type": "header", "text": plain(":newspaper: Pools this morning")},
        {"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "Three pools, one needs somebody."}]},
            {"type": "rich_text_list", "style": "bullet", "elements": [
                {"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "train-a100", "style": {"bold": True}},
                    {"type": "text", "text": ": queue +36 since yesterday "},
                    {"type": "emoji", "name": "chart_with_upwards_trend"}]},
                {"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "infer-910b", "style": {"bold": True}},
                    {"type": "text", "text": ": quiet"}]},
            ]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Times are those of Shanghai."}]},
        ]},
        {"type": "divider"},
        chart("bar"),
        {"type": "context", "elements": [text("Every weekday at 9:00 · `/pool-digest remove` ends this")]},
    ]  # fmt: skip


def silence_modal() -> Json:
    options = [{"text": plain(name), "value": value} for name, value in (("1 hour", "1h"), ("4 hours", "4h"))]
    return {
        "type": "modal",
        "callback_id": "silence",
        "title": plain("Silence an alert"),
        "submit": plain("Silence"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "alert", "level": "info", "text": text("Everybody in the channel sees who silenced what.")},
            {"type": "input", "block_id": "for", "label": plain("For how long"), "element": {
                "type": "static_select", "action_id": "duration", "options": options, "initial_option": options[0]}},
            {"type": "input", "block_id": "why", "label": plain("Why"), "hint": plain("Shown in the alert's thread."),
             "element": {"type": "plain_text_input", "action_id": "reason", "multiline": True,
                         "placeholder": plain("Planned maintenance")}},
            {"type": "input", "block_id": "who", "optional": True, "label": plain("Tell"), "element": {
                "type": "checkboxes", "action_id": "tell", "options": [
                    {"text": plain("the channel"), "value": "channel", "description": plain("One line, no mention")},
                    {"text": plain("whoever is on call"), "value": "oncall"}]}},
        ],
    }  # fmt: skip


def home_view() -> Json:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Your pools")},
            {"type": "section", "text": text("*train-a100*\n43 queued · 163 running"),
             "accessory": button("Show", "show", value="train-a100")},
            {"type": "section", "text": text("*infer-910b*\nNothing queued · 36 running"),
             "accessory": button("Show", "show", value="infer-910b")},
            {"type": "divider"},
            counts_table(_COUNTS),
            {"type": "context", "elements": [text("`/pool-stats help` says what else there is")]},
        ],
    }  # fmt: skip


def fill(workspace: Workspace) -> dict[str, Message]:
    """Put a morning's conversation into the workspace; returns the messages the tests look for."""
    now = int(workspace.now())

    def at(minutes: float) -> str:
        return f"{now - int(minutes * 60)}.{int(minutes * 7):06d}"

    def say(minutes: float, user: str, words: str = "", channel: str = PLATFORM, **more: Any) -> Message:
        bot_id = BOT_ID if user == BOT else ""
        return workspace.post(Message(channel, at(minutes), user, words, bot_id=bot_id, **more))

    say(1500, BOT, "Pools this morning", blocks=tuple(digest()))
    say(92, COLLEAGUE, "Is anyone else waiting for *train-a100*? My run has been queued since 9.")
    say(91, COLLEAGUE, "It says `Queue`, see <https://example.com/runs/118|run 118>")
    root = say(75, YOU, f"<@{COLLEAGUE}> let me ask the bot :eyes:")
    say(70, BOT, "train-a100: 43 queued, 163 running, 20 failed", blocks=tuple(statistics(now - 4200)))
    say(64, COLLEAGUE, "Thanks! I move mine to the small pool.", thread_ts=root.ts)
    say(62, YOU, "Good. I ask in <#C0CAPACITY1|> about the big one.", thread_ts=root.ts)
    say(40, BOT, "train-a100, last 20 hours: queue 4 to 42", blocks=(chart("line"),), edited=at(38))
    fired = workspace.post(replace(alert(now - 1500), ts=at(25)))
    return {"root": root, "alert": fired}


class FakeApp:
    """An app that answers commands, presses and submissions as ours does, and remembers what it was sent."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.got: list[tuple[str, Json]] = []
        self.broken = ""
        self._lock = Lock()
        workspace.deliver = self.deliver

    def deliver(self, kind: str, payload: Json) -> Ack:
        with self._lock:
            self.got.append((kind, payload))
        if self.broken:
            return Ack(error=self.broken)
        match kind, payload.get("type"):
            case "slash_commands", _:
                return self._command(payload)
            case "interactive", "block_actions":
                return self._pressed(payload)
            case "interactive", "view_submission":
                reason = payload["view"]["state"]["values"]["why"]["reason"]["value"]
                if reason == "because":
                    return Ack(body={"response_action": "errors", "errors": {"why": "Say a little more than that."}})
                self.workspace.post(Message(ONCALL, "", BOT, f"Silenced: {reason}", bot_id=BOT_ID))
                return Ack()
            case "interactive", "block_suggestion":
                return Ack(body={"options": [{"text": plain("train-a100"), "value": "train-a100"}]})
            case "events_api", _:
                if payload["event"]["type"] == "app_home_opened":
                    body = home_view() | {"blocks": list(with_ids(home_view()["blocks"]))}
                    self.workspace.put_view(View("VHOME", "home", YOU, body, "1", "VHOME"))
                return Ack()
            case _:
                return Ack()

    def _command(self, payload: Json) -> Ack:
        if payload["text"] == "slow":
            Timer(0.2, lambda: self.workspace.post(_to_asker(payload["channel_id"], statistics(1)))).start()
            return Ack()
        words = "train-a100: 43 queued, 163 running, 20 failed"
        now = int(self.workspace.now())
        return Ack(body={"response_type": "ephemeral", "text": words, "blocks": statistics(now)})

    def _pressed(self, payload: Json) -> Ack:
        action = payload["actions"][0]["action_id"]
        if action == "silence":
            self.workspace.put_view(View("VSILENCE", "modal", YOU, silence_modal(), "1", "VSILENCE"), push=True)
            return Ack()
        place = payload.get("container", {})
        message = self.workspace.message(place.get("channel_id", ""), place.get("message_ts", ""))
        if message and action in {"refresh", "resolve"}:
            now = int(self.workspace.now())
            resolved = replace(message, attachments=alert(now, resolved=True).attachments)
            fresh = replace(message, blocks=tuple(statistics(now, queue=7)))
            self.workspace.change(resolved if action == "resolve" else fresh)
        return Ack()


def _to_asker(channel: str, blocks: list[Json]) -> Message:
    return Message(channel, "", BOT, "train-a100", blocks=tuple(blocks), bot_id=BOT_ID, ephemeral_to=YOU)
