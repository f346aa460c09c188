"""Reads numbers, truth values and texts of a source."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from jobs.mapping.errors import UnreadableValueError

_YES = frozenset({"true", "t", "yes", "y", "1"})
_NO = frozenset({"false", "f", "no", "n", "0"})
_CURRENCY = r"(?:[A-Z]{0,2}[$¢£¤¥฿\u20a0-\u20cf]|[A-Z]{3})"
_AMOUNT = re.compile(
    rf"(?P<sign>[-+]?)\s*(?:{_CURRENCY}\s*(?P<later>[-+]?))?"
    rf"(?P<digits>[\d.,][\d\s.,'’]*?(?:[eE][-+]?\d+)?)\s*{_CURRENCY}?"
)
_LONGEST_AMOUNT = 100
"""Characters of a number with a currency or groups: the pattern takes their square."""
_PLAIN = re.compile(r"\d*(?:[eE][-+]?\d+)?")
_GROUPS = {None: r"\s'’", ".": r"\s,'’", ",": r"\s.'’"}
_GROUPED = {
    decimal: re.compile(rf"\d{{1,3}}([{signs}])(?:\d{{2,3}}\1)*\d{{3}}")
    for decimal, signs in _GROUPS.items()
}
"""Digits in groups, of which the last has three: also 12,34,567."""


def number_reader(decimal: str | None = None, factor: float = 1.0) -> Callable[[Any], float | None]:
    """A function to a finite number, times `factor`; None for what is no number, truth values too.

    A text may name a currency. Spaces and apostrophes may part groups of digits; so may points
    with a decimal comma, and commas where the decimal point is said, since `1,234` says neither.

    >>> number_reader(",")("1.234,5 €"), number_reader()("four"), number_reader(",")("3.5")
    (1234.5, None, None)
    """

    def read(found: Any) -> float | None:
        if isinstance(found, bool):
            return None
        if isinstance(found, str) and (decimal == "," or not _is_number(found)):
            found = _amount(found, decimal)
        try:
            number = float(found) * factor
        except (TypeError, ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    return read


def _is_number(text: str) -> bool:
    if "_" in text:
        # Python's own way to part digits.
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def _amount(text: str, decimal: str | None) -> str | None:
    """The number in a text with currencies and groups, as Python writes it; None without one."""
    bare = text.strip()
    match = _AMOUNT.fullmatch(bare) if len(bare) <= _LONGEST_AMOUNT else None
    if match is None:
        return None
    sign = match["sign"] + (match["later"] or "")
    whole, point, part = match["digits"].partition(decimal or ".")
    if _GROUPED[decimal].fullmatch(whole):
        whole = "".join(filter(str.isdigit, whole))
    elif not _PLAIN.fullmatch(whole):
        return None
    return f"{sign}{whole}{'.' if point else ''}{part}"


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


def as_ids(found: list[Any]) -> list[Any]:
    """The ids of a column, as the same id is written elsewhere.

    Blanks around an id are no part of it, and whole numbers that an absent value beside them made
    floats are whole.

    >>> as_ids([12.0, None, "7.0", 1.5, " u1", "  "])
    [12, None, '7.0', 1.5, 'u1', None]
    """
    if set(map(type, found)) == {str}:
        stripped = list(map(str.strip, found))
        return [one or None for one in stripped] if "" in stripped else stripped
    return [_as_id(one) for one in found]


def _as_id(one: Any) -> Any:
    if type(one) is str:
        return one.strip() or None
    if type(one) is float and one.is_integer() and abs(one) < 2**53:
        return int(one)
    return one
