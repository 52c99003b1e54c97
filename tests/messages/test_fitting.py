"""Is nothing lost of a message that is too long for one?"""

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.fitting import split
from bot.messages.model import Block, Message, Paragraph, Table

_ROWS = st.lists(st.tuples(st.integers(0, 9), st.text("ab", max_size=3)), max_size=30).map(tuple)
_BLOCKS = st.lists(
    st.one_of(
        st.text("xyz", min_size=1, max_size=9).map(lambda text: Paragraph((text,))),
        _ROWS.map(lambda rows: Table("a table", ("n", "s"), rows)),
    ),
    max_size=12,
).map(tuple)


def weight(message: Message) -> int:
    """How much room it takes."""
    return sum(len(block.rows) + 1 if isinstance(block, Table) else 1 for block in message.blocks)


def content(blocks: tuple[Block, ...]) -> list[object]:
    """Every paragraph and row, in order."""
    return [each for block in blocks for each in (block.rows if isinstance(block, Table) and block.rows else (block,))]


@given(_BLOCKS, st.integers(3, 40))
def test_nothing_is_lost_and_nothing_told_twice(blocks: tuple[Block, ...], room: int) -> None:
    message = Message("digest", "a digest", blocks=blocks)
    head, rest = split(message, lambda each: weight(each) <= room)

    if not rest:
        assert head == message
        return
    more = len(content(blocks)) - len(content(head.blocks[:-1]))
    assert head.blocks[-1] == Paragraph((f"+{more} more: in the thread.",))
    assert content(head.blocks[:-1]) + [each for part in rest for each in content(part.blocks)] == content(blocks)
    assert all(weight(each) <= room for each in (head, *rest))


def test_what_fits_stays_as_it_is() -> None:
    message = Message("digest", "a digest", blocks=(Paragraph(("short",)),))
    assert split(message, lambda _: True) == (message, ())


def test_what_fits_in_no_part_is_left_to_the_renderer() -> None:
    message = Message("digest", "a digest", blocks=(Paragraph(("endless",)),))
    assert split(message, lambda _: False) == (message, ())
