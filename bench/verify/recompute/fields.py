"""The fields of a JSON object, one check each; every check raises RejectedError."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.verify.recompute.rejection import RejectedError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)


def require(record: dict[str, Any], *names: str) -> None:
    """Refuse a record without one of the fields `names`, or with an empty `item_id`.

    `null` and the empty string count as missing.
    """
    if any(record.get(name) is None or record[name] == "" for name in names):
        raise RejectedError("missing_field")
    if record.get("item_id") == "":
        raise RejectedError("missing_field")


def typed(value: Any, kind: Any) -> Any:
    """The value, which must be of a type or of one of a union of types."""
    # In Python a bool is an int; in JSON it is not a number.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RejectedError("wrong_type")
    return value


def optional(record: dict[str, Any], name: str, kind: Any) -> Any:
    """The value of a field as `typed` checks it; None where it is absent or `null`."""
    value = record.get(name)
    return None if value is None else typed(value, kind)


def text_id(value: Any) -> str:
    """An id as text: a string, or an integer of at most 64 bits."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise RejectedError("wrong_type")
    return str(typed(value, str | int))


def finite(value: Any) -> float | None:
    """A finite number, or None where there is none."""
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


def typed_time(value: object) -> str | int:
    """A time before it is read: a string or an integer."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RejectedError("wrong_type")
    return value


def epoch_ms(value: str | int) -> int:
    """Epoch milliseconds of a time; digits beyond the millisecond are cut off."""
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


def require_date(time_ms: int) -> None:
    """Refuse a time outside the years 1 to 9999, which no date can hold."""
    try:
        EPOCH + timedelta(milliseconds=time_ms)
    except OverflowError:
        raise RejectedError("time_out_of_bounds") from None
