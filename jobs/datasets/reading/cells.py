"""Cells of a row: quotes are read as they are written, and what is not well-formed is refused."""

import csv
from collections.abc import Callable
from dataclasses import dataclass

_CSV_LIMIT = 131_072
"""Longest cell of the standard library's reader, which is fast, and takes no longer delimiter."""


@dataclass(frozen=True)
class Dialect:
    """What separates and encloses cells; empty texts for quotes or escapes that do not exist."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""


@dataclass(frozen=True)
class Malformed:
    """Why a row is not well-formed, in words that can be counted."""

    reason: str


OPEN_QUOTE = Malformed("a quote that does not close")
AFTER_QUOTE = Malformed("text behind a closing quote")


def cells(text: str, dialect: Dialect, more: Callable[[], str | None]) -> list[str] | Malformed:
    r"""The cells of a row that begins with the line `text`.

    A quoted cell may go on over lines: `more()` gives a line end with the next line, or None. A
    quote counts at the beginning of a cell only, and closes it in front of a delimiter or the end.

    >>> cells('1,"a ""b"", c",5" disk', Dialect(), lambda: None)
    ['1', 'a "b", c', '5" disk']
    >>> cells('1,"a" b', Dialect(), lambda: None).reason
    'text behind a closing quote'
    """
    delimiter, quote, escape = dialect.delimiter, dialect.quote, dialect.escape
    if not (quote and quote in text) and not (escape and escape in text):
        return text.split(delimiter)
    if not escape and len(delimiter) == 1 and len(text) < _CSV_LIMIT:
        try:
            return next(csv.reader((text,), delimiter=delimiter, quotechar=quote, strict=True))
        except csv.Error:
            # Not well-formed on this line alone.
            pass
    return _read(text, dialect, more)


def _read(text: str, dialect: Dialect, more: Callable[[], str | None]) -> list[str] | Malformed:
    delimiter, quote, escape = dialect.delimiter, dialect.quote, dialect.escape
    found: list[str] = []
    at = 0
    while True:
        parts: list[str] = []
        if quote and text.startswith(quote, at):
            at += len(quote)
            while True:
                close = text.find(quote, at)
                step = _escaped(text, at, close, escape)
                if step >= 0:
                    parts.append(text[at:step])
                    at = step + 1
                    if at < len(text):
                        parts.append(text[at])
                        at += 1
                        continue
                    close = -1
                if close < 0:
                    parts.append(text[at:])
                    following = more()
                    if following is None:
                        return OPEN_QUOTE
                    text, at = following, 0
                    continue
                parts.append(text[at:close])
                at = close + len(quote)
                if not text.startswith(quote, at):
                    break
                parts.append(quote)
                at += len(quote)
            if at < len(text) and not text.startswith(delimiter, at):
                return AFTER_QUOTE
        else:
            while True:
                end = text.find(delimiter, at)
                step = _escaped(text, at, end, escape)
                if step < 0:
                    break
                parts += (text[at:step], text[step + 1 : step + 2])
                at = step + 2
            parts.append(text[at:] if end < 0 else text[at:end])
            at = len(text) if end < 0 else end
        found.append("".join(parts))
        if at >= len(text):
            return found
        at += len(delimiter)


def _escaped(text: str, start: int, end: int, escape: str) -> int:
    """The place of an escape in front of `end` (-1: the end of the text), or -1."""
    if not escape:
        return -1
    return text.find(escape, start, len(text) if end < 0 else end)
