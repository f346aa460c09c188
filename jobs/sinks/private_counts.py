"""Releases the counts of a day once, and reads what was released."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.core.trends.released_days import ReleasedDay

AddNoise = Callable[[Sequence[int]], NDArray[np.int64]]

_ITEMS = "SELECT item_id FROM interestream.items ORDER BY item_id"
_RELEASE = """
INSERT INTO interestream.private_counts (day, items, counts, epsilon, per_user_day)
VALUES (DATE '1970-01-01' + %s, %s, %s, %s, %s) ON CONFLICT (day) DO NOTHING
"""
_DROP = "DELETE FROM interestream.private_counts WHERE day <= DATE '1970-01-01' + %s"
_READ = """
SELECT day - DATE '1970-01-01', items, counts FROM interestream.private_counts
WHERE day > DATE '1970-01-01' + %s ORDER BY day
"""


def release_day(
    connection: psycopg.Connection,
    day: int,
    counts: Mapping[str, int],
    add_noise: AddNoise,
    budget: tuple[float, int],
) -> None:
    """Release `counts` by item of a day (days since 1970), unless that was done before.

    Every item of the catalogue gets noise, counted or not, so which ones were is not told. `budget`
    is (epsilon, events of a user that count). The first release of a day stays: who counts it
    again, after a crash or for another space, adds no second noise, from which the mean would show
    the count.
    """
    items = [item for (item,) in connection.execute(_ITEMS)]
    noisy = add_noise([counts.get(item, 0) for item in items])
    connection.execute(_RELEASE, (day, items, noisy.tolist(), *budget))


def drop_days(connection: psycopg.Connection, newest: int) -> None:
    """Delete the days up to `newest`."""
    connection.execute(_DROP, (newest,))


def released_days(connection: psycopg.Connection, after: int) -> list[ReleasedDay]:
    """The days behind `after`, the oldest first."""
    return [
        ReleasedDay(day, items, np.array(counts, dtype=np.int64))
        for day, items, counts in connection.execute(_READ, (after,)).fetchall()
    ]
