"""Texts that programs write where they have no value, and that count as ids or titles."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_WORDS = frozenset({"nan", "NaN", "None", "null", "NULL", "Null", "\\N", "<NA>", "undefined"})


@dataclass
class AbsentWords:
    """Counts such texts in ids and titles; whether they mean nothing is for a person to say.

    >>> words = AbsentWords()
    >>> words.look("items.item_id", ["7", "nan", "nan", None])
    >>> words.sentences()
    ["items.item_id is the text 'nan' in 2 rows: if that means none, set items.absent = ['nan']"]
    """

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a field (`TABLE.FIELD`) has a text."""

    def look(self, key: str, values: Sequence[Any]) -> None:
        """Look at the values of a field, which `key` names as `TABLE.FIELD`."""
        try:
            if _WORDS.isdisjoint(values):
                return
        except TypeError:
            # One of them is an object or a list.
            pass
        for value in values:
            if type(value) is str and value in _WORDS:
                self.found[key, value] += 1

    def sentences(self, *, can_be_set: bool = True) -> list[str]:
        """A sentence for each field and text; `can_be_set` is False where there is no mapping."""
        told = []
        for (key, word), count in sorted(self.found.items()):
            rows = f"{count:,} row{'' if count == 1 else 's'}"
            table = key.rpartition(".")[0]
            advice = (
                f"if that means none, set {table}.absent = [{word!r}]"
                if can_be_set
                else "it counts as any other"
            )
            told.append(f"{key} is the text '{word}' in {rows}: {advice}")
        return told

    def as_dict(self) -> dict[str, dict[str, int]]:
        """How many rows have which text, by field."""
        by_field: dict[str, dict[str, int]] = {}
        for (key, word), count in sorted(self.found.items()):
            by_field.setdefault(key.rpartition(".")[2], {})[word] = count
        return by_field
