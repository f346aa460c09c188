"""Checks the options of a mapping's fields; each error names the key and what is allowed."""

import re
from collections.abc import Mapping
from typing import Any

from jobs.mapping.errors import MappingError
from jobs.mapping.time_texts import check_pattern
from jobs.mapping.times import UNITS, TimeRule, find_zone

TIME_OPTIONS = ("unit", "format", "zone")


def time_rule(
    options: Mapping[str, Any], default: TimeRule, key: str, defaults_key: str
) -> TimeRule:
    """The rule of a field's own options, and of its table where it has none."""
    unit = options.get("unit", default.unit)
    if unit not in UNITS:
        where = f"{key}.unit" if "unit" in options else f"{defaults_key}.time_unit"
        raise MappingError(f"{where} is '{unit}'; use {', '.join(UNITS)}")
    pattern = text_option(options, "format", key)
    if pattern is not None:
        check_pattern(pattern, f"{key}.format")
    zone = text_option(options, "zone", key)
    # A unit of its own takes the place of the table's pattern.
    inherited = None if "unit" in options else default.format
    return TimeRule(
        unit,
        inherited if pattern is None else pattern,
        default.zone if zone is None else find_zone(zone, f"{key}.zone"),
    )


def table_times(unit: str, pattern: str | None, zone: str | None, key: str) -> TimeRule:
    """The rule that a table gives for its times.

    Raises MappingError for an unknown zone, or a pattern that no time fits.
    """
    if pattern is not None:
        check_pattern(pattern, f"{key}.time_format")
    return TimeRule(unit, pattern, None if zone is None else find_zone(zone, f"{key}.time_zone"))


def text_option(options: Mapping[str, Any], name: str, key: str) -> str | None:
    """An option that is a text."""
    found = options.get(name)
    if found is not None and not isinstance(found, str):
        raise MappingError(f"{key}.{name} cannot be {found!r}: give a text")
    return found


def truth_option(options: Mapping[str, Any], name: str, key: str, default: bool) -> bool:
    """An option that is true or false."""
    found = options.get(name, default)
    if not isinstance(found, bool):
        raise MappingError(f"{key}.{name} cannot be {found!r}: give true or false")
    return found


def number_option(options: Mapping[str, Any], name: str, key: str, default: float) -> float:
    """An option that is a number."""
    found = options.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise MappingError(f"{key}.{name} cannot be {found!r}: give a number")
    return float(found)


def length_option(options: Mapping[str, Any], name: str, key: str) -> int | None:
    """An option that is a number of characters."""
    found = options.get(name)
    if found is None:
        return None
    if type(found) is not int or found < 1:
        raise MappingError(f"{key}.{name} cannot be {found!r}: give a whole number from 1")
    return found


def decimal_option(options: Mapping[str, Any], key: str) -> str | None:
    """The sign between whole and part of a number; None where it is not said."""
    found = options.get("decimal")
    if found not in (None, ".", ","):
        raise MappingError(f'{key}.decimal is {found!r}; use "." or ","')
    return found


def texts_option(options: Mapping[str, Any], name: str, key: str) -> list[str] | None:
    """An option that is a list of texts."""
    found = options.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise MappingError(f"{key}.{name} cannot be {found!r}: give a list of texts")
    return found


def pattern_option(options: Mapping[str, Any], name: str, key: str) -> re.Pattern[str] | None:
    """An option that is a regular expression with one group."""
    found = text_option(options, name, key)
    if found is None:
        return None
    try:
        pattern = re.compile(found)
    except re.error as error:
        raise MappingError(f"{key}.{name} is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise MappingError(f"{key}.{name} has {pattern.groups} groups; it needs one, the id")
    return pattern


def refuse_memory(key: str, **options: object) -> None:
    """Raise MappingError for options that need the rows before, in a mapping of a stream."""
    for name, given in options.items():
        if given:
            where = f"{key}.event_id.{name}" if name == "count_repeats" else f"{key}.{name}"
            raise MappingError(
                f"{where} needs the rows before, which a stream does not keep: it is for files"
            )
