"""Counters of what became of the records of a stream."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Counters since the job's state began; as a difference, they may be negative.

    `records_in` is the sum of the counters from `duplicates` to `excluded` and of `moved`, except
    for items, whose `applied` counts changed texts only. `unwritten` is the number of users with
    deferred rows, and of transfers on their way (`jobs.operators.transfers`). `moved` are the
    events that a bucket has handed to other buckets, since their users were merged into others,
    less those that it has taken: over all buckets, the events on their way.
    """

    records_in: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    waiting: int = 0
    applied: int = 0
    excluded: int = 0
    unwritten: int = 0
    moved: int = 0
