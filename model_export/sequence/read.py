"""Reads interactions and vectors of items from the database."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import psycopg
from numpy.typing import NDArray

from model_export.sequence.back import space_of
from model_export.sequence.interactions import Interactions, ordered

_ROWS = 50_000
"""Rows that come from the server at a time."""

_SPACE = """
SELECT s.space_id, s.bundle_sha256, s.dim, s.mean
FROM interestream.spaces AS s WHERE s.space_id = %s
"""

_ITEMS = """
SELECT v.item_id, v.embedding::vector::real[] FROM interestream.item_vectors AS v
WHERE v.space_id = %s ORDER BY v.item_id
"""

# Of one moment in the order in which the job counts events.
_LIKES = """
SELECT u.user_id, u.item_id, (extract(EPOCH FROM u.signal_at) * 1000)::bigint, u.signal
FROM interestream.user_items AS u
WHERE u.signal > 0 AND u.signal_at <= %s
ORDER BY u.user_id, u.signal_at, u.signal_key, u.item_id
"""


@dataclass(frozen=True)
class SpaceRead:
    """The space whose vectors a model reads."""

    space_id: int
    bundle_sha256: str
    dim: int
    mean: NDArray[np.float32]


def read_space(db: psycopg.Connection, space_id: int | None) -> SpaceRead:
    """Return a space, the active one by default.

    Raises SourceError where there is none, or where it is that of a sequence model.
    """
    row = db.execute(_SPACE, (space_of(db, space_id),)).fetchone()
    assert row is not None
    return SpaceRead(row[0], row[1], row[2], np.array(row[3], dtype=np.float32))


def read_interactions(
    db: psycopg.Connection, space: SpaceRead, until: datetime | None = None
) -> Interactions:
    """Return what users liked up to a time, and the vectors of all items of the space.

    A user and an item are one interaction, at the time of its newest signal. Those of items that
    have no vector are left out.
    """
    item_ids: list[str] = []
    parts = []
    with db.transaction(), db.cursor("items") as cursor:
        cursor.execute(_ITEMS, (space.space_id,))
        while found := cursor.fetchmany(_ROWS // 10):
            item_ids += [row[0] for row in found]
            parts.append(np.array([row[1] for row in found], dtype=np.float16))
    texts = np.concatenate(parts) if parts else np.empty((0, space.dim), dtype=np.float16)
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    user_ids: list[str] = []
    columns: list[tuple[int, int, int, float]] = []
    with db.transaction(), db.cursor("likes") as cursor:
        cursor.execute(_LIKES, (until or datetime.max.replace(tzinfo=UTC),))
        while found := cursor.fetchmany(_ROWS):
            for user_id, item_id, time_ms, signal in found:
                row = rows.get(item_id)
                if row is None:
                    continue
                if not user_ids or user_ids[-1] != user_id:
                    user_ids.append(user_id)
                columns.append((len(user_ids) - 1, row, time_ms, signal))
    user, item, time_ms, weight = zip(*columns, strict=True) if columns else ((), (), (), ())
    return ordered(
        np.array(user, dtype=np.intp),
        np.array(item, dtype=np.intp),
        np.array(time_ms, dtype=np.int64),
        np.array(weight, dtype=np.float32),
        item_ids,
        texts,
        user_ids,
    )
