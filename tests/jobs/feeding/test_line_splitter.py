"""Blocks of bytes become lines, wherever the blocks end."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.feeding.line_splitter import LineSplitter, LongLine

LONGEST = 8


def split(text: bytes, sizes: list[int]) -> tuple[list[tuple[int, bytes]], LineSplitter]:
    splitter = LineSplitter("x", LONGEST)
    found, begin = [], 0
    for size in sizes:
        found += splitter.add(text[begin : begin + size])
        begin += size
    found += splitter.add(text[begin:])
    return found + splitter.end(), splitter


@given(
    st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=8),
    st.lists(st.integers(0, 15), max_size=8),
    st.booleans(),
)
def test_no_line_is_lost_and_long_ones_are_cut_wherever_blocks_end(
    lines: list[bytes], sizes: list[int], ends: bool
) -> None:
    text = b"".join(line + b"\n" for line in lines)
    found, splitter = split(text if ends else text[:-1], sizes)
    numbered = list(enumerate(lines, start=1))
    kept = [(number, line) for number, line in numbered if line.strip() or len(line) > LONGEST]
    assert found == [(number, line[: LONGEST + 1]) for number, line in kept]
    assert splitter.long_lines == [
        LongLine("x", number, len(line)) for number, line in numbered if len(line) > LONGEST
    ]
    assert all(len(line) <= LONGEST + 1 for _, line in found)


def test_empty_lines_are_counted_and_keep_their_number() -> None:
    found, splitter = split(b"\n \r\na\n\nb", [1, 3])
    assert found == [(3, b"a"), (5, b"b")]
    assert splitter.empty == 3


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert split(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [2])[0] == [(1, b"a"), (2, b"\xef\xbb\xbfb")]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    splitter = LineSplitter("x", LONGEST)
    for _ in range(100):
        assert splitter.add(b"y" * 1000) == []
    assert splitter.add(b"\nz\n") == [(1, b"y" * (LONGEST + 1)), (2, b"z")]
    assert splitter.long_lines == [LongLine("x", 1, 100_000)]
