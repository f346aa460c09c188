"""One line in; a checked record out, or the reason why not.

The reasons are tried in the order in which docs/contract.md lists them, so that a line with
several faults always dies of the same one.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from bench.verify.recompute.actions import Action

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
COMMANDS = frozenset({"forget", "opt_out", "opt_in"})
MAX_LEVELS = 200
"""A record is nested at most so many objects and arrays deep, itself counted."""


@dataclass(frozen=True)
class Bounds:
    latest_ms: int
    """Newest event time that is believed."""
    earliest_ms: int = 631_152_000_000
    """Oldest event time that is believed: 1990-01-01."""
    max_text_chars: int = 8192
    """Longest text of a record."""
    max_line_bytes: int = 65_536
    """Longest line."""
    max_id_chars: int = 256
    """Longest id."""


@dataclass(frozen=True, slots=True)
class Event:
    event_id: str
    user_id: str
    action: str
    time_ms: int
    item_id: str | None
    wanted: str | None
    """Text that stands for the event in place of the item."""
    weight: float
    """Signed; of a text that is judged, what the most liking one would weigh."""
    said: str | None = None
    """Text that the user says."""
    judged: bool = False
    """Whether the sentiment of what was said scales the weight."""
    attention: float = 0.0
    """Weight of what was said in `topics`."""


@dataclass(frozen=True, slots=True)
class Item:
    item_id: str
    document: str
    available: bool = True


@dataclass(frozen=True, slots=True)
class Control:
    user_id: str
    command: str


class RejectedError(Exception):
    """The line is a dead letter."""

    def __init__(self, reason: str, user_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.user_id = user_id


def read_event(raw: bytes, actions: Mapping[str, Action], bounds: Bounds) -> Event:
    record = _parse(raw)
    try:
        return _event(record, len(raw), actions, bounds)
    except RejectedError as rejected:
        rejected.user_id = _readable_id(record.get("user_id"), bounds)
        raise


def _event(
    record: dict[str, Any], size: int, actions: Mapping[str, Action], bounds: Bounds
) -> Event:
    _required(record, "event_id", "user_id", "action", "event_time")
    event_id = _id(record["event_id"])
    user_id = _id(record["user_id"])
    item_id = _id(record["item_id"]) if record.get("item_id") is not None else None
    action = _typed(record["action"], str)
    time = record["event_time"]
    if isinstance(time, bool) or not isinstance(time, str | int):
        raise RejectedError("wrong_type")
    text = _optional(record, "text", str)
    value = record.get("value")

    if any(
        len(an_id) > bounds.max_id_chars
        for an_id in (event_id, user_id, item_id)
        if an_id is not None
    ):
        raise RejectedError("too_long")
    if text is not None and len(text) > bounds.max_text_chars:
        raise RejectedError("too_long")
    configured = actions.get(action)
    if configured is None:
        raise RejectedError("unknown_action")
    time_ms = _time_ms(time)
    if not bounds.earliest_ms <= time_ms <= bounds.latest_ms:
        raise RejectedError("time_out_of_bounds")
    number = _finite(value)
    wanted = text if text and configured.wanted_text else None
    if item_id is None and not text:
        raise RejectedError("missing_target")
    _fits(size, bounds)
    weight = configured.signed_weight(number)
    said = text if text and configured.said_text else None
    return Event(
        event_id,
        user_id,
        action,
        time_ms,
        item_id,
        wanted,
        weight,
        said,
        judged=said is not None and not configured.scaled_by(number),
        attention=configured.weight if said is not None else 0.0,
    )


def read_item(raw: bytes, bounds: Bounds) -> Item:
    record = _parse(raw)
    _required(record, "item_id", "title")
    item_id = _id(record["item_id"])
    title = _typed(record["title"], str)
    text = _optional(record, "text", str)
    language = _optional(record, "language", str)
    categories = _optional(record, "categories", list) or []
    for category in categories:
        _typed(category, str)
    available = _optional(record, "available", bool)
    _optional(record, "attributes", dict)
    times = [
        record[name] for name in ("published_at", "updated_at") if record.get(name) is not None
    ]
    if any(isinstance(time, bool) or not isinstance(time, str | int) for time in times):
        raise RejectedError("wrong_type")
    texts = [title, text or "", language or "", *categories]
    if len(item_id) > bounds.max_id_chars or any(len(t) > bounds.max_text_chars for t in texts):
        raise RejectedError("too_long")
    for time in times:
        _representable(_time_ms(time))
    _fits(len(raw), bounds)
    return Item(item_id, f"{title}. {text}" if text else title, available is not False)


def read_control(raw: bytes, bounds: Bounds) -> Control:
    record = _parse(raw)
    _required(record, "user_id", "command")
    user_id = _id(record["user_id"])
    command = _typed(record["command"], str)
    if len(user_id) > bounds.max_id_chars:
        raise RejectedError("too_long")
    if command not in COMMANDS:
        raise RejectedError("unknown_action")
    _fits(len(raw), bounds)
    return Control(user_id, command)


def line_of(record: bytes | Mapping[str, Any]) -> bytes:
    """The line that stands for a record given as an object."""
    if isinstance(record, bytes):
        return record
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise RejectedError("not_utf8") from None
    if _levels(line) > MAX_LEVELS:
        raise RejectedError("not_json")
    try:
        record = json.loads(
            line,
            parse_constant=_no_constant,
            parse_float=_double,
            parse_int=_integer,
            object_pairs_hook=_members if "\\u" in line else None,
        )
        if "\\u" in line:
            # Strings that stand in no object.
            _no_surrogate(record)
        null = "\\u0000" in line and _any_string(record, lambda text: "\0" in text)
    except (ValueError, RecursionError):
        raise RejectedError("not_json") from None
    if not isinstance(record, dict):
        raise RejectedError("not_an_object")
    if null:
        raise RejectedError("null_character")
    return record


def _no_constant(name: str) -> NoReturn:
    """NaN and the infinities are Python's, not JSON's."""
    raise ValueError(name)


def _levels(line: str) -> int:
    """How deep objects and arrays are nested, by the brackets that stand in no string."""
    if line.count("[") + line.count("{") <= MAX_LEVELS:
        return 0
    level = deepest = 0
    in_string = skip = False
    for character in line:
        if skip:
            skip = False
        elif in_string:
            skip = character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def _double(text: str) -> float:
    """JSON sets no limit to its numbers; what no double can hold is not read."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _integer(text: str) -> int:
    _double(text)
    return int(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of one name's values the last one counts, but all of them must be JSON."""
    for name, value in pairs:
        _no_surrogate([name, value])
    return dict(pairs)


def _no_surrogate(value: object) -> None:
    """An escaped half of a surrogate pair is no character, and no database takes it."""
    if _any_string(value, lambda text: any("\ud800" <= each <= "\udfff" for each in text)):
        raise ValueError("half of a surrogate pair")


def _any_string(value: object, found: Callable[[str], bool]) -> bool:
    if isinstance(value, str):
        return found(value)
    if isinstance(value, list):
        return any(_any_string(part, found) for part in value)
    if isinstance(value, dict):
        return any(found(k) or _any_string(part, found) for k, part in value.items())
    return False


def _required(record: dict[str, Any], *names: str) -> None:
    """`null` and the empty string are no value; so is an optional id that is empty."""
    if any(record.get(name) is None or record[name] == "" for name in names):
        raise RejectedError("missing_field")
    if record.get("item_id") == "":
        raise RejectedError("missing_field")


def _typed(value: Any, kind: Any) -> Any:
    # In Python a bool is an int; in JSON it is not a number.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RejectedError("wrong_type")
    return value


def _optional(record: dict[str, Any], name: str, kind: Any) -> Any:
    value = record.get(name)
    return None if value is None else _typed(value, kind)


def _id(value: Any) -> str:
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise RejectedError("wrong_type")
    return str(_typed(value, str | int))


def _readable_id(value: Any, bounds: Bounds) -> str | None:
    try:
        text = _id(value)
    except RejectedError:
        return None
    return text if 1 <= len(text) <= bounds.max_id_chars else None


def _finite(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RejectedError("bad_value")
    try:
        number = float(value)
    except OverflowError:
        raise RejectedError("bad_value") from None
    if not math.isfinite(number):
        raise RejectedError("bad_value")
    return number


def _fits(size: int, bounds: Bounds) -> None:
    if size > bounds.max_line_bytes:
        raise RejectedError("too_large")


def _representable(time_ms: int) -> None:
    """A catalogue may be old, but a date has four digits of year."""
    try:
        EPOCH + timedelta(milliseconds=time_ms)
    except OverflowError:
        raise RejectedError("time_out_of_bounds") from None


def _time_ms(value: str | int) -> int:
    """Epoch milliseconds; what is finer than a millisecond is cut off."""
    if isinstance(value, int):
        return value
    match = RFC_3339.fullmatch(value)
    if match is None:
        raise RejectedError("bad_time")
    *clock, fraction, _zulu, sign, hours, minutes = match.groups()
    if sign is not None and (int(hours) > 23 or int(minutes) > 59):
        raise RejectedError("bad_time")
    try:
        local = datetime(*map(int, clock), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        raise RejectedError("bad_time") from None
    offset_min = int(sign + "1") * (int(hours) * 60 + int(minutes)) if sign is not None else 0
    since = (local - EPOCH) // timedelta(milliseconds=1)
    return since + int((fraction or "")[:3].ljust(3, "0")) - offset_min * 60_000
