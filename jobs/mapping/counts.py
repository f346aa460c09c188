"""What a mapping left out, or could not read, in one pass over a table."""

from collections import Counter
from dataclasses import dataclass, field

from jobs.mapping.absent_words import AbsentWords

MOST_NAMES = 1_000
"""Names of actions that are counted one by one; more of them count as `others`."""


@dataclass
class MappingCounts:
    """Counts of one pass; a row that becomes several events is one row."""

    rows: int = 0
    records: int = 0
    broken: int = 0
    """Records with missing or unreadable fields, which are passed on all the same."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Events that were left out, by the name of their action."""
    unmatched: int = 0
    """Events that were left out, because their item does not match the pattern."""
    variants: int = 0
    """Rows of further variants of a product."""
    nameless: int = 0
    """Rows and elements of a log that name no item, where it is read as a catalogue."""
    repeated: int = 0
    """Items that had been given before, and of which a row says nothing new."""
    completed: int = 0
    """Items of which an earlier row of the pass said more than the row at hand."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Optional fields of items that were left out, because they could not be read."""
    first_unreadable: dict[str, str] = field(default_factory=dict)
    """The first value that could not be read, by field."""
    unparsed: Counter[str] = field(default_factory=Counter)
    """Cells that should be JSON and are not, by column; they count as absent."""
    like_json: int = 0
    """Items whose categories are a text that looks like a list of JSON, and are read as a text."""
    cut: Counter[str] = field(default_factory=Counter)
    """Texts that were cut at `max_chars`, by field."""
    words: AbsentWords = field(default_factory=AbsentWords)
    """Ids and titles that look like a missing value."""

    def leave_out(self, name: str, found: object) -> None:
        """Count a field that is left out, because `found` is no value of it."""
        self.unreadable[name] += 1
        self.first_unreadable.setdefault(name, str(found)[:40])

    def ignore(self, name: object) -> None:
        """Count an event that is left out for its action."""
        known = str(name)
        if known not in self.ignored and len(self.ignored) >= MOST_NAMES:
            known = "others"
        self.ignored[known] += 1

    def sentence(self) -> str:
        """What was left out; empty where nothing was.

        >>> MappingCounts(ignored=Counter(scroll=3), unreadable=Counter(language=1)).sentence()
        'left out: 3 events by their action (scroll 3); unreadable and left out: language of 1 item'
        """
        parts = []
        if self.ignored:
            named = ", ".join(f"{name} {n:,}" for name, n in self.ignored.most_common(5))
            more = ", ..." if len(self.ignored) > 5 else ""
            count = _count(self.ignored.total(), "event")
            parts.append(f"left out: {count} by their action ({named}{more})")
        if self.unmatched:
            count = _count(self.unmatched, "event")
            parts.append(f"left out: {count} whose item does not match the pattern")
        if self.variants:
            parts.append(f"{_count(self.variants, 'row')} of further variants of products")
        if self.repeated:
            parts.append(f"left out: {_count(self.repeated, 'item')} equal to the one before")
        if self.completed:
            count = _count(self.completed, "item")
            parts.append(f"completed by an earlier row of the same id: {count}")
        for name, n in sorted(self.unreadable.items()):
            first = self.first_unreadable.get(name)
            such = f' (such as "{first}")' if first else ""
            parts.append(f"unreadable and left out: {name} of {_count(n, 'item')}{such}")
        for name, n in sorted(self.unparsed.items()):
            parts.append(f"no JSON, and absent: {name} of {_count(n, 'row')}")
        if self.like_json:
            count = _count(self.like_json, "item")
            parts.append(
                f"categories of {count} look like JSON and are read as a text: name the column in"
                " items.json"
            )
        for name, n in sorted(self.cut.items()):
            parts.append(f"cut at max_chars: {name} of {_count(n, 'item')}")
        return "; ".join(parts + self.words.sentences())

    def as_dict(self) -> dict[str, object]:
        """What `sentence` says as a JSON object; what did not happen is missing.

        >>> MappingCounts(rows=5, unmatched=2, ignored=Counter(scroll=3)).as_dict()
        {'ignored': {'scroll': 3}, 'unmatched': 2}
        """
        found: dict[str, object] = {
            "ignored": dict(self.ignored.most_common()),
            "unmatched": self.unmatched,
            "variants": self.variants,
            "repeated": self.repeated,
            "completed": self.completed,
            "unreadable": dict(self.unreadable.most_common()),
            "first_unreadable": self.first_unreadable,
            "unparsed": dict(self.unparsed.most_common()),
            "like_json": self.like_json,
            "cut": dict(self.cut.most_common()),
            "like_absent": self.words.as_dict(),
        }
        return {name: count for name, count in found.items() if count}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
