"""Records with faults below JSON: bytes, encodings, line ends, sizes."""

from collections.abc import Mapping

import orjson

from bench.fuzz.fuzzed import Fuzzed, Kind, dead, fine
from bench.fuzz.good import Maker

WIDE = ("é", "ß", "日", "本", "语", "\U0001f600", "\u202e", "ﬁ")
NOT_UTF8 = (
    b"\xff",
    b"\xfe\xff",
    b"\x80",
    b"\xbf\xbf",
    b"\xc0\x80",  # overlong
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",  # beyond the last character
    b"\xf8\x88\x80\x80\x80",
    b"\xc3(",
    b"\xe2\x82",
)
MAX_LINE_BYTES = 65_536


def random_bytes(maker: Maker, stream: str) -> Fuzzed:
    """Up to 119 random bytes."""
    return Fuzzed(maker.rng.randbytes(maker.rng.randrange(1, 120)))


def random_punctuation(maker: Maker, stream: str) -> Fuzzed:
    """Up to 59 random characters of those that JSON is made of."""
    count = maker.rng.randrange(1, 60)
    return Fuzzed(bytes(maker.rng.choices(b'{}[]":,\\/0123456789eE+-. \ttruefalsn', k=count)))


def mutated(maker: Maker, stream: str) -> Fuzzed:
    """A good record with up to three bytes changed, dropped or doubled; it may stay good."""
    raw = bytearray(orjson.dumps(maker.record(stream)))
    for _ in range(maker.rng.randrange(1, 4)):
        at = maker.rng.randrange(len(raw))
        draw = maker.rng.random()
        if draw < 0.5:
            raw[at] = maker.rng.randrange(256)
        elif draw < 0.8:
            del raw[at]
        else:
            raw.insert(at, raw[at])
    return Fuzzed(bytes(raw))


def truncated_utf8(maker: Maker, stream: str) -> Fuzzed:
    """A record that is cut inside a character, and may be closed again behind the cut."""
    wide = maker.rng.choice(WIDE)
    text = maker.words(1) + wide
    raw = orjson.dumps(maker.record(stream, session_id=text))
    cut = raw.index(text.encode()) + len(text.encode()) - maker.rng.randrange(1, len(wide.encode()))
    return dead(raw[:cut] + maker.rng.choice((b"", b'"}')), "not_utf8")


def not_utf8(maker: Maker, stream: str) -> Fuzzed:
    """A good record with invalid bytes inside."""
    raw = orjson.dumps(maker.record(stream))
    at = maker.rng.randrange(len(raw))
    return dead(raw[:at] + maker.rng.choice(NOT_UTF8) + raw[at:], "not_utf8")


def other_encoding(maker: Maker, stream: str) -> Fuzzed:
    """A good record in Latin-1, UTF-16 or UTF-32."""
    text = orjson.dumps(maker.record(stream, session_id="déjà")).decode()
    encoding = maker.rng.choice(("latin-1", "utf-16-le", "utf-16-be", "utf-16", "utf-32"))
    return dead(text.encode(encoding, errors="replace"))


def byte_order_mark(maker: Maker, stream: str) -> Fuzzed:
    """A good record behind a byte order mark."""
    return dead(b"\xef\xbb\xbf" + orjson.dumps(maker.record(stream)), "not_json")


def empty_line(maker: Maker, stream: str) -> Fuzzed:
    """An empty line, or one of white space."""
    return dead(maker.rng.choice((b"", b" ", b"\t", b"\r", b" \t ")), "not_json")


def raw_null(maker: Maker, stream: str) -> Fuzzed:
    """A good record with a null byte inside."""
    raw = orjson.dumps(maker.record(stream))
    at = maker.rng.randrange(len(raw) + 1)
    return dead(raw[:at] + b"\0" + raw[at:])


def raw_control_character(maker: Maker, stream: str) -> Fuzzed:
    """A control character in a string, where JSON requires an escape."""
    raw = orjson.dumps(maker.record(stream, session_id="@"))
    bad = maker.rng.choice([bytes([code]) for code in range(32) if code != 10])
    return dead(raw.replace(b"@", b"a" + bad + b"[31mb"), "not_json")


def line_feed_inside(maker: Maker, stream: str) -> Fuzzed:
    """A record over several lines: every line is read as a record of its own."""
    raw = orjson.dumps(maker.record(stream, session_id="first@second"))
    if maker.rng.random() < 0.5:
        return dead(raw.replace(b"@", b"\n"), "not_json")
    return dead(orjson.dumps(maker.record(stream), option=orjson.OPT_INDENT_2))


def carriage_return_at_end(maker: Maker, stream: str) -> Fuzzed:
    """A good record with the line end of Windows."""
    return fine(orjson.dumps(maker.record(stream)) + b"\r")


def too_large(maker: Maker, stream: str) -> Fuzzed:
    """A record that is a few bytes longer than a line may be."""
    raw = orjson.dumps(maker.record(stream, session_id="@"))
    beyond = maker.rng.choice((1, 2, 1000))
    return dead(raw.replace(b"@", b"x" * (MAX_LINE_BYTES - len(raw) + 1 + beyond)), "too_large")


def just_fits(maker: Maker, stream: str) -> Fuzzed:
    """A good record that is as long as a line may be."""
    raw = orjson.dumps(maker.record(stream, session_id="@"))
    return fine(raw.replace(b"@", b"x" * (MAX_LINE_BYTES - len(raw) + 1)))


def megabytes(maker: Maker, stream: str) -> Fuzzed:
    """A record of 3 MB."""
    raw = orjson.dumps(maker.record(stream, session_id="@"))
    filler = maker.rng.choice((b"x", b"[", b"\\u0000", b"\xff", b'{"a":'))
    return dead(raw.replace(b"@", filler * (3_000_000 // len(filler))), "too_large")


KINDS: Mapping[str, tuple[Kind, float]] = {
    "random bytes": (random_bytes, 6),
    "random punctuation": (random_punctuation, 4),
    "mutated": (mutated, 6),
    "truncated UTF-8": (truncated_utf8, 4),
    "not UTF-8": (not_utf8, 4),
    "other encoding": (other_encoding, 2),
    "byte order mark": (byte_order_mark, 1),
    "empty line": (empty_line, 2),
    "raw null": (raw_null, 2),
    "raw control character": (raw_control_character, 3),
    "line feed inside": (line_feed_inside, 2),
    "CR at the end": (carriage_return_at_end, 1),
    "just too large": (too_large, 0.1),
    "just fits": (just_fits, 0.05),
    "megabytes": (megabytes, 0.02),
}
"""By name: the function that makes a record, and its relative frequency."""
