"""Reads the packaged rules of the languages in which people can ask."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jobs.core.asking.language import Language, Unit
from jobs.core.asking.request import Shift

_FOLDER = files("jobs.asking") / "languages"
_LAST = "en"
"""Read as this is what has the letters of no other language."""


@cache
def languages() -> tuple[Language, ...]:
    """The languages, in the order in which they are recognised.

    >>> [each.code for each in languages()]
    ['zh', 'en']
    """
    codes = sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir())
    return tuple(language(code) for code in sorted(codes, key=lambda code: code == _LAST))


@cache
def quantities() -> Mapping[str, Mapping[str, float]]:
    """By quantity the names of attributes that hold it, and the base units in one of theirs.

    >>> quantities()["duration"]["runtime"]
    60.0
    """
    read = tomllib.loads((files("jobs.asking") / "quantities.toml").read_text(encoding="utf-8"))
    return {
        quantity: {name: float(factor) for name, factor in names.items()}
        for quantity, names in read.items()
    }


@cache
def language(code: str) -> Language:
    """The rules of one language. Raises FileNotFoundError where there are none."""
    read = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    fields: dict[str, Any] = {name: _field(name, value) for name, value in read.items()}
    return Language(**fields)


def _field(name: str, value: Any) -> Any:
    if name == "units":
        return _units(value)
    if name == "shifts":
        return _shifts(value)
    return tuple(value) if isinstance(value, list) else value


def _units(written: Mapping[str, list[str]]) -> dict[str, Unit]:
    units = {}
    for what, words in written.items():
        quantity, currency, factor = what.split()
        unit = Unit(quantity, None if currency == "-" else currency, float(factor))
        units.update(dict.fromkeys(words, unit))
    return units


def _shifts(written: Mapping[str, list[str]]) -> dict[str, Shift]:
    shifts = {}
    for what, phrases in written.items():
        quantity, direction, text = what.split(maxsplit=2)
        shift = Shift(None if quantity == "-" else quantity, direction == "up", text)
        shifts.update(dict.fromkeys(phrases, shift))
    return shifts
