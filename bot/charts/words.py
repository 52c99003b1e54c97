"""What is in a picture, for those who cannot see it?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.charts.model import Line, Panel, Picture, Span
from bot.core.durations import spoken

# The alt text of an image block: https://docs.slack.dev/reference/block-kit/blocks/image-block
LONGEST = 2000
_SPANS_TOLD = 3


def described(picture: Picture) -> str:
    """The figures of the picture in sentences, at most as long as Slack takes as alt text."""
    said = [f"{_sentence(picture.title)} From {_time(picture.start)} to {_time(picture.end)} UTC."]
    said += [sentence for panel in picture.panels for sentence in _panel(panel)]
    said += [_sentence(picture.note)] if picture.note else []
    text = " ".join(said)
    return text if len(text) <= LONGEST else text[: LONGEST - 2].rsplit(" ", 1)[0] + " …"


def grouped(spans: Sequence[Span]) -> dict[str, list[Span]]:
    """The spans by their kind, in the order in which the kinds first come."""
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.kind, []).append(span)
    return found


def counted(kind: str, spans: Sequence[Span]) -> str:
    """How often something was, for the legend: queue spike: 7 times, longest 2 h, 1 not over."""
    lengths = [span.end - span.start for span in spans if span.end is not None]
    going_on = len(spans) - len(lengths)
    said = [f"{kind}: {'once' if len(spans) == 1 else f'{len(spans)} times'}"]
    if lengths:
        said.append(f"{'for' if len(spans) == 1 else 'longest'} {spoken(max(lengths))}")
    if going_on:
        said.append("not over" if len(spans) == 1 else f"{going_on} not over")
    return ", ".join(said)


def _panel(panel: Panel) -> Iterator[str]:
    about = f"{panel.heading}: " if panel.heading else ""
    for line in panel.lines:
        yield about + _line(line)
        about = ""
    for kind, spans in grouped(panel.spans).items():
        each = ", ".join(_span(span) for span in spans[:_SPANS_TOLD])
        more = f" and {len(spans) - _SPANS_TOLD} more" if len(spans) > _SPANS_TOLD else ""
        yield f"{counted(kind, spans)}: {each}{more}."
    for limit in panel.limits:
        yield f"Limit: {_sentence(limit.label)}"
    for mark in panel.marks:
        yield f"{mark.label} at {_time(mark.at)}."


def _line(line: Line) -> str:
    known = [(value, at) for at, value in line.points if value is not None]
    if not known:
        return f"{line.label}: nothing was read."
    least, most, last = min(known)[0], max(known)[0], known[-1][0]
    if least == most:
        return f"{line.label} {most:g} all the time."
    most_at = next(at for value, at in known if value == most)
    return f"{line.label} between {least:g} and {most:g}, highest at {_time(most_at)}, last {last:g}."


def _span(span: Span) -> str:
    lasted = f"to {_time(span.end)}" if span.end is not None else "on"
    return f"from {_time(span.start)} {lasted}" + (f" ({span.text})" if span.text else "")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
