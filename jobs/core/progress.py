"""What became of the records of a stream."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Absolute counters. `records_in` is the sum of the others, but for items, whose `applied`
    counts changed texts; `unwritten` are users with rows that are yet to be written."""

    records_in: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    waiting: int = 0
    applied: int = 0
    excluded: int = 0
    unwritten: int = 0
