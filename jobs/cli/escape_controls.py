"""Text from outside, made safe to look at."""

import re

# Controls (an escape sequence can clear the screen, write into the clipboard or answer as if it
# had been typed), what turns the direction of the text, line ends of Unicode, halves of surrogate
# pairs, and characters that show as nothing. Joiners stay: emoji and many scripts are made of them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_UNSAFE_BUT_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def escape_controls(text: object, *, lines: bool = False) -> str:
    r"""`text` with everything that a terminal would obey written out; `lines` keeps line feeds.

    >>> escape_controls("\x1b[31mred\u202e")
    '\\x1b[31mred\\u202e'
    """
    unsafe = _UNSAFE_BUT_LINES if lines else _UNSAFE
    return unsafe.sub(lambda found: _escaped(found[0]), str(text))


def printable_bytes(raw: bytes, limit: int = 200) -> str:
    r"""The beginning of raw bytes; what is no UTF-8 is written out, too.

    >>> printable_bytes(b"\xff{\x1b", limit=2)
    '\\xff{ ... (3 bytes)'
    """
    shown = escape_controls(raw[:limit].decode("utf-8", "backslashreplace"))
    return shown if len(raw) <= limit else f"{shown} ... ({len(raw):,} bytes)"


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
