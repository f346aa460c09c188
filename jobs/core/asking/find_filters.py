"""Filters for what a request says, where categories and attributes of the catalogue name it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jobs.core.asking.language import Language
from jobs.core.asking.request import Bound
from jobs.core.asking.texts import words_in

Quantities = Mapping[str, Mapping[str, float]]
"""By quantity the names of attributes that hold it, with the base units in one of theirs."""


@dataclass(frozen=True)
class CatalogueWords:
    """What the catalogue has names for."""

    categories: tuple[str, ...] = ()
    """Most frequent first."""
    numbers: tuple[str, ...] = ()
    """Attributes that are numbers."""
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes with few values that are texts, and these values."""


@dataclass(frozen=True)
class Range:
    """Bounds of an attribute, in its own unit."""

    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Filters:
    """What an item must meet; the fields of `interestream.item_filter()`."""

    categories: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    not_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    first_year: int | None = None
    last_year: int | None = None
    unknown: tuple[str, ...] = ()
    """Quantities that were asked for, and that no attribute of the catalogue holds."""


def find_filters(
    wanted: Iterable[str],
    refused: Iterable[str],
    bounds: Iterable[Bound],
    words: CatalogueWords,
    language: Language,
    quantities: Quantities,
) -> Filters:
    """Return the filters that the parts of a request name.

    A wanted part asks for the categories whose names are in it; a refused part that is the name of
    a category, or of an attribute's value, leaves out what has it.

    >>> from jobs.asking.languages import language
    >>> words = CatalogueWords(("Horror", "Comedy"))
    >>> find_filters(["comedy"], ["scary films"], [], words, language("en"), {})
    Filters(categories=('Comedy',), not_categories=('Horror',), attributes={}, not_attributes={}, \
ranges={}, first_year=None, last_year=None, unknown=())
    """
    by_name = _by_name(words.categories, language)
    not_categories: dict[str, None] = {}
    not_attributes: dict[str, tuple[str, ...]] = {}
    for part in refused:
        names = _names(part, language)
        not_categories |= dict.fromkeys(c for name in names for c in by_name.get(name, ()))
        for attribute, values in words.texts.items():
            taken = [value for value in values if language.name(value) in names]
            if taken:
                not_attributes[attribute] = (*not_attributes.get(attribute, ()), *taken)
    categories = [
        category
        for part in wanted
        for name in _named_in(part, by_name, language)
        for category in by_name[name]
        if category not in not_categories
    ]
    ranges: dict[str, Range] = {}
    attributes: dict[str, str] = {}
    years: list[Bound] = []
    unknown: list[str] = []
    for bound in bounds:
        if bound.quantity == "year":
            years.append(bound)
            continue
        held_by = attribute_of(bound.quantity, bound.currency, words, quantities)
        if held_by is None:
            unknown.append(bound.quantity)
            continue
        factor = quantities[bound.quantity][held_by]
        ranges[held_by] = Range(
            None if bound.lowest is None else bound.lowest / factor,
            None if bound.highest is None else bound.highest / factor,
        )
        if bound.currency in words.texts.get("currency", ()):
            attributes["currency"] = str(bound.currency)
    lows = [int(each.lowest) for each in years if each.lowest is not None]
    highs = [int(each.highest) for each in years if each.highest is not None]
    return Filters(
        tuple(dict.fromkeys(categories)),
        tuple(not_categories),
        attributes,
        not_attributes,
        ranges,
        max(lows, default=None),
        min(highs, default=None),
        tuple(unknown),
    )


def attribute_of(
    quantity: str, currency: str | None, words: CatalogueWords, quantities: Quantities
) -> str | None:
    """The attribute of the catalogue that holds a quantity; None where there is none."""
    names = [name for name in quantities.get(quantity, {}) if name in words.numbers]
    if currency is not None:
        own = [name for name in names if name.endswith(f"_{currency.casefold()}")]
        # A price without a currency is taken to be in the shop's own, the one people name.
        names = own or [name for name in names if not re.search(r"_[a-z]{3}$", name)]
    return names[0] if names else None


def _by_name(categories: Sequence[str], language: Language) -> dict[str, tuple[str, ...]]:
    """Categories by their plain name; "Sci-Fi" and "sci fi" are one."""
    found: dict[str, tuple[str, ...]] = {}
    for category in categories:
        for name in {language.name(category), category.casefold().replace("-", " ")} - {""}:
            found[name] = (*found.get(name, ()), category)
    return found


def _names(part: str, language: Language) -> set[str]:
    """What a refused part names, in its own words and in those that `names` has for them."""
    name = language.name(part)
    found = {name, part.casefold().strip()}
    said = () if language.spaced else words_in(part, language)
    for word, others in language.names.items():
        same = language.name(word) == name if language.spaced else word in said
        if same:
            found |= {other.replace("-", " ") for other in others}
    return found - {""}


def _named_in(part: str, by_name: Mapping[str, object], language: Language) -> list[str]:
    """The names of categories that are in a wanted part."""
    plain = f" {' '.join(language.singular(w) for w in _plain_words(part))} "
    found = [name for name in by_name if f" {name} " in plain or f" {name} " in f" {_bare(part)} "]
    if not language.spaced:
        found += [name for name in by_name if name in part.casefold()]
        for word in words_in(part, language):
            others = [other.replace("-", " ") for other in language.names.get(word, ())]
            found += [other for other in others if other in by_name]
    return list(dict.fromkeys(found))


def _plain_words(part: str) -> list[str]:
    return _bare(part).split()


def _bare(part: str) -> str:
    return " ".join(re.sub(r"[^\w&'+]+", " ", part.casefold()).split())
