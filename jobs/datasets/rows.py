"""Makes records of the contract from the fields of rows; unreadable fields are kept unchanged."""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from jobs.datasets.dataset import Record

TimeUnit = Literal["s", "ms", "rfc3339"]

_LONGEST_TIME = 14
_YEAR = re.compile(r"\((\d{4})(?:\s*[–-]\s*\d{0,4})?\)\s*$")


def event_record(
    *,
    event_id: str | int,
    user_id: Any,
    action: Any,
    time: Any,
    time_unit: TimeUnit,
    item_id: Any = None,
    value: Any = None,
    value_factor: float = 1.0,
    text: str | None = None,
) -> tuple[Record, bool]:
    """An event, and whether it is complete.

    Absent fields are left out. An unreadable time or value stays in the record, so that the job
    makes the event a dead letter with it. A value is multiplied by `value_factor`.

    >>> event_record(event_id="e", user_id="u", action="view", time="x", time_unit="s")
    ({'event_id': 'e', 'user_id': 'u', 'action': 'view', 'event_time': 'x'}, False)
    """
    time_ms = read_time_ms(time, time_unit)
    number = read_number(value)
    record: Record = {
        "event_id": event_id,
        "user_id": user_id,
        "action": action,
        "event_time": time if time_ms is None else time_ms,
        "item_id": item_id,
        "value": value if number is None else number * value_factor,
        "text": text,
    }
    # An empty value is kept: a rating without a number must not count as the highest one.
    record = {
        key: found
        for key, found in record.items()
        if found is not None and (found != "" or key == "value")
    }
    complete = (
        {"event_id", "user_id", "action"} <= record.keys()
        and ("item_id" in record or "text" in record)
        and time_ms is not None
        and (number is not None or "value" not in record)
    )
    return record, complete


def item_record(
    *,
    item_id: Any,
    title: str | None,
    text: str | None = None,
    categories: Iterable[str] = (),
    **more: Any,
) -> tuple[Record, bool]:
    """An item, and whether it is complete; absent fields are left out.

    >>> item_record(item_id="7", title=" Heat (1995) ", categories=["Crime", ""])
    ({'item_id': '7', 'title': 'Heat (1995)', 'categories': ['Crime']}, True)
    """
    record: Record = {
        "item_id": item_id,
        "title": title.strip() if isinstance(title, str) else title,
        "text": text,
        "categories": [category for category in categories if category] or None,
        **more,
    }
    record = {key: found for key, found in record.items() if found is not None and found != ""}
    return record, {"item_id", "title"} <= record.keys()


def read_number(found: Any) -> float | None:
    """A finite number, or None.

    >>> read_number("4.5"), read_number("four"), read_number("nan")
    (4.5, None, None)
    """
    try:
        number = float(found)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def read_time_ms(found: Any, unit: TimeUnit) -> int | None:
    """Epoch milliseconds, or None. A date without an offset is None, because it is no instant.

    >>> read_time_ms("964982703", "s"), read_time_ms("1970-01-01T00:00:01Z", "rfc3339")
    (964982703000, 1000)
    """
    if unit == "rfc3339":
        try:
            moment = datetime.fromisoformat(found)
            return None if moment.tzinfo is None else round(moment.timestamp() * 1000)
        except (TypeError, ValueError, OverflowError):
            return None
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    # A longer number is no time, and its digits could fill the memory.
    if not number.is_finite() or number.adjusted() > _LONGEST_TIME:
        return None
    return int(number * 1000 if unit == "s" else number)


def published_at(title: str | None) -> str | None:
    """The start of the year at the end of a title, as RFC 3339; None without a year.

    >>> published_at("Toy Story (1995) ")
    '1995-01-01T00:00:00Z'
    """
    year = _YEAR.search(title or "")
    return f"{year[1]}-01-01T00:00:00Z" if year else None
