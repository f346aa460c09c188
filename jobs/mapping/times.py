"""Reads times and dates of a source; `advice` says what a wrong description looks like."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from jobs.core.parsing.json_records import DATES_MS, read_time_ms
from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.time_texts import FIRST_DAY, WORD, by_days, by_format, by_iso

TimeUnit = Literal["s", "ms", "us", "ns", "excel", "rfc3339"]
UNITS: tuple[str, ...] = ("s", "ms", "us", "ns", "excel", "rfc3339")

_PER_MS = {"s": Decimal("0.001"), "ms": Decimal(1), "us": Decimal(1000), "ns": Decimal(1_000_000)}
_LONGEST = {"s": 14, "ms": 14, "us": 17, "ns": 20}
"""Decimal exponent of the largest number that is a time; its digits could fill the memory."""
_NAMES = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
_USUAL_DAYS = range(25_569, 73_051)
"""Days of a spreadsheet in the years 1970 to 2099."""
_EARLIEST_MS, _LATEST_MS = 631_152_000_000, 4_102_444_800_000
"""The years 1990 to 2100: a time outside is a mistake."""


@dataclass(frozen=True)
class TimeRule:
    """How a source writes times."""

    unit: str = "s"
    format: str | None = None
    """A pattern of strptime, in place of the unit."""
    zone: tzinfo | None = None
    """Zone of times without an offset; None where they are no times."""


def find_zone(name: str, key: str) -> tzinfo:
    """The time zone of an IANA name; raises MappingError."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        hint = "" if available_timezones() else "; this machine knows none: pip install tzdata"
        raise MappingError(
            f'{key} is "{name}"; use the IANA name of a zone, such as "UTC", "Europe/Berlin"{hint}'
        ) from error


def event_time_reader(rule: TimeRule) -> Callable[[Any], int | None]:
    """A function from a time of the source to epoch milliseconds; None for what is no time.

    >>> event_time_reader(TimeRule("us"))("1708523456123456")
    1708523456123
    """
    pattern = rule.format
    if pattern is not None:
        return lambda found: _instant_ms(by_format(found, pattern, rule.zone), rule.zone)
    if rule.unit == "excel":
        return lambda found: _instant_ms(by_days(found), rule.zone)
    if rule.unit == "rfc3339":
        return lambda found: _instant_ms(by_iso(found), rule.zone)
    return _number_reader(rule.unit, rule.zone)


def event_times_reader(rule: TimeRule) -> Callable[[list[Any]], list[int | None]]:
    """`event_time_reader` for the times of a batch."""
    read, unit = event_time_reader(rule), rule.unit
    if rule.format is None and unit == "rfc3339":
        return _iso_reader(rule.zone)
    if rule.format is not None or unit not in _PER_MS:
        return lambda found: [read(time) for time in found]
    per_ms = int(_PER_MS[unit])
    limit = 10 ** _LONGEST[unit]

    def read_all(found: list[Any]) -> list[int | None]:
        kinds = set(map(type, found))
        if kinds == {str}:
            text = "".join(found)
            if text.isdigit() and text.isascii() and max(map(len, found)) <= _LONGEST[unit]:
                found, kinds = [int(time) if time else None for time in found], {int}
                if None in found:
                    kinds = set()
        if kinds != {int} or max(found) >= limit or min(found) <= -limit:
            return [read(time) for time in found]
        if unit == "ms":
            return found
        return [time * 1000 if unit == "s" else time // per_ms for time in found]

    return read_all


def _iso_reader(zone: tzinfo | None) -> Callable[[list[Any]], list[int | None]]:
    def read_all(found: list[Any]) -> list[int | None]:
        moments: list[datetime | None]
        try:
            # Nearly all are read at once as they stand; `by_iso` agrees with it.
            moments = list(map(datetime.fromisoformat, found))
        except (TypeError, ValueError):
            moments = list(map(by_iso, found))
        return [_instant_ms(moment, zone) for moment in moments]

    return read_all


def _number_reader(unit: str, zone: tzinfo | None) -> Callable[[Any], int | None]:
    per_ms, longest = _PER_MS[unit], _LONGEST[unit]

    def read(found: Any) -> int | None:
        if type(found) is str and found.isdigit() and found.isascii() and len(found) <= longest:
            found = int(found)
        if type(found) is int and abs(found) < 10**longest:
            if unit == "ms":
                return found
            return found * 1000 if unit == "s" else found // int(per_ms)
        text = str(found)
        try:
            # Python parts digits by underscores, and nobody else does.
            number = Decimal(text if "_" not in text else "")
        except InvalidOperation:
            return _instant_ms(found, zone) if isinstance(found, datetime) else None
        if not number.is_finite() or number.adjusted() > longest:
            return None
        return int(number / per_ms)

    return read


def date_reader(rule: TimeRule | None) -> Callable[[Any], Any]:
    """A function from a date of the source to one of the contract.

    Without a rule a number of four digits is a year, any other is epoch milliseconds, and a text
    is a date, or a year, or an instant. What has no offset is in UTC, unless the rule names a
    zone. The function raises UnreadableValueError.

    >>> date_reader(None)("2024-05-01"), date_reader(None)(1995)
    ('2024-05-01T00:00:00Z', '1995-01-01T00:00:00Z')
    """
    zone = UTC if rule is None or rule.zone is None else rule.zone
    if rule is not None and (rule.format is not None or rule.unit != "rfc3339"):
        read_time = event_time_reader(TimeRule(rule.unit, rule.format, zone))

        def by_rule(found: Any) -> int:
            return _date_ms(read_time(found))

        return by_rule

    def read(found: Any) -> Any:
        text = str(found) if type(found) is int else found
        if isinstance(found, date):
            text = found.isoformat()
        if not isinstance(text, str):
            raise UnreadableValueError
        text = text.strip()
        if text.isdigit() and text.isascii():
            if len(text) == 4:
                return f"{text}-01-01T00:00:00Z" if text > "0000" else _unreadable()
            if len(text) > 8 or type(found) is int:
                return _date_ms(int(text)) if len(text) <= _LONGEST["ms"] + 1 else _unreadable()
        elif text.lstrip("-").isdigit() and type(found) is int:
            return _date_ms(found)
        time_ms = read_time_ms({"at": text}, "at")
        if isinstance(time_ms, int):
            return text if time_ms in DATES_MS else _unreadable()
        moment = by_iso(f"{text}-01" if len(text) == 7 else text)
        if moment is None:
            raise UnreadableValueError
        return _rfc3339(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))

    return read


def advice(samples: Sequence[Any], rule: TimeRule, key: str) -> str:
    """One sentence where no time of the first rows can be meant as the rule says; else empty.

    >>> advice([1700000000000], TimeRule("s"), "events")
    'events.time_unit is "s", but 1700000000000 looks like milliseconds: use time_unit = "ms"'
    """
    read = event_time_reader(rule)
    given = [sample for sample in samples if sample is not None]
    if not given or any(_is_usual(read(one)) or is_time_of_contract(one) for one in given):
        return ""
    first = given[0]
    if rule.format is not None:
        if by_format(first, rule.format, rule.zone) is None:
            named = (
                f": the zone that it names must be UTC or GMT, or one of {key}.time_zone"
                if "%Z" in rule.format
                else ""
            )
            return (
                f'{key}.time_format is "{rule.format}", which "{str(first)[:64]}" does not fit'
                f"{named}"
            )
        return _no_zone(first, key) if rule.zone is None else ""
    for unit, name in _NAMES.items():
        if unit != rule.unit and _is_usual(event_time_reader(TimeRule(unit))(first)):
            return (
                f'{key}.time_unit is "{rule.unit}", but {first} looks like {name}:'
                f' use time_unit = "{unit}"'
            )
    moment = by_days(first) if rule.unit == "excel" else by_iso(first)
    if moment is None or rule.unit == "excel":
        if moment is not None:
            return _no_zone(first, key) if rule.zone is None else ""
        days = by_days(first)
        if days is not None and (days - FIRST_DAY).days in _USUAL_DAYS:
            return (
                f'{key}.time_unit is "{rule.unit}", but {first} looks like days of a spreadsheet:'
                ' use time_unit = "excel", with time_zone'
            )
        pattern = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M"}.get(len(str(first)), "")
        if pattern and _is_usual(_instant_ms(by_format(first, pattern, UTC), UTC)):
            return (
                f'{key}.time_unit is "{rule.unit}", but {first} looks like a date and a time:'
                f' use time_format = "{pattern}", with time_zone'
            )
        if event_time_reader(TimeRule("ms"))(first) is not None:
            return ""
        has_name = WORD.search(str(first)[-5:]) is not None
        example = "%Y-%m-%d %H:%M:%S %Z" if has_name else "%d/%m/%Y %H:%M:%S"
        return (
            f'{key}.time_unit is "{rule.unit}", but "{str(first)[:64]}" is no such time: describe'
            f' it with time_format, such as "{example}"'
        )
    if rule.unit != "rfc3339":
        return (
            f'{key}.time_unit is "{rule.unit}", but "{str(first)[:64]}" is a date:'
            ' use time_unit = "rfc3339"'
        )
    return _no_zone(first, key) if moment.tzinfo is None and rule.zone is None else ""


def is_time_of_contract(found: Any) -> bool:
    """Whether a text is a time of the contract: it goes on as it stands, whatever the rule."""
    time_ms = read_time_ms({"at": found}, "at") if isinstance(found, str) else None
    return isinstance(time_ms, int) and _is_usual(time_ms)


def _no_zone(found: Any, key: str) -> str:
    return (
        f'the time "{str(found)[:64]}" has no offset: name its zone in {key}.time_zone,'
        ' such as "UTC" or "Europe/Berlin"'
    )


def _is_usual(time_ms: int | None) -> bool:
    return time_ms is not None and _EARLIEST_MS <= time_ms <= _LATEST_MS


def _instant_ms(moment: datetime | None, zone: tzinfo | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        if zone is None:
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        return round(moment.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None


def _rfc3339(moment: datetime) -> str:
    # strftime("%Y") does not pad years below 1000.
    try:
        text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    except OverflowError as error:
        raise UnreadableValueError from error
    return f"{text}Z"


def _date_ms(time_ms: int | None) -> int:
    """An instant that a date of the contract can have; raises UnreadableValueError."""
    if time_ms is None or time_ms not in DATES_MS:
        raise UnreadableValueError
    return time_ms


def _unreadable() -> str:
    raise UnreadableValueError
