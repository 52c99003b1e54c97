"""What is in a picture, for those who cannot see it?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.charts.model import Line, Panel, Picture, Span
from bot.core.durations import spoken
from bot.core.language import _, _n
from bot.messages.phrases import listed, sentences

# The alt text of an image block: https://docs.slack.dev/reference/block-kit/blocks/image-block
LONGEST = 2000
_SPANS_TOLD = 3


def described(picture: Picture) -> str:
    """The figures of the picture in sentences, at most as long as Slack takes as alt text."""
    said = [
        _(
            "{title} From {since} to {until} UTC.",
            title=_sentence(picture.title),
            since=_time(picture.start),
            until=_time(picture.end),
        )
    ]
    said += [sentence for panel in picture.panels for sentence in _panel(panel)]
    said += [_sentence(picture.note)] if picture.note else []
    text = sentences(said)
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
    longest = spoken(max(lengths)) if lengths else ""
    if len(spans) == 1:
        if lengths:
            return _("{trouble}: once, for {time}", trouble=kind, time=longest)
        return _("{trouble}: once, not over", trouble=kind)
    times = len(spans)
    if lengths and going_on:
        return _n(
            "{trouble}: {number} time, longest {time}, {open} not over",
            "{trouble}: {number} times, longest {time}, {open} not over",
            times,
            trouble=kind,
            time=longest,
            open=going_on,
        )
    if lengths:
        return _n(
            "{trouble}: {number} time, longest {time}",
            "{trouble}: {number} times, longest {time}",
            times,
            trouble=kind,
            time=longest,
        )
    return _n(
        "{trouble}: {number} time, {open} not over",
        "{trouble}: {number} times, {open} not over",
        times,
        trouble=kind,
        open=going_on,
    )


def _panel(panel: Panel) -> Iterator[str]:
    for number, line in enumerate(panel.lines):
        said = _line(line)
        yield _("{heading}: {sentence}", heading=panel.heading, sentence=said) if panel.heading and not number else said
    for kind, spans in grouped(panel.spans).items():
        each = listed([_span(span) for span in spans[:_SPANS_TOLD]])
        if len(spans) > _SPANS_TOLD:
            each = _("{some} and {number} more", some=each, number=len(spans) - _SPANS_TOLD)
        yield _("{what}: {times}.", what=counted(kind, spans), times=each)
    for limit in panel.limits:
        yield _("Limit: {limit}", limit=_sentence(limit.label))
    for mark in panel.marks:
        yield _("{what} at {time}.", what=mark.label, time=_time(mark.at))


def _line(line: Line) -> str:
    known = [(value, at) for at, value in line.points if value is not None]
    if not known:
        return _("{line}: nothing was read.", line=line.label)
    least, most, last = min(known)[0], max(known)[0], known[-1][0]
    if least == most:
        return _("{line} {number} all the time.", line=line.label, number=f"{most:g}")
    most_at = next(at for value, at in known if value == most)
    return _(
        "{line} between {lowest} and {highest}, highest at {time}, last {last}.",
        line=line.label,
        lowest=f"{least:g}",
        highest=f"{most:g}",
        time=_time(most_at),
        last=f"{last:g}",
    )


def _span(span: Span) -> str:
    if span.end is None:
        lasted = _("from {since} on", since=_time(span.start))
    else:
        lasted = _("from {since} to {until}", since=_time(span.start), until=_time(span.end))
    return _("{time} ({what})", time=lasted, what=span.text) if span.text else lasted


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…", "。")) else _("{sentence}.", sentence=text)


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
