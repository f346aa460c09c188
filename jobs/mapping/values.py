"""Reads numbers, truth values and texts of a source."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from jobs.mapping.errors import UnreadableValueError

_YES = frozenset({"true", "t", "yes", "y", "1"})
_NO = frozenset({"false", "f", "no", "n", "0"})
_GROUPS = re.compile(r"[\s.'’]")


def number_reader(decimal: str = ".", factor: float = 1.0) -> Callable[[Any], float | None]:
    """A function to a finite number, times `factor`; None for what is no number.

    With a decimal comma, points, spaces and apostrophes part groups of digits.

    >>> number_reader(",")("1.234,5"), number_reader()("four")
    (1234.5, None)
    """

    def read(found: Any) -> float | None:
        if decimal == "," and isinstance(found, str):
            found = _GROUPS.sub("", found).replace(",", ".")
        try:
            number = float(found)
        except (TypeError, ValueError, OverflowError):
            return None
        return number * factor if math.isfinite(number) else None

    return read


def truth_reader(yes: Iterable[str] | None, negated: bool) -> Callable[[Any], bool]:
    """A function to a truth value; `yes` are the texts that mean true, where all others do not.

    A number is true above 0. The function raises UnreadableValueError.

    >>> truth_reader(None, negated=True)("False"), truth_reader(["active"], False)("draft")
    (True, False)
    """
    meaning = None if yes is None else {text.strip().lower() for text in yes}

    def read(found: Any) -> bool:
        if isinstance(found, bool) and meaning is None:
            return found is not negated
        text = str(found).strip().lower()
        if meaning is not None:
            return (text in meaning) is not negated
        if text in _YES or text in _NO:
            return (text in _YES) is not negated
        number = number_reader()(found)
        if number is None:
            raise UnreadableValueError
        return (number > 0) is not negated

    return read


def as_text(found: Any, by: str = " ") -> str:
    """A text, a number as text, or the parts of a list joined; raises UnreadableValueError.

    >>> as_text(["Twenty metres.", "", None, 7])
    'Twenty metres. 7'
    """
    if isinstance(found, str):
        return found
    if isinstance(found, int | float) and not isinstance(found, bool):
        return str(found)
    if isinstance(found, list | tuple):
        parts = [as_text(part, by) for part in found if part is not None]
        return by.join(part for part in parts if part.strip())
    raise UnreadableValueError


def as_names(found: Any, separator: str) -> list[str]:
    """The texts of a list, of nested lists, or of a text that is split at `separator`.

    >>> as_names("home; tea;", ";"), as_names([["Garden"], "Hoses"], "|")
    (['home', 'tea'], ['Garden', 'Hoses'])
    """
    if isinstance(found, str):
        parts = found.split(separator) if separator else [found]
        return [part.strip() for part in parts if part.strip()]
    if isinstance(found, list | tuple):
        names: list[str] = []
        for part in found:
            # Of a list the elements are names as they are: they may hold the separator.
            names += [] if part is None else as_names(part, "")
        return names
    return [as_text(found)]
