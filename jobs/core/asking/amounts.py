"""Finds bounds in a text: prices, durations, pages and years."""

import re

from jobs.core.asking.language import Language, Unit
from jobs.core.asking.phrases import CUT
from jobs.core.asking.request import Bound

_YEAR_KINDS = ("year_both", "year_highest", "year_below", "year_lowest", "year_above", "year_same")


def take_bounds(text: str, language: Language) -> tuple[str, list[Bound]]:
    """Return the text without its bounds, and the bounds.

    >>> from jobs.asking.languages import language
    >>> take_bounds("a film under 90 minutes from the 80s", language("en"))[1]
    [Bound(quantity='year', lowest=1980.0, highest=1989.0, currency=None), \
Bound(quantity='duration', lowest=None, highest=5400.0, currency=None)]
    """
    found: list[Bound] = []
    measures = language.phrases.any_of((*language.units, *language.decades))
    if re.search(r"\d", text) is None and measures.search(text) is None:
        return text, found
    for kind in (*_YEAR_KINDS, "decade", "both", "highest", "lowest"):
        for phrase in sorted(language.bounds.get(kind, ()), key=lambda each: -len(each)):
            pattern = language.phrases.one(phrase)
            while (match := pattern.search(text)) is not None:
                bound = _bound(kind, [group for group in match.groups() if group], language)
                if bound is None:
                    break
                found.append(bound)
                text = f"{text[: match.start()]} {CUT} {text[match.end() :]}"
    return text, found


def _bound(kind: str, groups: list[str], language: Language) -> Bound | None:
    if kind == "decade":
        first = _decade(groups[0], language)
        return Bound("year", first, first + 9)
    if kind in _YEAR_KINDS:
        years = [float(group) for group in groups]
        low, high = min(years), max(years)
        match kind:
            case "year_highest":
                return Bound("year", None, high)
            case "year_below":
                return Bound("year", None, high - 1)
            case "year_lowest":
                return Bound("year", low, None)
            case "year_above":
                return Bound("year", low + 1, None)
            case _:
                return Bound("year", low, high)
    amounts = [_amount(group, language) for group in groups]
    # "10 to 20 euros": the first number has the unit of the second.
    unit = next((each for _, each in reversed(amounts) if each is not None), None)
    if unit is None and kind == "both":
        return None
    # A bare number is what people say of a price.
    unit = unit or Unit("price", None, 1.0)
    values = sorted(number * (own or unit).factor for number, own in amounts)
    lowest = None if kind == "highest" else values[0]
    highest = None if kind == "lowest" else values[-1]
    return Bound(unit.quantity, lowest, highest, unit.currency)


def _amount(text: str, language: Language) -> tuple[float, Unit | None]:
    """The number and the unit of an amount."""
    digits = re.search(r"\d+(?:[.,]\d{1,2})?", text)
    if digits is not None:
        number = float(digits[0].replace(",", "."))
        unit = (text[: digits.start()] + text[digits.end() :]).strip(" -").casefold()
        return number, language.units.get(unit)
    plain = " ".join(text.casefold().split())
    for unit in sorted(language.units, key=lambda each: -len(each)):
        if plain.endswith(unit) and (word := plain.removesuffix(unit).strip(" -")):
            return language.numbers.get(word, 1.0), language.units[unit]
    return language.numbers.get(plain, 1.0), None


def _decade(text: str, language: Language) -> float:
    named = language.decades.get(text.casefold().strip())
    if named is not None:
        return float(named)
    digits = re.match(r"\d+", text)
    assert digits is not None
    year = int(digits[0])
    if year < 100:
        year += 1900 if year >= 30 else 2000
    return float(year)
