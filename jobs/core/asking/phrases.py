"""Makes patterns of a language's phrases."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.core.asking.language import Language

CUT = "\x1f"
"""Stands where something was understood and taken out; a part does not end there."""
_PLACE = re.compile(r"\{(\w+)\}")
_DIGITS = r"\d+(?:[.,]\d{1,2})?"


class Phrases:
    """Patterns for phrases with places such as {amount} of one language.

    Letter case does not count, and any white space stands for a space.
    """

    def __init__(self, language: "Language") -> None:
        self._language = language
        self._made: dict[tuple[str, ...], re.Pattern[str]] = {}

    def any_of(self, phrases: Iterable[str]) -> re.Pattern[str]:
        """A pattern of any of the phrases, the longest first. No phrase matches nothing."""
        key = tuple(phrases)
        if key not in self._made:
            ordered = sorted(set(key), key=lambda phrase: (-len(phrase), phrase))
            each = "|".join(self._one(phrase) for phrase in ordered)
            self._made[key] = re.compile(f"(?:{each})" if each else "(?!)", re.IGNORECASE)
        return self._made[key]

    def one(self, phrase: str) -> re.Pattern[str]:
        """A pattern of one phrase; its places are groups in their order."""
        key = (phrase, "one")
        if key not in self._made:
            self._made[key] = re.compile(self._one(phrase, groups=True), re.IGNORECASE)
        return self._made[key]

    def stripped(self, text: str, phrases: Iterable[str], *, only_end: bool = False) -> str:
        """`text` without any of the phrases at its ends, however many there are."""
        pattern = self.any_of(phrases).pattern
        at_start = re.compile(rf"[\s,;:]*{pattern}[\s,;:]*", re.IGNORECASE)
        at_end = re.compile(rf"[\s,;:]*{pattern}[\s,;:]*\Z", re.IGNORECASE)
        before = None
        while before != text:
            before = text
            if not only_end and (match := at_start.match(text)):
                text = text[match.end() :]
            if match := at_end.search(text):
                text = text[: match.start()]
        return text.strip(" \t\n,;:-")

    def split(self, text: str, phrases: Iterable[str]) -> list[str]:
        """The parts of `text` between any of the phrases."""
        return [part for part in self.any_of(phrases).split(text) if part.strip()]

    def _one(self, phrase: str, *, groups: bool = False) -> str:
        parts = []
        end = 0
        for place in _PLACE.finditer(phrase):
            parts.append(self._literal(phrase[end : place.start()]))
            inner = self._places[place[1]]
            parts.append(f"({inner})" if groups else f"(?:{inner})")
            end = place.end()
        parts.append(self._literal(phrase[end:]))
        whole = "".join(parts)
        if not self._language.spaced:
            return whole
        # Only letters and digits have a border: "€" may stand right beside a number.
        first = r"(?<![^\W_])" if phrase[:1].isalnum() or phrase[:1] == "{" else ""
        last = r"(?![^\W_])" if phrase[-1:].isalnum() or phrase[-1:] == "}" else ""
        return f"{first}{whole}{last}"

    def _literal(self, text: str) -> str:
        escaped = re.escape(text).replace(r"\ ", r"\s+").replace("'", "['’]")
        return escaped if self._language.spaced else escaped.replace(r"\s+", r"\s*")

    @cached_property
    def _places(self) -> dict[str, str]:
        language = self._language
        number = f"{_DIGITS}|{_either(language.numbers)}"
        unit = _either(language.units)
        signs = _either([word for word in language.units if not word[0].isalnum()])
        gap = r"[\s-]*"
        return {
            "number": number,
            "unit": unit,
            # A sign of a currency may come first; a number without a unit is an amount as well.
            "amount": rf"(?:{signs}){gap}(?:{number})|(?:{number}){gap}(?:{unit})|{_DIGITS}",
            "year": r"(?:19|20)\d\d",
            "decade": rf"(?:19|20)?\d0\s*(?:['’]?s|年代)|{_either(language.decades)}",
            "word": _either(
                [word for word, place in language.ordinals.items() if place > 0]
                if not language.spaced
                else language.ordinals
            ),
            "end": _either([word for word, place in language.ordinals.items() if place < 0]),
        }

    @cached_property
    def ordinals(self) -> re.Pattern[str]:
        """A pattern of the forms of an ordinal, with their word or number as groups."""
        forms = sorted(self._language.ordinal_forms, key=lambda form: (-len(form), form))
        return re.compile("|".join(self._one(form, groups=True) for form in forms), re.IGNORECASE)

    def with_ordinals(self, phrases: Iterable[str]) -> Callable[[str], "re.Match[str] | None"]:
        """A search for one of the phrases, in which {ordinal} stands for any form of an ordinal."""
        key = ("ordinal", *phrases)
        if key not in self._made:
            forms = self.any_of(self._language.ordinal_forms).pattern
            made = []
            for phrase in sorted(key[1:], key=lambda phrase: (-len(phrase), phrase)):
                before, _, after = phrase.partition("{ordinal}")
                border = r"(?<![^\W_])" if self._language.spaced else ""
                made.append(f"{border}{self._literal(before)}{forms}{self._literal(after)}")
            self._made[key] = re.compile("|".join(made) or "(?!)", re.IGNORECASE)
        return self._made[key].search


def _either(words: Iterable[str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    each = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)
    return each or "(?!)"
