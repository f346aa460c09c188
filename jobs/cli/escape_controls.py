"""Escapes control characters, so that text from records is safe to print on a terminal."""

import re

# Control characters (an escape sequence can clear the screen, write to the clipboard or inject
# typed input), bidirectional overrides, Unicode line separators, halves of surrogate pairs, and
# invisible characters. Joiners are not escaped: emoji and many scripts need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_UNSAFE_BUT_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def escape_controls(text: object, *, lines: bool = False) -> str:
    r"""Return `text` with each unsafe character as a Python escape; `lines` keeps line feeds.

    >>> escape_controls("\x1b[31mred\u202e")
    '\\x1b[31mred\\u202e'
    """
    unsafe = _UNSAFE_BUT_LINES if lines else _UNSAFE
    return unsafe.sub(lambda match: _escape(match[0]), str(text))


def escape_bytes(raw: bytes, limit: int = 200) -> str:
    r"""Return the first `limit` bytes as escaped text; bytes that are not UTF-8 are escaped too.

    >>> escape_bytes(b"\xff{\x1b", limit=2)
    '\\xff{ ... (3 bytes)'
    """
    text = escape_controls(raw[:limit].decode("utf-8", "backslashreplace"))
    return text if len(raw) <= limit else f"{text} ... ({len(raw):,} bytes)"


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
