"""The elements of the list in a JSON document, one by one: the document is never in memory."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

from jobs.datasets.reading.errors import NoListError
from jobs.datasets.reading.lines import LONGEST

_BLOCK = 1 << 18
_INSIDE = rb'(?:[^"\\]++|\\.)*+'
_STRING_REST = re.compile(_INSIDE, re.DOTALL)
# What stands between brackets, strings included that end in the block; and between elements.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"' + _INSIDE + rb'")*+', re.DOTALL)
_TO_COMMA = re.compile(rb'(?:[^"\[\]{},]++|"' + _INSIDE + rb'")*+', re.DOTALL)
_CLOSES = {ord("]"): ord("["), ord("}"): ord("{")}
_QUOTE, _COMMA, _LIST, _OBJECT = (ord(found) for found in '",[{')


def json_elements(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of each element of a list: the document, or the first list of objects in it.

    Of an element larger than LONGEST its first LONGEST + 1 bytes. Raises NoListError where
    brackets do not match, the document ends before they do, or there is no list.

    >>> import io
    >>> list(json_elements(io.BytesIO(b'{"total": 2, "shop": {"items": [{"id": 1}, {"id": 2}]}}')))
    [b'{"id": 1}', b' {"id": 2}']
    """
    reader = _Elements()
    while block := stream.read(_BLOCK):
        yield from reader.add(block)
    reader.end()


class _Elements:
    """What is open at a place of the document, and the element that has begun."""

    def __init__(self) -> None:
        self._open: list[int] = []
        self._in_string = False
        self._skip = 0
        self._level = 0
        """How many brackets are open around an element of the list; 0 before and behind it."""
        self._maybe = False
        """Whether the last bracket opened a list inside of an object, and nothing followed yet."""
        self._begun = bytearray()
        self._count = 0
        self._found = False
        self._ended = False

    def add(self, block: bytes) -> Iterator[bytes]:
        kept = 0
        at = self._end_of_string(block, self._skip) if self._in_string else 0
        while at < len(block):
            between = _TO_COMMA if len(self._open) == self._level else _TO_BRACKET
            place = between.match(block, at).end()  # type: ignore[union-attr]
            if (self._maybe or not self._open) and (text := block[at:place].strip()):
                self._maybe = False
                if not self._open and text != BOM_UTF8:
                    raise self._wrong("holds text outside of its brackets")
            if place == len(block):
                break
            byte, at = block[place], place + 1
            if self._ended:
                raise self._wrong(
                    "goes on behind its end, and is neither one document nor an object a line"
                )
            if byte == _QUOTE:
                self._in_string, self._maybe = True, False
                at = self._end_of_string(block, at)
            elif byte == _COMMA:
                yield self._take(block[kept:place])
                kept = at
            elif byte in _CLOSES:
                if not self._open or self._open[-1] != _CLOSES[byte]:
                    raise self._wrong("has brackets that do not match")
                if self._level and len(self._open) == self._level:
                    last = self._take(block[kept:place])
                    if last.strip():
                        yield last
                    self._level, kept = 0, at
                self._maybe = False
                self._open.pop()
                self._ended = not self._open
            else:
                if byte == _OBJECT and self._maybe and not self._found:
                    self._begin()
                    kept = place
                self._open.append(byte)
                self._maybe = byte == _LIST
                if self._maybe and len(self._open) == 1:
                    self._begin()
                    kept = at
        if self._level:
            self._begun += block[kept:][: max(LONGEST + 1 - len(self._begun), 0)]

    def _end_of_string(self, block: bytes, at: int) -> int:
        """The place behind the string that is open, or the end of the block."""
        end = _STRING_REST.match(block, at).end()  # type: ignore[union-attr]
        self._in_string = block[end : end + 1] != b'"'
        # A backslash at the end takes the first character of the next block.
        self._skip = int(self._in_string and end < len(block))
        return len(block) if self._in_string else end + 1

    def _begin(self) -> None:
        self._level = len(self._open)
        self._found = True

    def _take(self, rest: bytes) -> bytes:
        self._begun += rest[: max(LONGEST + 1 - len(self._begun), 0)]
        element = bytes(self._begun)
        self._begun.clear()
        self._count += 1
        return element

    def end(self) -> None:
        if self._open or self._in_string:
            raise self._wrong("ends before its brackets are closed")
        if not self._found:
            raise self._wrong("holds neither a list of objects nor an object a line")

    def _wrong(self, what: str) -> NoListError:
        return NoListError(f"{what}; {self._count} elements were read")
