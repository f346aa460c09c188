"""Writes the best items of all horizons in one idempotent transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import psycopg

BEST = 500
"""Items of a horizon whose ids lie in its row of `trend_windows`, where one look-up finds them."""

_BEFORE = """
SELECT epoch, version FROM interestream.trend_windows
WHERE space_id = %s AND horizon = %s FOR UPDATE
"""

_WINDOW = """
INSERT INTO interestream.trend_windows
    (space_id, horizon, length, half_life, longer, window_start, window_end, as_of, interactions,
     largest, best_ids, epoch, version, committed_at)
VALUES (%s, %s, make_interval(secs => %s), make_interval(secs => %s), %s, to_timestamp(%s),
        to_timestamp(%s), to_timestamp(%s), %s, %s, %s, %s, %s, clock_timestamp())
ON CONFLICT (space_id, horizon) DO UPDATE SET
    length = excluded.length, half_life = excluded.half_life, longer = excluded.longer,
    window_start = excluded.window_start,
    window_end = excluded.window_end, as_of = excluded.as_of,
    interactions = excluded.interactions, largest = excluded.largest,
    best_ids = excluded.best_ids, epoch = excluded.epoch, version = excluded.version,
    committed_at = excluded.committed_at
"""

_ROWS = """
INSERT INTO interestream.trends
    (space_id, horizon, item_id, interactions, weight, longer_interactions, longer_weight, standing)
SELECT %s, %s, n.*
FROM unnest(%s::text[], %s::bigint[], %s::double precision[], %s::bigint[], %s::double precision[],
    %s::double precision[]) AS n
ON CONFLICT (space_id, horizon, item_id) DO UPDATE SET
    interactions = excluded.interactions, weight = excluded.weight,
    longer_interactions = excluded.longer_interactions, longer_weight = excluded.longer_weight,
    standing = excluded.standing
"""

_DELETED = """
DELETE FROM interestream.trends WHERE space_id = %s AND horizon = %s AND item_id = ANY(%s)
"""

_OTHERS = """
DELETE FROM interestream.trends AS t
WHERE t.space_id = %s AND t.horizon = %s
    AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS n (item_id) WHERE n.item_id = t.item_id)
"""

TrendRow = tuple[int, float, int | None, float | None, float | None]
"""(interactions, weight, both in the next longer horizon or None, standing of all time or None)."""

Version = tuple[int, int]
"""(epoch, version)."""


@dataclass(frozen=True)
class TrendBatch:
    """A row of `trend_windows` and its rows of `trends` by item id.

    Times are in epoch seconds; `longer` is the name of the next longer horizon, None for the
    longest; `interactions` counts all items. All time has a half-life instead of a length and a
    start.
    """

    space_id: int
    horizon: str
    length_s: float | None
    half_life_s: float | None
    longer: str | None
    start_s: float | None
    end_s: float
    as_of_s: float
    interactions: int
    version: Version
    rows: dict[str, TrendRow]

    def without(self, deleted: Iterable[str]) -> "TrendBatch":
        """The batch without the rows of `deleted` items, whose interactions stay in the sum."""
        gone = self.rows.keys() & deleted
        if not gone:
            return self
        return replace(self, rows={item: self.rows[item] for item in self.rows if item not in gone})


@dataclass(frozen=True)
class WrittenTrends:
    """The rows that this process wrote last for a horizon, with their version."""

    version: Version
    rows: dict[str, TrendRow]


def write_trends(
    connection: psycopg.Connection,
    batches: Sequence[TrendBatch],
    written: Mapping[str, WrittenTrends],
) -> dict[str, WrittenTrends]:
    """Write horizons inside the caller's transaction.

    Only rows that differ from `written` are written, or all rows if another writer has changed the
    horizon since. A horizon with rows of a newer version is left as it is. Returns the written rows
    by horizon, without the horizons that were left.
    """
    return {
        batch.horizon: WrittenTrends(batch.version, batch.rows)
        for batch in batches
        if _write_horizon(connection, batch, written.get(batch.horizon))
    }


def _best(rows: Mapping[str, TrendRow]) -> list[str]:
    """The BEST items by weight, by the weight in the next longer horizon, all time, and id."""
    return sorted(
        rows, key=lambda item: (*(-(rows[item][place] or 0.0) for place in (1, 3, 4)), item)
    )[:BEST]


def _write_horizon(
    connection: psycopg.Connection, batch: TrendBatch, written: WrittenTrends | None
) -> bool:
    key = batch.space_id, batch.horizon
    before = connection.execute(_BEFORE, key).fetchone()
    if before is not None and tuple(before) > batch.version:
        return False
    connection.execute(
        _WINDOW,
        (
            *key,
            batch.length_s,
            batch.half_life_s,
            batch.longer,
            batch.start_s,
            batch.end_s,
            batch.as_of_s,
            batch.interactions,
            max((row[0] for row in batch.rows.values()), default=0),
            _best(batch.rows),
            *batch.version,
        ),
    )
    if written is not None and before is not None and tuple(before) == written.version:
        rows = {item: row for item, row in batch.rows.items() if written.rows.get(item) != row}
        deleted = [item for item in written.rows if item not in batch.rows]
        if deleted:
            connection.execute(_DELETED, (*key, deleted))
    else:
        rows = batch.rows
        connection.execute(_OTHERS, (*key, list(rows)))
    if rows:
        connection.execute(_ROWS, (*key, list(rows), *map(list, zip(*rows.values(), strict=True))))
    return True


def drop_trends(
    connection: psycopg.Connection, space_id: int, epoch: int, keep: Sequence[str] = ()
) -> None:
    """Delete the horizons written under an epoch of up to `epoch`, except for the names `keep`."""
    connection.execute(
        """
        WITH dropped AS (
            DELETE FROM interestream.trend_windows
            WHERE space_id = %(space)s AND epoch <= %(epoch)s AND horizon <> ALL(%(keep)s)
            RETURNING horizon
        )
        DELETE FROM interestream.trends AS t USING dropped AS d
        WHERE t.space_id = %(space)s AND t.horizon = d.horizon
        """,
        {"space": space_id, "epoch": epoch, "keep": list(keep)},
    )
