"""Turns typed values (decimals, dates, times, bytes) into what JSON has: numbers and texts."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

_EPOCH = datetime(1970, 1, 1)
_FIRST_DAY = date(1970, 1, 1)
_LARGEST = 2**64 - 1
_SMALLEST = -(2**63)


def exact(number: int) -> int | str:
    """An integer, or its decimal text where 64 bits do not hold it.

    >>> exact(7), exact(2**64)
    (7, '18446744073709551616')
    """
    return number if _SMALLEST <= number <= _LARGEST else str(number)


def scaled(unscaled: int, scale: int) -> int | float | str:
    """`unscaled * 10**-scale`: an integer without a scale, else the nearest double.

    Raises OverflowError where it is beyond what a double holds.

    >>> scaled(1999, 2), scaled(42, 0), scaled(5, -3)
    (19.99, 42, 5000)
    """
    if abs(scale) > 400:
        raise OverflowError("a scale of more than 400 digits")
    return exact(unscaled * 10**-scale) if scale <= 0 else unscaled / 10**scale


def instant_text(moment: datetime, zone: tzinfo) -> str:
    """RFC 3339 in UTC; a time without an offset is one of `zone`.

    >>> instant_text(datetime(2026, 1, 2, 3, 4, 5, 600000), UTC)
    '2026-01-02T03:04:05.600000Z'
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def instant_reader(per_second: int, zone: tzinfo) -> Callable[[int], str | int]:
    """Reads what a clock of `zone` showed, in units since 1970; `per_second` is 10**3, 6 or 9.

    What is beyond the years 1 to 9999, as Postgres' `infinity`, stays a number.

    >>> instant_reader(1000, UTC)(1_767_323_045_600), instant_reader(10**6, UTC)(2**62)
    ('2026-01-02T03:04:05.600000Z', 4611686018427387904)
    """

    def read(found: int) -> str | int:
        try:
            moment = _EPOCH + timedelta(microseconds=found * 1_000_000 // per_second)
            if zone is UTC:
                return f"{moment.isoformat()}Z"
            return instant_text(moment, zone)
        except OverflowError:
            return found

    return read


def day_text(days: int) -> str | int:
    """The date so many days after 1970-01-01; a number beyond the years 1 to 9999.

    >>> day_text(20_455)
    '2026-01-02'
    """
    try:
        return (_FIRST_DAY + timedelta(days=days)).isoformat()
    except OverflowError:
        return days


def clock_reader(per_second: int) -> Callable[[int], str | int]:
    """Reads a time of day in units since midnight; a number where a day has no such time.

    >>> clock_reader(1000)(45_296_000), clock_reader(1000)(86_400_000)
    ('12:34:56', 86400000)
    """

    def read(found: int) -> str | int:
        if not 0 <= found < 86_400 * per_second:
            return found
        microseconds = found * 1_000_000 // per_second
        return (_EPOCH + timedelta(microseconds=microseconds)).time().isoformat()

    return read


def decimal_number(found: Decimal) -> int | float | str:
    """A decimal as `scaled` gives it; raises OverflowError, also for one that is no number.

    >>> decimal_number(Decimal("19.99")), decimal_number(Decimal("42"))
    (19.99, 42)
    """
    if not found.is_finite():
        raise OverflowError("no number")
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > 400:
        raise OverflowError("a scale of more than 400 digits")
    return exact(int(found)) if exponent >= 0 else float(found)


def plain_reader(zone: tzinfo) -> Callable[[Any], Any]:
    """A function that makes any value what JSON has, by its type; lists and objects in depth.

    >>> plain_reader(UTC)({"price": Decimal("1.5"), "days": [date(2026, 1, 2)], "raw": b"a"})
    {'price': 1.5, 'days': ['2026-01-02'], 'raw': 'YQ=='}
    """

    def read(found: Any) -> Any:
        convert = by_type.get(type(found))
        return found if convert is None else convert(found)

    by_type: dict[type, Callable[[Any], Any]] = {
        dict: lambda found: {name: read(one) for name, one in found.items()},
        list: lambda found: [read(one) for one in found],
        Decimal: decimal_number,
        datetime: lambda found: instant_text(found, zone),
        date: date.isoformat,
        time: time.isoformat,
        bytes: lambda found: b64encode(found).decode("ascii"),
        UUID: str,
        int: exact,
    }
    return read
