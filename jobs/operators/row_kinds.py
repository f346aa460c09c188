"""Tags of a batch row: events, commands, or a wake; and the bucket of lines without a key."""

from collections.abc import Sequence

EVENTS = 0
CONTROL = 1
WAKE = 2
"""A row whose one line is empty: users of the bucket are going to get what other users had."""
PACKED_EVENTS = 3
"""Events without a text, as one line that holds all of theirs."""

UNREADABLE_BUCKET = -1
"""Bucket of the lines whose key Java could not read: all of them become dead letters, except for
commands that need no user."""


def packed(lines: Sequence[bytes]) -> tuple[int, Sequence[bytes]]:
    r"""The kind and the lines of a row of events without a text.

    Between Java and Python an array of bytes costs for each of its elements, so the lines go as one
    where none has a line break inside, as a record of Kafka may.

    >>> packed([b"{1}", b"{2}"]), packed([b"{", b"1\n2"])
    ((3, [b'{1}\n{2}']), (0, [b'{', b'1\n2']))
    """
    together = b"\n".join(lines)
    if together.count(b"\n") != len(lines) - 1:
        return EVENTS, lines
    return PACKED_EVENTS, [together]


def unpacked(kind: int, lines: Sequence[bytes]) -> Sequence[bytes]:
    """The lines of a row of any kind, one for each event or command."""
    return lines[0].split(b"\n") if kind == PACKED_EVENTS else lines
