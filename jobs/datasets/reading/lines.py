"""Lines of bytes, of which none is larger than a limit in memory."""

import io
from collections.abc import Iterator
from typing import BinaryIO

LONGEST = 16_000_000
"""Largest line, row or object in bytes; of a longer one the beginning is kept, as a broken row."""
_BLOCK = 1 << 18


def lines(stream: BinaryIO, end: bytes = b"\n") -> Iterator[bytes]:
    r"""Lines without their end; of a line longer than LONGEST, its first LONGEST + 1 bytes.

    >>> import io
    >>> list(lines(io.BytesIO(b"one\n\ntwo")))
    [b'one', b'', b'two']
    """
    begun = bytearray()
    while block := stream.read(_BLOCK):
        first, *others = block.split(end)
        begun += first[: LONGEST + 1 - len(begun)]
        if not others:
            continue
        yield bytes(begun)
        begun = bytearray(others.pop())
        yield from others
    if begun:
        yield bytes(begun)


def is_wide(encoding: str) -> bool:
    """Whether line ends and separators are other bytes in an encoding than in ASCII.

    >>> is_wide("utf-16"), is_wide("latin-1")
    (True, False)
    """
    return '\n",;'.encode(encoding) != b'\n",;'


class Transcoded(io.RawIOBase):
    """The bytes of a text in UTF-8, whatever its encoding; raises UnicodeDecodeError."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding, newline="")
        self._bytes = memoryview(b"")

    def readable(self) -> bool:
        """True, as a reader asks."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer, and return how many bytes there are; 0 at the end."""
        if not self._bytes:
            self._bytes = memoryview(self._text.read(1 << 16).encode())
        count = min(len(buffer), len(self._bytes))
        buffer[:count] = self._bytes[:count]
        self._bytes = self._bytes[count:]
        return count
