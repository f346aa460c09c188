"""User batches of hand-made rows, and what Postgres holds after them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import psycopg

from jobs.core.interest.folded import Folded, InterestRows
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_rows import WindowRows
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import write_user_batch
from tests.builders import NOON_MS, half

Vector = Sequence[float]


def write(dsn: str, *batches: UserBatch) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        register_arrays(db)
        register_halfvectors(db)
        for batch in batches:
            with db.transaction():
                write_user_batch(db, batch)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return db.execute(query).fetchall()


def window(kind: str, vectors: Mapping[int, Vector], deleted: Sequence[int] = ()) -> WindowRows:
    """Rows of the users in `vectors`; the rows of the users in `deleted` are deleted."""
    return WindowRows(
        kind,
        np.array(list(vectors), dtype=np.intp),
        np.full(len(vectors), NOON_MS),
        np.full(len(vectors), 3.0),
        half(list(vectors.values())).reshape(-1, 4),
        np.array(deleted, dtype=np.intp),
    )


def interests(
    expected: Sequence[Sequence[tuple[str, float, int]]], columns: int = 4
) -> InterestRows:
    """Interests (item, share, size) of each user, in `columns` columns."""
    padded = [[*user, *[("", 0.0, 0)] * (columns - len(user))] for user in expected]
    return InterestRows(
        np.array([len(user) for user in expected], dtype=np.int64),
        [[user[rank][0] for user in padded] for rank in range(columns)],
        np.array([[share for _, share, _ in user] for user in padded]).reshape(-1, columns),
        np.array([[n for _, _, n in user] for user in padded], np.int64).reshape(-1, columns),
    )


def folded(
    versions: Sequence[int], windows: Sequence[WindowRows], written_users: Sequence[int] = (0,)
) -> Folded:
    """Users with the given versions; `written_users` have their own row written."""
    return Folded(
        entries=[],
        version=np.array(versions),
        written_users=np.array(written_users, dtype=np.intp),
        events=np.array([versions[user] for user in written_users], dtype=np.int64),
        last_ms=np.full(len(written_users), NOON_MS),
        interests=interests([[("east", 0.75, 3)]] * len(written_users)),
        windows=list(windows),
        deferred=np.empty(0, dtype=np.intp),
    )


def batch(version: int, vector: Vector | None, *, epoch: int = 1, **fields: Any) -> UserBatch:
    """Ada after `version` events, with one window or without any."""
    rows = window("recent", {0: vector}) if vector else window("recent", {}, deleted=[0])
    return UserBatch(1, epoch, 0, ["ada"], folded([version], [rows]), **fields)
