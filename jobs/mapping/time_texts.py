"""Reads what people write for a time: ISO 8601, patterns, names of zones, days of spreadsheets."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from jobs.mapping.errors import MappingError

FIRST_DAY = datetime(1899, 12, 30)
"""Day 0 of a spreadsheet, by which its days since March 1900 are right."""
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT|Z)$")
_NAMED_ZONE = re.compile(r"\[[\w/+-]+\]$")
LONGEST = 200
"""Characters of the longest time: some patterns take the square of them."""
WORD = re.compile(r"\b[A-Za-z]{1,5}\b")


def by_iso(found: Any) -> datetime | None:
    """A time of ISO 8601, also with UTC or the name of a zone behind its offset; None for no time.

    >>> by_iso("2024-05-01T12:00:00+02:00[Europe/Berlin]") == by_iso("2024-05-01 10:00:00 UTC")
    True
    """
    if isinstance(found, datetime):
        return found
    if not isinstance(found, str) or len(found) > LONGEST:
        return None
    bare = _NAMED_ZONE.sub("", found)
    try:
        moment = datetime.fromisoformat(_NAMED_UTC.sub("+00:00", bare))
    except ValueError:
        return None
    # The name of a zone says no more than the offset before it; alone it is not understood.
    return None if moment.tzinfo is None and bare != found else moment


def check_pattern(pattern: str, key: str) -> None:
    """Raise MappingError for a pattern that is none of strptime."""
    instant = datetime(2024, 2, 21, 12, 10, 56, 123_456, UTC)
    try:
        datetime.strptime(instant.strftime(pattern), pattern)
    except (ValueError, re.error) as error:
        raise MappingError(
            f'{key} is "{pattern}", which is no pattern of strptime ({error}); write one such as'
            ' "%d/%m/%Y %H:%M:%S"'
        ) from error


def by_format(found: Any, pattern: str, zone: tzinfo | None) -> datetime | None:
    """A time of a pattern; without an offset or a name that says its zone it has none."""
    text = str(found)
    if len(text) > LONGEST:
        return None
    if "%Z" in pattern:
        return _by_name_of_zone(text, pattern, zone)
    try:
        return datetime.strptime(text, pattern)
    except (ValueError, OverflowError):
        return None


def _by_name_of_zone(text: str, pattern: str, zone: tzinfo | None) -> datetime | None:
    """A time whose zone is named: UTC, or `zone` as it is called at that time.

    strptime knows the names of UTC and of the machine's own zone, and forgets which it was.
    """
    for word in WORD.finditer(text):
        try:
            moment = datetime.strptime(f"{text[: word.start()]}UTC{text[word.end() :]}", pattern)
        except (ValueError, OverflowError):
            continue
        if moment.tzinfo is not None:
            return moment
        if word[0].upper() in ("UTC", "GMT", "UT", "Z"):
            return moment.replace(tzinfo=UTC)
        meant = [moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        return next((one for one in meant if one.tzname() == word[0].upper()), None)
    return None


def by_days(found: Any) -> datetime | None:
    """The time of a number of days in a spreadsheet, also with a decimal comma."""
    text = str(found)
    if "_" in text:
        return None
    try:
        days = float(text.replace(",", "."))
        return FIRST_DAY + timedelta(milliseconds=round(days * 86_400_000))
    except (ValueError, OverflowError):
        return None
