"""Ways to break a record, each with the reason that the job must give (docs/contract.md)."""

from collections.abc import Callable

import orjson

from jobs.datasets.dataset import Record

Break = Callable[[Record], bytes]
"""Makes a broken line from a good record."""


def _with(**changes: object) -> Break:
    return lambda record: orjson.dumps({**record, **changes})


def _without(*keys: str) -> Break:
    return lambda record: orjson.dumps(
        {key: found for key, found in record.items() if key not in keys}
    )


def _line(raw: bytes) -> Break:
    return lambda record: raw


def _cut(record: Record) -> bytes:
    line = orjson.dumps(record)
    return line[: len(line) * 2 // 3]


def _raw_null(record: Record) -> bytes:
    return orjson.dumps({**record, "session_id": "@"}).replace(b"@", b"\0")


def _latin_1(record: Record) -> bytes:
    return orjson.dumps({**record, "text": "@"}).replace(b"@", "déjà lu".encode("latin-1"))


BREAKS: dict[str, tuple[Break, ...]] = {
    "not_utf8": (_latin_1, _line(b"\xff\xfe\x00\x01"), _line(b'{"user_id":"\xc3\x28"}')),
    "not_json": (_cut, _raw_null, _line(b"GET /index.html"), _line(b"{'user_id': 'u'}")),
    "not_an_object": (_line(b"[1,2,3]"), _line(b'"view"'), _line(b"42"), _line(b"null")),
    "null_character": (_with(user_id="us\0er"), _with(item_id="bo\0ok"), _with(text="a\0b")),
    "missing_field": (
        _without("event_id"),
        _without("user_id"),
        _without("action"),
        _without("event_time"),
        _with(user_id=""),
    ),
    "wrong_type": (
        _with(user_id=["user"]),
        _with(item_id={"id": 7}),
        _with(event_id=1.5),
        _with(text=12),
        _with(action=3),
    ),
    "too_long": (_with(text="long " * 2_000), _with(item_id="i" * 300)),
    "unknown_action": (_with(action="teleport"), _with(action="VIEW")),
    "bad_time": (_with(event_time="yesterday evening"), _with(event_time="2024-05-01T10:00:00")),
    "time_out_of_bounds": (
        _with(event_time=-1),
        _with(event_time=99_999_999_999_999),
        _with(event_time="1789-07-14T09:00:00Z"),
        _with(event_time=0),
    ),
    "bad_value": (_with(value="five stars"), _with(value=True), _with(value=[4])),
    "missing_target": (_without("item_id", "text"), _with(item_id=None, text=None)),
    "too_large": (_with(context={"padding": "x" * 70_000}),),
}
"""The ways to break a record, by the reason of the dead letter."""
