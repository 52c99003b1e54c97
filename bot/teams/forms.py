"""How is a form drawn as the card of a dialog, and what was filled in when it comes back?

Unlike Slack, Teams shows nothing beside a field when a form comes back: the dialog is drawn once more with what was
typed and what is wrong with it. So it carries the form along.
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot.core.language import _
from bot.messages.form import (
    ChoiceField,
    DurationField,
    Form,
    FormField,
    MomentField,
    NumberField,
    PoolsField,
    TextField,
    from_json,
    shown,
    to_json,
)
from bot.messages.model import Block, Chart, Message, Paragraph
from bot.teams.cards import LARGEST, SCHEMA, VERSION, elements, size
from bot.teams.fitting import smaller
from bot.teams.plain import clean, escaped

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
_FORM = "pool-stats-form"
_FIELD = "field:"
_DATE, _TIME = ":date", ":time"
_LONGEST = 1000
_LONGEST_FORM = 20_000


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that came back, and what was typed, by the field's name."""

    form: Form
    typed: Mapping[str, str]


def dialog(
    form: Form, *, zone: str = "", typed: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None
) -> Json:
    """The answer to Teams that shows the form.

    Args:
        form: What to fill in.
        zone: The reader's time zone, in which moments are chosen.
        typed: What was typed before, as `read` takes it.
        problems: What is wrong with it, by the field's name.
    """
    card: Json = {}
    # What stands above the fields is made smaller until it fits, and left out where it never does.
    for each in smaller(Message(form.title, form.title, blocks=form.blocks)):
        card = _card(form, each.blocks, zone, typed, problems or {})
        if size(card) <= LARGEST:
            break
    return _task(form.title, card)


def notice(message: Message) -> Json:
    """The answer to Teams that only says something, in the place of a form."""
    card: Json = {}
    for each in smaller(replace(message, buttons=())):
        body = elements(each.blocks or (Paragraph((each.summary,)),))
        card = _framed(body or [{"type": "TextBlock", "text": "–"}])
        if size(card) <= LARGEST:
            break
    return _task(message.title or "Pool Stats", card)


def returned(content: Mapping[str, Any], zone: str = "") -> Returned | None:
    """The form in what Teams sends when a dialog is sent; `None` when it is not one of ours, or no longer."""
    carried = content.get(_FORM)
    if not isinstance(carried, str) or len(carried) > _LONGEST_FORM:
        return None
    try:
        form = from_json(carried)
    except (ValidationError, RecursionError):
        return None
    return Returned(form, {field.name: _typed(field, content, zone) for field in form.fields})


def _typed(field: FormField, content: Mapping[str, Any], zone: str) -> str:
    name = _FIELD + field.name
    if not isinstance(field, MomentField):
        return _text(content.get(name))
    day, hour = _text(content.get(name + _DATE)), _text(content.get(name + _TIME))
    if not day and not hour:
        return ""
    try:
        chosen = datetime.combine(datetime.fromisoformat(day), time.fromisoformat(hour or "00:00"), _zone(zone))
        return str(int(chosen.timestamp()))
    except (ValueError, OverflowError):
        # What cannot be read is said beside the field.
        return f"{day} {hour}"


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return ""
        case int() | float() as number:
            return str(int(number)) if number == int(number) else str(number)
        case _:
            return ""


def _card(
    form: Form, above: Sequence[Block], zone: str, typed: Mapping[str, str] | None, problems: Mapping[str, str]
) -> Json:
    unknown = [said for name, said in problems.items() if name not in {field.name for field in form.fields}]
    body = [_problem(said) for said in unknown]
    for field in form.fields:
        before = shown(field) if typed is None else typed.get(field.name, "")
        body += _input(field, before, zone)
        if field.name in problems:
            body.append(_problem(problems[field.name]))
    # A dialog opens at its top: what has to be corrected comes before what was there to read.
    body = [*body, *elements(above)] if problems else [*elements(above), *body]
    send = {"type": "Action.Submit", "title": clean(form.submit, 40) or "OK", "data": {_FORM: _carried(form)}}
    return _framed(body, [send])


def _carried(form: Form) -> str:
    """The form as it comes back, so that what stands above it stands there again when something is wrong."""
    coarse = tuple(replace(block, plot=None) if isinstance(block, Chart) else block for block in form.blocks)
    for blocks in (form.blocks, coarse):
        carried = to_json(replace(form, blocks=blocks))
        if len(carried) <= _LONGEST_FORM // 2:
            return carried
    return to_json(replace(form, blocks=()))


def _framed(body: list[Json], actions: list[Json] | None = None) -> Json:
    drawn: Json = {"$schema": SCHEMA, "type": "AdaptiveCard", "version": VERSION, "body": body}
    return drawn | {"actions": actions} if actions else drawn


def _task(title: str, card: Json) -> Json:
    shown_as = {"title": clean(title, 60), "height": "medium", "width": "medium"}
    content = {"contentType": CARD, "content": card}
    return {"task": {"type": "continue", "value": {**shown_as, "card": content}}}


def _problem(said: str) -> Json:
    words = escaped(said, _LONGEST) or "–"
    return {"type": "TextBlock", "text": words, "color": "Attention", "wrap": True, "spacing": "None"}


def _input(field: FormField, before: str, zone: str) -> list[Json]:
    name, label = _FIELD + field.name, clean(field.label, 100)
    named: Json = {"id": name, "label": label, **_demanded(field)}
    hint = escaped(field.hint, 200)
    small = {"isSubtle": True, "size": "Small", "wrap": True, "spacing": "None"}
    told: list[Json] = [{"type": "TextBlock", "text": hint, **small}] if hint else []
    match field:
        case TextField(longest=longest, long=is_long):
            drawn = [{"type": "Input.Text", **named, "maxLength": longest, "isMultiline": is_long, **_value(before)}]
        case NumberField(least=least, most=most):
            number = {"value": int(before)} if before.removeprefix("-").isdecimal() and len(before) < 16 else {}
            drawn = [{"type": "Input.Number", **named, "min": least, "max": most, **number}]
        case ChoiceField(choices=choices):
            offered = [{"title": clean(said, 100), "value": value} for value, said in choices]
            drawn = [{"type": "Input.ChoiceSet", **named, "style": "compact", "choices": offered, **_value(before)}]
        case PoolsField():
            drawn = [{"type": "Input.Text", **named, "placeholder": "train-*, infer-910b", **_value(before)}]
        case MomentField():
            drawn = _moment(name, label, before, zone, _demanded(field))
        case DurationField():
            drawn = [{"type": "Input.Text", **named, "placeholder": "30m, 2h, 1d", **_value(before)}]
        case _:
            assert_never(field)
    return [*drawn, *told]


def _demanded(field: FormField) -> Json:
    """What Teams itself demands before it sends a dialog; all else is said when it comes back."""
    return {} if field.optional else {"isRequired": True, "errorMessage": _("Please fill this in.")}


def _moment(name: str, label: str, before: str, zone: str, demanded: Json) -> list[Json]:
    """A date and a time beside each other; in whose zone is said, for Teams does not."""
    chosen = datetime.fromtimestamp(int(before), _zone(zone)) if before.isdecimal() and len(before) < 12 else None
    day = {"value": chosen.date().isoformat()} if chosen else {}
    hour = {"value": chosen.strftime("%H:%M")} if chosen else {}
    where = clean(zone if isinstance(_zone(zone), ZoneInfo) else "UTC", 60)
    date_input = {"type": "Input.Date", "id": name + _DATE, "label": label, **day, **demanded}
    time_input = {"type": "Input.Time", "id": name + _TIME, "label": where, **hour, **demanded}
    columns = [{"type": "Column", "width": "stretch", "items": [each]} for each in (date_input, time_input)]
    return [{"type": "ColumnSet", "columns": columns}]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def _value(before: str) -> Json:
    return {"value": before[:3000]} if before else {}
