"""Records that are valid JSON, with a fault in a field."""

from collections.abc import Mapping
from typing import Any

import orjson

from bench.fuzz.fuzzed import Fuzzed, Kind, dead, fine
from bench.fuzz.good import NOON_MS, Maker
from bench.fuzz.hostile import HOSTILE
from bench.fuzz.kinds_json import hidden_text

NO_ID: tuple[Any, ...] = (True, False, 1.5, -0.5, [], {}, ["a"], {"id": 7}, [[1]], 1e300)
NO_TEXT: tuple[Any, ...] = (True, 12, 1.5, [], {}, ["a"], {"text": "a"})
WRONG_TYPES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "events": {
        "event_id": NO_ID,
        "user_id": NO_ID,
        "item_id": NO_ID,
        "text": NO_TEXT,
        "action": (True, 3, 1.5, ["view"], {"a": 1}),
        "event_time": (True, 1.5, [], {}, [NOON_MS]),
    },
    "items": {
        "item_id": NO_ID,
        "group_id": NO_ID,
        "title": NO_TEXT,
        "text": NO_TEXT,
        "language": NO_TEXT,
        "categories": ("book", 1, True, {}, [1], [None], [["a"]], ["a", 1]),
        "available": ("yes", 0, 1, 1.0, [], {}),
        "attributes": ("a", 1, True, [], [{}]),
        "published_at": (True, 1.5, [], {}),
        "updated_at": (True, 1.5, [], {}),
    },
    "control": {"user_id": NO_ID},
}
BAD_VALUES: tuple[Any, ...] = ("five", "5", "", True, False, [], {}, [4], {"stars": 4})
BAD_TIMES = (
    "yesterday",
    "2024-05-01",
    "2024-05-01T10:00:00",
    "2024-05-01 10:00",
    "2024-13-01T10:00:00Z",
    "2024-02-30T10:00:00Z",
    "2024-05-01T25:00:00Z",
    "2024-05-01T10:60:00Z",
    "2024-05-01T10:00:60Z",
    "2024-05-01T10:00:00+25:00",
    "2024-05-01T10:00:00+01:75",
    "2024-05-01T10:00:00.Z",
    "2024-W18-3T10:00:00Z",
    "20240501T100000Z",
    "٢٠٢٤-05-01T10:00:00Z",
    "2024-05-01T10:00:00Z\n",
    " 2024-05-01T10:00:00Z",
    "1750000000000",
    "now()",
    "infinity",
    "'; DROP TABLE users; --",
    "\x1b[31m",
)
OUT_OF_BOUNDS = (
    0,
    -1,
    631_151_999_999,
    1_750_000_000,
    99_999_999_999_999,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
    "1789-07-14T09:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)
GOOD_TIMES = (
    NOON_MS,
    "2025-06-15T12:00:00Z",
    "2025-06-15t12:00:00.123456789z",
    "2025-06-15 12:00:00+23:59",
    "2025-06-15T12:00:00.9-00:00",
    631_152_000_000,
)
REQUIRED = {
    "events": ("event_id", "user_id", "action", "event_time"),
    "items": ("item_id", "title"),
    "control": ("user_id", "command"),
}


def missing(maker: Maker, stream: str) -> Fuzzed:
    """A record without a required field, or with an empty one."""
    record = maker.record(stream)
    name = maker.rng.choice(REQUIRED[stream])
    draw = maker.rng.random()
    if draw < 0.4:
        del record[name]
    elif draw < 0.7:
        record[name] = None
    elif name == "command":
        return dead(b"{}", "missing_field")
    else:
        record[name] = ""
    return dead(orjson.dumps(record), "missing_field")


def wrong_type(maker: Maker, stream: str) -> Fuzzed:
    """A record with a field of another type."""
    fields = WRONG_TYPES[stream]
    name = maker.rng.choice(list(fields))
    record = maker.record(stream, **{name: maker.rng.choice(fields[name])})
    return dead(orjson.dumps(record), "wrong_type")


def everything_wrong(maker: Maker, stream: str) -> Fuzzed:
    """A record whose fields all have another type."""
    record: dict[str, Any] = {
        name: maker.rng.choice((True, 1.5, [], {}, [[]], {"a": None}))
        for name in WRONG_TYPES[stream]
    }
    return dead(orjson.dumps(record))


def bad_value(maker: Maker, stream: str) -> Fuzzed:
    """A rating without a number."""
    record = maker.event(value=maker.rng.choice(BAD_VALUES), action="rating")
    return dead(orjson.dumps(record), "bad_value")


def bad_time(maker: Maker, stream: str) -> Fuzzed:
    """A record with a time that is no time."""
    name = "event_time" if stream == "events" else "published_at"
    record = maker.record(stream, **{name: maker.rng.choice(BAD_TIMES)})
    return dead(orjson.dumps(record), "bad_time")


def out_of_bounds(maker: Maker, stream: str) -> Fuzzed:
    """A record with a time that is too early or too late."""
    if stream == "items":
        when = maker.rng.choice((2**63 - 1, -(2**63), 253_402_300_800_000, -62_135_596_800_001))
        record = maker.item(**{maker.rng.choice(("published_at", "updated_at")): when})
    else:
        record = maker.event(event_time=maker.rng.choice(OUT_OF_BOUNDS))
    return dead(orjson.dumps(record), "time_out_of_bounds")


def good_time(maker: Maker, stream: str) -> Fuzzed:
    """A good record with an unusual form of its time."""
    name = "event_time" if stream == "events" else "updated_at"
    return fine(orjson.dumps(maker.record(stream, **{name: maker.rng.choice(GOOD_TIMES)})))


def too_long(maker: Maker, stream: str) -> Fuzzed:
    """A record with an id or a text that is too long."""
    letter = maker.rng.choice(("x", "日", "\U0001f600"))
    if stream == "control" or maker.rng.random() < 0.7:
        name = "item_id" if stream == "items" else "user_id"
        record = maker.record(stream, **{name: letter * maker.rng.choice((257, 300, 5_000))})
    else:
        record = maker.record(stream, text=letter * maker.rng.choice((8_193, 9_000)))
    return dead(orjson.dumps(record), "too_long")


def just_short_enough(maker: Maker, stream: str) -> Fuzzed:
    """A good record with the longest id."""
    letter = maker.rng.choice(("x", "日", "\U0001f600"))
    unique = f"{maker.number():08d}"
    name = "item_id" if stream == "items" else "user_id"
    return fine(orjson.dumps(maker.record(stream, **{name: unique + letter * 248})))


def longest_text(maker: Maker, stream: str) -> Fuzzed:
    """A good search with the longest text, in characters of one to four bytes."""
    text = maker.rng.choice(("x ", "日", "\U0001f600")) * 8_192
    return fine(orjson.dumps(maker.search(text[:8_192])))


def unknown_word(maker: Maker, stream: str) -> Fuzzed:
    """A record with an unknown action or command."""
    name = "command" if stream == "control" else "action"
    words = (*(text for text in HOSTILE), "VIEW", "view ", "forget;", "x" * 300)
    record = maker.record(stream, **{name: maker.rng.choice(words)})
    return dead(orjson.dumps(record), "unknown_action")


def bad_merge(maker: Maker, stream: str) -> Fuzzed:
    """A merge of a user into itself, into nobody, or into something that is no id."""
    user = maker.number()
    into, reason = maker.rng.choice(
        [
            *((str(user), "bad_merge"), (user, "bad_merge")),
            *((None, "missing_field"), ("", "missing_field")),
            *(([], "wrong_type"), (1.5, "wrong_type"), ("x" * 300, "too_long")),
        ]
    )
    record = maker.command(user_id=user, command="merge", into=into)
    return dead(orjson.dumps(record), reason)


def missing_target(maker: Maker, stream: str) -> Fuzzed:
    """An event with neither item nor text."""
    record = maker.event(item_id=None, text=maker.rng.choice((None, "")))
    return dead(orjson.dumps(record), "missing_target")


def broken_with_text(maker: Maker, stream: str) -> Fuzzed:
    """A broken event with a text: Java sends it to the encoder before Python checks the record."""
    text = maker.rng.choice((*HOSTILE[:20], "x" * 9_000, "a\0b"))
    record = maker.search(text, user_id=maker.rng.choice((None, 1.5, [], "x" * 300)))
    if maker.rng.random() < 0.3:
        record["action"] = "comment"
    return dead(orjson.dumps(record))


def hostile(maker: Maker, stream: str) -> Fuzzed:
    """A good record with hostile texts."""
    text = maker.rng.choice(HOSTILE)
    if stream == "items":
        record = maker.item(title=f"{text} {maker.rng.choice(HOSTILE)}", categories=[text])
    elif stream == "control":
        record = maker.command(user_id=f"nobody {text}")
    else:
        record = maker.event(user_id=text, session_id=text, context={text: [text]})
    return fine(orjson.dumps(record))


KINDS: Mapping[str, Mapping[str, tuple[Kind, float]]] = {
    "events": {
        "missing field": (missing, 6),
        "wrong type": (wrong_type, 10),
        "everything wrong": (everything_wrong, 2),
        "bad value": (bad_value, 4),
        "bad time": (bad_time, 5),
        "out of bounds": (out_of_bounds, 4),
        "good time": (good_time, 0.5),
        "too long": (too_long, 1),
        "just short enough": (just_short_enough, 0.2),
        "longest text": (longest_text, 0.05),
        "unknown action": (unknown_word, 4),
        "missing target": (missing_target, 2),
        "broken with a text": (broken_with_text, 2),
        "hidden text": (hidden_text, 0.05),
        "hostile": (hostile, 2),
    },
    "items": {
        "missing field": (missing, 8),
        "wrong type": (wrong_type, 16),
        "everything wrong": (everything_wrong, 2),
        "bad time": (bad_time, 4),
        "out of bounds": (out_of_bounds, 2),
        "good time": (good_time, 0.2),
        "too long": (too_long, 1),
        "just short enough": (just_short_enough, 0.2),
        "hostile": (hostile, 0.5),
    },
    "control": {
        "missing field": (missing, 8),
        "wrong type": (wrong_type, 8),
        "everything wrong": (everything_wrong, 2),
        "too long": (too_long, 1),
        "just short enough": (just_short_enough, 0.2),
        "unknown command": (unknown_word, 8),
        "bad merge": (bad_merge, 2),
        "hostile": (hostile, 0.5),
    },
}
