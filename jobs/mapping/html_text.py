"""Turns HTML into text."""

import html
from html.parser import HTMLParser

_NOT_SHOWN = {"script", "style", "template", "noscript"}
_WITHIN_A_WORD = {"b", "i", "em", "strong", "span", "a", "u", "s", "font", "sub", "sup", "mark"}


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _NOT_SHOWN:
            self._hidden += 1
        elif tag not in _WITHIN_A_WORD:
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        if tag not in _WITHIN_A_WORD:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_SHOWN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag not in _WITHIN_A_WORD:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def html_text(source: str) -> str:
    """The text that a browser would show, in one line.

    >>> html_text("<p>Holds <b>300&nbsp;ml</b>.</p><style>p{color:red}</style>")
    'Holds 300 ml.'
    """
    if "<" not in source:
        return " ".join(html.unescape(source).split())
    shown = _Shown()
    shown.feed(source)
    shown.close()
    return " ".join("".join(shown.parts).split())
