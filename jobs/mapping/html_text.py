"""Turns HTML into text, in a time that grows with its length, whatever is wrong with it."""

import html
import re

_NOT_SHOWN = {"script", "style", "template", "noscript"}
_RAW = {"script", "style"}
"""Elements whose content is no mark-up: they go on until their own end tag."""
_WITHIN_A_WORD = {"b", "i", "em", "strong", "span", "a", "u", "s", "font", "sub", "sup", "mark"}

_MARK = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"(?:/\s*+)?([A-Za-z][^\s/>]*+)")
# Quotes count behind an equals sign alone, as in `<p title=it's>`.
_START = re.compile(
    r"""<(?P<name>[A-Za-z][^\s/>]*+)"""
    r"""(?:[^=>]++|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))*+>"""
)
_COMMENT_END = re.compile(r"--\s*>")
_CDATA_END = re.compile(r"]]>")
_MOST_OPEN = 20
"""Tags that are never closed and are looked at; each costs a look at all that is behind it."""


def html_text(source: str) -> str:
    """The text that a browser would show, in one line.

    What is no whole tag is text.

    >>> html_text("<p>Holds <b>300&nbsp;ml</b>.</p><style>p{color:red}</style>")
    'Holds 300 ml.'
    >>> html_text("a <b and <![ c")
    'a <b and <![ c'
    """
    if "<" not in source:
        return " ".join(html.unescape(source).split())
    return " ".join("".join(_Shown(source).parts).split())


class _Shown:
    """Walks over the marks of a source; `parts` are what is shown, with blanks between blocks."""

    def __init__(self, source: str) -> None:
        self.parts: list[str] = []
        self._source = source
        self._last_end = source.rfind(">")
        self._hidden = self._open = 0
        at = begin = 0
        while (mark := _MARK.search(source, at)) is not None and mark.start() < self._last_end:
            end = self._end_of(mark.start())
            if end is None:
                at = mark.end()
                continue
            self._show(source[begin : mark.start()])
            at = begin = self._passed(mark.start(), end)
        self._show(source[begin:])

    def _show(self, text: str) -> None:
        if text and not self._hidden:
            self.parts.append(html.unescape(text))

    def _end_of(self, start: int) -> int | None:
        """Where the mark-up that begins at `start` ends; None where it is text."""
        source = self._source
        if source[start + 1] not in "/!?":
            return self._closed(_START.match(source, start))
        if source.startswith("<!--", start):
            return self._closed(_COMMENT_END.search(source, start + 4))
        if source.startswith("<![CDATA[", start):
            return self._closed(_CDATA_END.search(source, start))
        return source.find(">", start) + 1

    def _closed(self, found: re.Match[str] | None) -> int | None:
        if found is not None:
            return found.end()
        self._open += 1
        if self._open >= _MOST_OPEN:
            # All that is left is text.
            self._last_end = -1
        return None

    def _passed(self, start: int, end: int) -> int:
        """Note a tag; where the text behind it begins."""
        source = self._source
        found = _NAME.match(source, start + 1, end)
        if found is None:
            return end
        name, closes = found[1].lower(), source[start + 1] == "/"
        if name in _NOT_SHOWN and (closes or source[end - 2] != "/"):
            self._hidden = max(self._hidden + (-1 if closes else 1), 0)
            if name in _RAW and not closes:
                close = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, end)
                return len(source) if close is None else close.start()
        elif name not in _WITHIN_A_WORD:
            self.parts.append(" ")
        return end
