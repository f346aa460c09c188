"""No text from a record reaches a terminal as a command."""

import unicodedata

import pytest

from bench.fuzz.hostile import HOSTILE
from jobs.cli.escape_controls import escape_bytes, escape_controls


def unsafe_characters(text: str) -> list[str]:
    """Characters that a terminal may act upon, by their Unicode category and bidi class."""
    return [
        character
        for character in text
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character)
        in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_escaped(text):
    escaped = escape_controls(text)
    assert unsafe_characters(escaped) == []
    if not unsafe_characters(text) and "\u200b" not in text and "\ufeff" not in text:
        assert escaped == text


def test_every_control_character_of_unicode_is_escaped():
    for code in range(0x110000):
        assert unsafe_characters(escape_controls(chr(code))) == [], hex(code)


def test_ordinary_text_is_unchanged():
    for text in ("日本語　「星」", "العربية", "é ß ﬁ", "👨‍👩‍👧 हिन्दी", "back\\slash", "100 %"):
        assert escape_controls(text) == text


def test_escapes_are_written_as_in_python():
    assert escape_controls("\x1b[0m\x9b\u202e\U000e0041") == "\\x1b[0m\\x9b\\u202e\\U000e0041"
    assert escape_controls("a\nb\tc") == "a\\x0ab\\x09c"
    assert escape_controls("a\nb\tc\r", lines=True) == "a\nb\\x09c\\x0d"


def test_bytes_that_are_not_utf_8_are_escaped_and_long_ones_cut():
    assert escape_bytes(b"\xff\x1b{\xc3\xa9}") == "\\xff\\x1b{é}"
    assert escape_bytes(b"x" * 5_000, limit=3) == "xxx ... (5,000 bytes)"
