"""Records at the limits of JSON: syntax, depth, numbers, escapes, names."""

from collections.abc import Mapping

import orjson

from bench.fuzz.fuzzed import Fuzzed, Kind, dead, fine, splice
from bench.fuzz.good import Maker

MAX_LEVELS = 200
DEPTHS = (250, 256, 300, 500, 900, 990, 998, 999, 1000, 1001, 1020, 1022, 1023, 1024, 1025, 2000)
VERY_DEEP = (5_000, 10_000, 30_000)
NOT_NUMBERS = (b"NaN", b"Infinity", b"-Infinity", b"nan", b"inf", b"undefined", b"None", b"True")
NO_DOUBLE = (b"1e999", b"-1e999", b"1e309", b"1" + b"0" * 400, b"-" + b"9" * 400, b"1" * 5_000)
HUGE = (
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"9223372036854775808",
    b"1" + b"0" * 30,
    b"-" + b"9" * 100,
    b"1e308",
    b"1e-999",
    b"0." + b"0" * 400 + b"1",
    b"1E5",
    b"-0",
    b"-0.0",
    b"3.0000000000000001",
)
BAD_SYNTAX = (
    b"{'user_id': 'u'}",
    b"{user_id: 1}",
    b'{"user_id": 1,}',
    b'{"user_id": 1 "b": 2}',
    b'{"user_id" 1}',
    b'{"user_id":}',
    b'{,"user_id":1}',
    b'{"user_id": 01}',
    b'{"user_id": +1}',
    b'{"user_id": .5}',
    b'{"user_id": 1.}',
    b'{"user_id": 0x1f}',
    b'{"user_id": 1e}',
    b'{"user_id": "a\\x41"}',
    b'{"user_id": "a\\u12"}',
    b'{"user_id": "a\\u00zz"}',
    b'{"user_id": "a',
    b'{"user_id": "a\\"}',
    b'{"user_id": "a"} // comment',
    b'/* comment */ {"user_id": "a"}',
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"-",
    b"{}{}",
    b"{}x",
    b"tru",
    b"GET / HTTP/1.1",
    b"<event/>",
    b"a,b,c",
)
BREAK_OUT = (
    b"],[",
    b"1],[1",
    b"{},{}",
    b"{}]",
    b"[{}",
    b"{}\r,{}",
    b"}{",
    b",",
    b'{"a":',
    b'1}, {"b":2}',
)
NOT_OBJECTS = (b"null", b"true", b"42", b"-1.5", b'"view"', b"[]", b"[1,2,3]", b'["user_id","u"]')


def truncated(maker: Maker, stream: str) -> Fuzzed:
    """The beginning of a good record."""
    raw = orjson.dumps(maker.record(stream))
    return dead(raw[: maker.rng.randrange(1, len(raw))])


def syntax(maker: Maker, stream: str) -> Fuzzed:
    """A line that is not JSON."""
    return dead(maker.rng.choice(BAD_SYNTAX), "not_json")


def break_out(maker: Maker, stream: str) -> Fuzzed:
    """A line that would merge with its neighbours, or count as two, inside an array."""
    raw = orjson.dumps(maker.record(stream))
    piece = maker.rng.choice(BREAK_OUT)
    return dead(maker.rng.choice((piece, raw + b"," + raw, raw + piece, piece + raw)), "not_json")


def not_an_object(maker: Maker, stream: str) -> Fuzzed:
    """JSON that is not an object."""
    raw = orjson.dumps(maker.record(stream))
    choices = (*NOT_OBJECTS, b"[" + raw + b"]", orjson.dumps(raw.decode()))
    return dead(maker.rng.choice(choices), "not_an_object")


def nested(maker: Maker, levels: int) -> bytes:
    """JSON with at least `levels` nested arrays and objects; fewer where the line is too long."""
    draw = maker.rng.random()
    inner = maker.rng.choice((b"", b"1", b'"\\u0000"', b'"\\u00e9"', b"null"))
    if draw < 0.5:
        return b"[" * levels + inner + b"]" * levels
    levels = min(levels, 9_000)
    if draw < 0.8:
        return b'{"a":' * levels + (inner or b"0") + b"}" * levels
    half = levels // 2
    return b'[{"a":' * half + (inner or b"0") + b"}]" * half


def deep(maker: Maker, stream: str) -> Fuzzed:
    """A record that nests deeper than MAX_LEVELS."""
    name = {"events": b'"context":', "items": b'"attributes":', "control": b'"note":'}[stream]
    levels = maker.rng.choice(VERY_DEEP if maker.rng.random() < 0.05 else DEPTHS)
    inner = nested(maker, levels)
    if name == b'"attributes":':
        inner = b'{"a":' + inner + b"}"
    if maker.rng.random() < 0.1:
        known = maker.rng.choice((b'"user_id":', b'"command":', b'"item_id":', b'"action":'))
        return dead(splice(maker, stream, known + inner), "not_json")
    return dead(splice(maker, stream, name + inner), "not_json")


def deep_and_open(maker: Maker, stream: str) -> Fuzzed:
    """Many opening brackets and no closing one."""
    opener = maker.rng.choice((b"[", b'{"a":', b'[{"":'))
    levels = maker.rng.choice((*DEPTHS, *VERY_DEEP)) // len(opener)
    return dead(maker.rng.choice((b"", b'{"user_id":"u","a":')) + opener * levels, "not_json")


def deep_enough(maker: Maker, stream: str) -> Fuzzed:
    """A good record that nests as deep as it may."""
    inner = b"[" * (MAX_LEVELS - 2) + b"]" * (MAX_LEVELS - 2)
    name = {"events": b'"context":', "items": b'"attributes":', "control": b'"note":'}[stream]
    return fine(splice(maker, stream, name + b'{"a":' + inner + b"}"))


def no_number(maker: Maker, stream: str) -> Fuzzed:
    """A record with NaN, an infinity or another word that JSON does not know."""
    name = maker.rng.choice((b"value", b"user_id", b"item_id", b"context", b"attributes", b"x"))
    value = maker.rng.choice(NOT_NUMBERS)
    wrapped = maker.rng.choice((value, b"[" + value + b"]", b'{"a":' + value + b"}"))
    return dead(splice(maker, stream, b'"%s":%s' % (name, wrapped)), "not_json")


def beyond_double(maker: Maker, stream: str) -> Fuzzed:
    """A record with a number that is too large for a double."""
    name = maker.rng.choice((b"value", b"user_id", b"event_time", b"context", b"attributes", b"x"))
    value = maker.rng.choice(NO_DOUBLE)
    wrapped = maker.rng.choice((value, b"[" + value + b"]", b'{"a":' + value + b"}"))
    return dead(splice(maker, stream, b'"%s":%s' % (name, wrapped)), "not_json")


def huge_number(maker: Maker, stream: str) -> Fuzzed:
    """A number that JSON allows, in a field that may or may not allow it."""
    fields = {
        "events": (b"value", b"event_id", b"user_id", b"item_id", b"event_time", b"context"),
        "items": (b"attributes", b"published_at", b"updated_at", b"x"),
        "control": (b"x",),
    }
    name, value = maker.rng.choice(fields[stream]), maker.rng.choice(HUGE)
    changes = {name.decode(): "@"}
    if name == b"event_id":
        changes["user_id"] = f"huge-{maker.number()}"
    raw = orjson.dumps(maker.record(stream, **changes))
    if name == b"attributes":
        value = b'{"n":' + value + b"}"
    return Fuzzed(raw.replace(b'"@"', value))


def unreadable_in_java(maker: Maker, stream: str) -> Fuzzed:
    """A good record that Flink's JSON reader refuses.

    It has a number of thousands of digits, or a name of more than 50,000 characters.
    """
    member = b'"context":{"n":0.' + b"0" * 3_000 + b"1}"
    if maker.rng.random() < 0.2:
        member = b'"context":{"' + b"n" * 51_000 + b'":1}'
    return Fuzzed(splice(maker, stream, member), False, allowed_reason="unreadable_key")


def hidden_text(maker: Maker, stream: str) -> Fuzzed:
    """A good event whose text Java may not find, because the name of the field is escaped."""
    record = maker.search(maker.words(1), action=maker.rng.choice(("search", "comment")))
    raw = orjson.dumps(record).replace(b'"text"', b'"te\\u0078t"')
    return Fuzzed(raw, False, allowed_reason="unreadable_text")


def escaped_null(maker: Maker, stream: str) -> Fuzzed:
    """A record with an escaped null character, which Postgres cannot store."""
    name = maker.rng.choice(("user_id", "item_id", "session_id", "title", "command", "action"))
    if maker.rng.random() < 0.8:
        text = maker.rng.choice(("\0", "a\0b", "\0" * 5, "a\0", "'\0; DROP"))
        return dead(orjson.dumps(maker.record(stream, **{name: text})), "null_character")
    return dead(orjson.dumps(maker.record(stream, context={"a\0": [["\0"]]})), "null_character")


def lone_surrogate(maker: Maker, stream: str) -> Fuzzed:
    """A record with an escaped half of a surrogate pair."""
    half = maker.rng.choice((b"\\ud800", b"\\udfff", b"\\uDC00\\uD800", b"\\ud83d", b"a\\ud83dz"))
    name = maker.rng.choice((b"user_id", b"item_id", b"title", b"text", b"action", b"x"))
    return dead(splice(maker, stream, b'"%s":"%s"' % (name, half)), "not_json")


def escapes(maker: Maker, stream: str) -> Fuzzed:
    """A good record with every character of every name and string escaped."""

    def escaped(text: str) -> str:
        units = text.encode("utf-16-be")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02X}" for i in range(0, len(units), 2))

    members = [
        f'"{escaped(name)}":"{escaped(value)}"'
        if isinstance(value, str)
        else f'"{escaped(name)}":{orjson.dumps(value).decode()}'
        for name, value in maker.record(stream).items()
    ]
    space = maker.rng.choice(("", " ", "\t ", "  "))
    return fine(f"{space}{{{space}{f'{space},'.join(members)}{space}}}{space}".encode())


def duplicate_keys(maker: Maker, stream: str) -> Fuzzed:
    """A record with a repeated name, whose last value counts."""
    names = {
        "events": ("event_id", "user_id", "action", "item_id", "event_time"),
        "items": ("item_id", "title", "categories"),
        "control": ("user_id", "command"),
    }
    name = maker.rng.choice(names[stream])
    another = b'"other-%s-%d"' % (stream.encode(), maker.number())
    other = maker.rng.choice((another, b"null", b"1.5", b"[]", b'""', b'{"a":1}'))
    raw = orjson.dumps(maker.record(stream))
    if maker.rng.random() < 0.5:
        return fine(b'{"%s":%s,' % (name.encode(), other) + raw[1:])
    return Fuzzed(raw[:-1] + b',"%s":%s}' % (name.encode(), other))


KINDS: Mapping[str, tuple[Kind, float]] = {
    "truncated": (truncated, 6),
    "bad syntax": (syntax, 5),
    "breaks out of the batch": (break_out, 4),
    "not an object": (not_an_object, 4),
    "deep": (deep, 2),
    "deep and open": (deep_and_open, 1),
    "deep enough": (deep_enough, 0.2),
    "no number": (no_number, 3),
    "beyond a double": (beyond_double, 3),
    "huge number": (huge_number, 4),
    "more than Java reads": (unreadable_in_java, 0.1),
    "escaped null": (escaped_null, 4),
    "lone surrogate": (lone_surrogate, 4),
    "escapes": (escapes, 1),
    "duplicate keys": (duplicate_keys, 3),
}
