"""How are many alerts told in one message? Each in a line, from what its own message says."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.core.language import N_, _, _n
from bot.messages.model import Block, Bold, Button, Footnote, Look, Message, Paragraph, Span, Tone
from bot.messages.phrases import LONGEST_NAME, listed, one_line, sentences

# As many lines as a screen holds; the others stand in the thread.
MOST_LINES = 20
# In an entry of the thread, which nobody has to scroll past, there may be more, while all of it stays within what every
# platform takes.
MOST_LINES_OF_REST = 35
MOST_LETTERS_OF_REST = 4000
MOST_BUTTONS = 5
# What goes together into one entry of the thread.
MOST_ENTRIES = 20
_LONGEST_LINE = 300
_LONGEST_LABEL = 75

_URGENT = (Tone.CRITICAL, Tone.WARNING, Tone.NEUTRAL, Tone.GOOD)
_WORDS = {
    Tone.CRITICAL: N_("{number} critical"),
    Tone.WARNING: N_("{number} warning"),
    Tone.NEUTRAL: N_("{number} less urgent"),
    Tone.GOOD: N_("{number} resolved"),
}


def summary_message(members: Sequence[Message]) -> Message:
    """The one message of many alerts, given what each alert's own message would say; the most urgent first."""
    told = _by_urgency(members)
    open_now = sum(each.tone is not Tone.GOOD for each in told)
    number = Counter(each.tone for each in told)
    figures = listed([_(_WORDS[tone], number=number[tone]) for tone in _URGENT if number[tone]])
    title = _n("{number} alert, all resolved", "{number} alerts, all resolved", len(told))
    if open_now:
        title = _n("{number} alert at once", "{number} alerts at once", len(told))
    blocks: list[Block] = [Paragraph((Bold(figures),)), *(_line(each) for each in told[:MOST_LINES])]
    if len(told) > MOST_LINES:
        rest = _("+{number} more: the list is in the thread.", number=len(told) - MOST_LINES)
        blocks.append(Paragraph((rest,)))
    blocks.append(Footnote((_("They came at the same time, so they share this message and its thread."),)))
    first = one_line(told[0].summary, _LONGEST_LINE) if told else ""
    return Message(
        title=title,
        summary=_("{title}: {figures}. First: {first}", title=title, figures=figures, first=first),
        tone=told[0].tone if told else Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=_buttons(told),
    )


def rest_of_summary(members: Sequence[Message]) -> tuple[Message, ...]:
    """The alerts for which the summary has no line, for its thread."""
    rest = _by_urgency(members)[MOST_LINES:]
    told: list[Message] = []
    for part in _parts(rest):
        lead = _("Also among the {number}, as they stood at first:", number=len(members))
        names = _("; ").join(one_line(each.title, LONGEST_NAME * 2) for each, _line_of in part)
        said = _("{lead} {names}.", lead=lead, names=names)
        told.append(Message("", said, blocks=(Paragraph((lead,)), *(line for _, line in part))))
    return tuple(told)


def _parts(rest: Sequence[Message]) -> Iterator[list[tuple[Message, Paragraph]]]:
    """As many as one entry holds, each with its line."""
    part: list[tuple[Message, Paragraph]] = []
    letters = 0
    for each in rest:
        line = _line(each)
        # The title stands in what is said without blocks too.
        length = len(each.title) + sum(len(_letters(span)) for span in line.spans)
        if part and (len(part) == MOST_LINES_OF_REST or letters + length > MOST_LETTERS_OF_REST):
            yield part
            part, letters = [], 0
        part.append((each, line))
        letters += length
    if part:
        yield part


def _letters(span: Span) -> str:
    return span if isinstance(span, str) else str(getattr(span, "text", ""))


def entries_together(before: Message, after: Message) -> Message | None:
    """Two entries of a thread in one; `None` when that would be too long to read."""
    blocks = (*before.blocks, *after.blocks)
    if before.title or after.title or len(blocks) > MOST_ENTRIES:
        return None
    said = sentences([before.summary, after.summary])
    return Message("", said, before.tone, blocks, (*before.buttons, *after.buttons))


def _by_urgency(members: Sequence[Message]) -> list[Message]:
    """The most urgent first, of equals those that came first."""
    return sorted(members, key=lambda each: _URGENT.index(each.tone))


def _line(message: Message) -> Paragraph:
    """The title, and what its message says first."""
    lead: tuple[Span, ...] = next((block.spans for block in message.blocks if isinstance(block, Paragraph)), ())
    title = Bold(one_line(message.title, LONGEST_NAME * 2))
    return Paragraph((title, *((" · ", *(_plain(span) for span in lead)) if lead else ())))


def _plain(span: Span) -> Span:
    """What stands out in the alert's own message does not among many."""
    return one_line(span.text, _LONGEST_LINE) if isinstance(span, Bold) else span


def _buttons(told: Sequence[Message]) -> tuple[Button, ...]:
    """What is most wanted about the most urgent ones: the first thing that their own messages offer."""
    wanted = [(each, each.buttons[0]) for each in told if each.buttons and each.buttons[0].look is Look.PRIMARY]
    return tuple(
        Button(
            one_line(_("{what}: {where}", what=button.label, where=_where(each)), _LONGEST_LABEL),
            button.verb,
            button.subject,
        )
        for each, button in wanted[:MOST_BUTTONS]
    )


def _where(message: Message) -> str:
    """The title without how serious it is, which ends with a colon in the language that it was said in."""
    found = re.split(": |：", message.title, maxsplit=1)
    return found[-1] or message.title
