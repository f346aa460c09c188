"""Parses the raw lines of a batch into event columns and dead letters.

Nearly all batches hold valid events only. Three ways of parsing, each tried where the one before
fails, give the same result:

1. `_read_plain`: the whole batch as typed objects, for events that have the usual fields only.
2. `_object_columns`: the whole batch as dictionaries, for events with further fields.
3. `_parse_one_by_one`: line by line, which defines what is valid and names each reason.
"""

import re
import secrets
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import orjson

from jobs.core.parsing.broken_lines import dead_letter
from jobs.core.parsing.events import DeadLetter, EventColumns, ParsedBatch, Rejection
from jobs.core.parsing.json_records import (
    MAX_LEVELS,
    is_too_deep,
    read_id,
    read_object,
    read_text,
    read_time_ms,
)
from jobs.core.parsing.rules import Rules

# The lines of a batch are parsed as one JSON array with a random number between them. A crafted
# line that closes its object and opens another cannot guess it, so lines and objects stay paired.
_MARK = secrets.randbits(62)
_SEPARATOR = b"\n,%d,\n" % _MARK

_Event = tuple[str, str, str, str | None, str | None, int, float]


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event with the fields of the contract and no others, each of its usual type."""

    event_id: str
    user_id: str
    action: str
    event_time: int | float
    item_id: str | None = None
    text: str | None = None
    value: int | float | None = None
    session_id: Any = None
    context: Any = None


# An integer of so many digits can exceed every double; msgspec accepts it and orjson does not.
_DIGITS = re.compile(rb"\d{300}")
_PLAIN = msgspec.json.Decoder(list[_Plain | int])


def parse_events(lines: Sequence[bytes], rules: Rules, now_ms: int) -> ParsedBatch:
    """Accept or reject every line: each becomes an event or a dead letter.

    `now_ms` is the processing time in epoch milliseconds, against which event times are checked.

    >>> good = b'{"event_id":1,"user_id":2,"action":"view","item_id":"i","event_time":1700000000000'
    >>> good += b"}"
    >>> rules = Rules(frozenset({"view"}))
    >>> batch = parse_events([good, b'{'], rules, now_ms=1_700_000_000_000)
    >>> batch.events.item_id, [dead_letter.reason for dead_letter in batch.dead]
    (['i'], ['not_json'])
    """
    records: list[Any] | None = None
    array = _as_array(lines, rules)
    if array is not None:
        columns = _read_plain(array, lines, rules, now_ms)
        if columns is None:
            records = _read_objects(array, len(lines))
            columns = None if records is None else _object_columns(records, rules, now_ms)
        if columns is not None:
            return ParsedBatch(columns)
    return _parse_one_by_one(lines, records, rules, now_ms)


def _as_array(lines: Sequence[bytes], rules: Rules) -> bytes | None:
    """The lines as one JSON array with marks between them; None if a line must be checked first.

    Such a line is too long, nested too deep, or may hold a null character.
    """
    longest = max(map(len, lines), default=0)
    if longest > rules.max_line_bytes:
        return None
    if longest > MAX_LEVELS and any(map(is_too_deep, lines)):
        return None
    array = b"[%b]" % _SEPARATOR.join(lines)
    return None if b"\\u0000" in array else array


def _between_marks(parsed: list[Any], count: int) -> list[Any] | None:
    """The value of each of `count` lines; None if a line is not exactly one value."""
    marks = parsed[1::2]
    paired = len(parsed) == 2 * count - 1 and marks.count(_MARK) == len(marks)
    return parsed[::2] if paired else None


def _read_plain(
    array: bytes, lines: Sequence[bytes], rules: Rules, now_ms: int
) -> EventColumns | None:
    """Columns of a batch of plain, valid events; None if one event is not.

    Only ASCII without escapes is read here: msgspec and orjson accept the same texts of it.
    """
    if b"\\" in array or not array.isascii():
        return None
    if max(map(len, lines), default=0) >= 300 and _DIGITS.search(array):
        return None
    try:
        parsed = _PLAIN.decode(array)
    except (msgspec.DecodeError, RecursionError):
        return None
    events = _between_marks(parsed, len(lines))
    if events is None or set(map(type, events)) != {_Plain}:
        return None
    times = [event.event_time for event in events]
    if set(map(type, times)) != {int}:
        return None
    return _checked(
        [event.event_id for event in events],
        [event.user_id for event in events],
        [event.action for event in events],
        [event.item_id for event in events],
        [event.text for event in events],
        times,
        [event.value for event in events],
        rules,
        now_ms,
    )


def _read_objects(array: bytes, count: int) -> list[Any] | None:
    """The object of each of `count` lines; None if a line is not exactly one object."""
    try:
        records = _between_marks(orjson.loads(array), count)
    except orjson.JSONDecodeError:
        return None
    return records if records is not None and set(map(type, records)) == {dict} else None


def _object_columns(
    records: list[dict[str, Any]], rules: Rules, now_ms: int
) -> EventColumns | None:
    """Columns of a batch of valid records of the usual types; None if one record is not."""
    try:
        ids = [record["event_id"] for record in records]
        users = [record["user_id"] for record in records]
        actions = [record["action"] for record in records]
        times = [record["event_time"] for record in records]
    except KeyError:
        return None
    items = [record.get("item_id") for record in records]
    texts = [record.get("text") for record in records]
    values = [record.get("value") for record in records]
    if not (
        set(map(type, ids)) == set(map(type, users)) == {str}
        and set(map(type, actions)) == {str}
        and set(map(type, times)) == {int}
        and set(map(type, items)) <= {str, type(None)}
        and set(map(type, texts)) <= {str, type(None)}
        and set(map(type, values)) <= {int, float, type(None)}
    ):
        return None
    return _checked(ids, users, actions, items, texts, times, values, rules, now_ms)


def _checked(
    ids: list[str],
    users: list[str],
    actions: list[str],
    items: list[str | None],
    texts: list[str | None],
    times: list[int],
    values: list[float | None],
    rules: Rules,
    now_ms: int,
) -> EventColumns | None:
    """The columns of a batch, whose types are right, if every event is valid; otherwise None."""
    if not (rules.actions.issuperset(actions) and all(ids) and all(users)) or "" in items:
        return None
    named = [item for item in items if item is not None]
    if max(map(len, chain(ids, users, named))) > rules.max_id_chars:
        return None
    given = [text for text in texts if text is not None]
    if given and (min(map(len, given)) == 0 or max(map(len, given)) > rules.max_text_chars):
        return None
    if len(named) < len(items) and any(
        item is None and text is None for item, text in zip(items, texts, strict=True)
    ):
        return None
    try:
        time_ms = np.array(times, dtype=np.int64)
        value = np.array(values, dtype=np.float64)
    except OverflowError:
        return None
    if time_ms.min() < rules.earliest_ms or time_ms.max() > now_ms + rules.latest_ahead_ms:
        return None
    return EventColumns(list(range(len(ids))), ids, users, actions, items, texts, time_ms, value)


def _parse_one_by_one(
    lines: Sequence[bytes], records: list[Any] | None, rules: Rules, now_ms: int
) -> ParsedBatch:
    """Events and dead letters of the lines, whose `records` are read here where they are None."""
    accepted: list[_Event] = []
    accepted_lines: list[int] = []
    dead: list[DeadLetter] = []
    for index, line in enumerate(lines):
        record = records[index] if records is not None else read_object(line, rules)
        event = record if isinstance(record, Rejection) else check_event(record, rules, now_ms)
        if isinstance(event, Rejection):
            dead.append(dead_letter(line, record, event, rules))
        else:
            accepted_lines.append(index)
            accepted.append(event)
    columns = [list(column) for column in zip(*accepted, strict=True)] or [[] for _ in range(7)]
    event_ids, user_ids, actions, item_ids, texts, times, values = columns
    return ParsedBatch(
        EventColumns(
            accepted_lines,
            event_ids,
            user_ids,
            actions,
            item_ids,
            texts,
            np.array(times, dtype=np.int64),
            np.array(values, dtype=np.float64),
        ),
        dead,
    )


def check_event(record: dict[str, Any], rules: Rules, now_ms: int) -> _Event | Rejection:
    """The event of one record, or the reason why the record is rejected.

    This defines what is valid; parsing of whole batches must agree with it on every input.
    """
    event_id = read_id(record, "event_id", rules)
    user_id = read_id(record, "user_id", rules)
    item_id = read_id(record, "item_id", rules, required=False)
    text = read_text(record, "text", rules)
    for found in (event_id, user_id, item_id, text):
        if isinstance(found, Rejection):
            return found
    action = record.get("action")
    if action is None or action == "":
        return Rejection("missing_field", "action")
    if not isinstance(action, str):
        return Rejection("wrong_type", f"action is a {type(action).__name__}")
    if action not in rules.actions:
        return Rejection("unknown_action", action[:64])
    time_ms = read_time_ms(record, "event_time")
    if time_ms is None:
        return Rejection("missing_field", "event_time")
    if isinstance(time_ms, Rejection):
        return time_ms
    if not rules.earliest_ms <= time_ms <= now_ms + rules.latest_ahead_ms:
        return Rejection("time_out_of_bounds", str(time_ms)[:64])
    value = record.get("value")
    if value is not None and type(value) not in (int, float):
        return Rejection("bad_value", f"value is a {type(value).__name__}")
    if item_id is None and text is None:
        return Rejection("missing_target", "neither item_id nor text")
    assert isinstance(event_id, str)
    assert isinstance(user_id, str)
    return (
        event_id,
        user_id,
        action,
        item_id,  # type: ignore[return-value]
        text,
        time_ms,
        float("nan") if value is None else float(value),
    )
