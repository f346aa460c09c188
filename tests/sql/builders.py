"""Rows for the SQL tests, written the way the job writes them, and their numpy counterparts."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg.types.json import Jsonb

Floats = NDArray[np.float32]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIONS = {
    # name: (bit, weight, sign, seen)
    "impression": (0, 0.0, 1, False),
    "view": (1, 1.0, 1, True),
    "like": (2, 3.0, 1, True),
    "dislike": (3, 3.0, -1, True),
    "search": (4, 2.0, 1, False),
}


def unit(rows: Floats) -> Floats:
    """Rows (or one vector) divided by their L2 norm."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def stored(rows: Floats) -> Floats:
    """What a halfvec column keeps of float32 numbers."""
    return rows.astype(np.float16).astype(np.float32)


def seeded(n: int, dim: int = 8, seed: int = 0) -> Floats:
    """(n, dim) unit vectors as the database stores them, the same for the same seed."""
    return stored(unit(np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)))


def clustered(n: int, dim: int, clusters: int, seed: int = 0) -> tuple[Floats, NDArray[np.int64]]:
    """(n, dim) unit vectors that lie like texts do, and the cluster of each.

    Clusters of clusters in 24 directions, with a little noise in all others.
    """
    rng = np.random.default_rng(seed)
    directions = 24
    tops = rng.standard_normal((20, directions))
    centres = tops[rng.integers(0, 20, clusters)] + 0.8 * rng.standard_normal(
        (clusters, directions)
    )
    labels = rng.integers(0, clusters, n)
    low = centres[labels] + 0.5 * rng.standard_normal((n, directions))
    basis = np.linalg.qr(rng.standard_normal((dim, directions)))[0].T
    rows = unit((low @ basis).astype(np.float32))
    rows += rng.standard_normal((n, dim)).astype(np.float32) * (0.25 / np.sqrt(dim))
    return stored(unit(rows)), labels


def add_actions(db: psycopg.Connection) -> None:
    """The rows the job writes at its start."""
    for name, (bit, weight, sign, seen) in ACTIONS.items():
        db.execute(
            "INSERT INTO interestream.actions VALUES (%s, %s, %s, %s, %s)",
            [name, bit, weight, sign, seen],
        )


def set_source_weights(db: psycopg.Connection, **weights: float) -> None:
    """What counts in the score of users who liked something, and nothing else."""
    db.execute("DELETE FROM interestream.source_weights")
    for segment in ("few", "many"):
        for source, weight in weights.items():
            db.execute(
                "INSERT INTO interestream.source_weights VALUES (%s, %s, %s)",
                [segment, source, weight],
            )


def add_space(
    db: psycopg.Connection, dim: int = 8, sha256: str = "aa", *, index: bool = True
) -> int:
    """An embedding space whose mean is zero."""
    row = db.execute(
        "SELECT interestream.create_space('mini', '1', %s, %s, %s::real[], %s)",
        [sha256, dim, [0.0] * dim, index],
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_sequence(
    db: psycopg.Connection, dim: int = 4, sha256: str = "ss", *, of: int = 1, serving: bool = True
) -> int:
    """A sequence model of a space, with an index and a scale of 20."""
    row = db.execute(
        "SELECT interestream.create_sequence(%s, 'sequence', %s, %s, %s, 20, %s)",
        [of, sha256, sha256, dim, NOON],
    ).fetchone()
    assert row is not None
    db.execute("SELECT interestream.index_space(%s)", [row[0]])
    db.execute("SELECT interestream.serve_sequence(%s, %s)", [row[0], serving])
    return int(row[0])


def add_item(
    db: psycopg.Connection,
    item: str,
    vector: Floats | None = None,
    *,
    space: int = 1,
    title: str | None = None,
    categories: Sequence[str] = (),
    available: bool = True,
    published_at: datetime | None = None,
    language: str | None = None,
    attributes: dict[str, Any] | None = None,
    group: str | None = None,
) -> None:
    """One item and, where a vector is given, its vector; `settle_groups` sees what is equal."""
    db.execute(
        """
        INSERT INTO interestream.items
        (item_id, title, categories, available, published_at, language, attributes, group_id,
         epoch, version)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1, 1)
        """,
        [
            item,
            title or f"Title {item}",
            list(categories),
            available,
            published_at,
            language,
            Jsonb(attributes or {}),
            group,
        ],
    )
    if vector is not None:
        add_vector(db, item, vector, space=space)


def add_vector(db: psycopg.Connection, item: str, vector: Floats, *, space: int = 1) -> None:
    """An item's vector in one space."""
    db.execute(
        "INSERT INTO interestream.item_vectors VALUES (%s, %s, %s::halfvec, 1, 1)",
        [space, item, text(vector)],
    )


def add_items(db: psycopg.Connection, vectors: Floats, *, space: int = 1) -> list[str]:
    """Items i0, i1, ... with these vectors; returns their ids."""
    ids = [f"i{number}" for number in range(len(vectors))]
    for item, vector in zip(ids, vectors, strict=True):
        add_item(db, item, vector, space=space)
    return ids


def copy_items(
    db: psycopg.Connection,
    vectors: Floats,
    categories: Iterable[Sequence[str]],
    *,
    space: int = 1,
) -> list[str]:
    """The same for many items, by COPY."""
    register_vector(db)
    ids = [f"i{number}" for number in range(len(vectors))]
    columns = "item_id, title, categories, epoch, version"
    with db.cursor().copy(f"COPY interestream.items ({columns}) FROM STDIN") as copy:
        for item, names in zip(ids, categories, strict=True):
            copy.write_row((item, f"Title {item}", list(names), 1, 1))
    statement = "COPY interestream.item_vectors FROM STDIN (FORMAT binary)"
    with db.cursor().copy(statement) as copy:
        copy.set_types(["int4", "text", "halfvec", "int8", "int8"])
        for item, vector in zip(ids, vectors, strict=True):
            copy.write_row((space, item, HalfVector(vector), 1, 1))
    return ids


def settle_groups(db: psycopg.Connection) -> None:
    """What the job does with each batch of items, for all of them."""
    db.execute(
        "SELECT interestream.settle_groups(array_agg(DISTINCT group_key)) FROM interestream.items"
    )


def set_window(
    db: psycopg.Connection,
    user: str,
    kind: str,
    vector: Floats,
    *,
    space: int = 1,
    weight: float = 3.0,
) -> None:
    """A window of a user; the vector is brought to length 1."""
    db.execute(
        "INSERT INTO interestream.user_windows VALUES (%s, %s, %s, %s::halfvec, %s, %s, 1, 1)",
        [space, user, kind, text(unit(vector)), weight, NOON],
    )


def set_interests(
    db: psycopg.Connection,
    user: str,
    medoids: Sequence[str],
    shares: Sequence[float] | None = None,
    *,
    space: int = 1,
) -> None:
    """The several interests of a user, strongest first; equal shares unless given."""
    shares = shares or [1 / len(medoids)] * len(medoids)
    db.execute(
        """
        INSERT INTO interestream.users
        (space_id, user_id, events, last_event_at, interest_items, interest_weights,
         interest_sizes, epoch, version)
        VALUES (%s, %s, 10, %s, %s, %s, %s, 1, 1)
        """,
        [space, user, NOON, list(medoids), list(shares), [4] * len(medoids)],
    )


def keep_day(
    db: psycopg.Connection,
    user: str,
    day: date,
    shares: dict[str, float],
    *,
    space: int = 1,
    age_days: float = 0,
) -> None:
    """The topics of a user on a day, kept `age_days` ago."""
    db.execute(
        "INSERT INTO interestream.user_topic_history"
        " VALUES (%s, %s, %s, %s, %s, now() - %s * interval '1 day')",
        [space, user, day, list(shares), list(shares.values()), age_days],
    )


def speak(db: psycopg.Connection, language: str) -> None:
    """What the session reads, for the rest of the transaction."""
    db.execute("SELECT set_config('interestream.language', %s, true)", [language])


def add_topic(db: psycopg.Connection, topic: str, vector: Floats, *, space: int = 1) -> None:
    """A named topic and its vector in one space."""
    db.execute(
        "INSERT INTO interestream.topics VALUES (%s, ARRAY[%s]) ON CONFLICT DO NOTHING",
        [topic, topic],
    )
    db.execute(
        "INSERT INTO interestream.topic_vectors VALUES (%s, %s, %s::halfvec, 'x')",
        [space, topic, text(unit(vector))],
    )


def interact(
    db: psycopg.Connection,
    user: str,
    item: str,
    *actions: str,
    signal: float | None = None,
    at: datetime = NOON,
) -> None:
    """What a user did with an item; the signal defaults to that of the last action."""
    bits = 0
    for name in actions:
        bit, weight, sign, _ = ACTIONS[name]
        bits |= 1 << bit
        signal = sign * weight if signal is None and weight else signal
    db.execute(
        "INSERT INTO interestream.user_items VALUES (%s, %s, %s, %s, %s, %s, %s, 1)",
        [user, item, bits, at, at, signal, at],
    )


def show(db: psycopg.Connection, user: str, item: str, *times: datetime) -> None:
    """Impressions of an item, whose times are given newest first."""
    db.execute(
        "INSERT INTO interestream.shown_items (user_id, item_id, shown_at) VALUES (%s, %s, %s)",
        [user, item, list(times)],
    )


def hours_ago(hours: float) -> datetime:
    """A time before NOON."""
    return NOON - timedelta(hours=hours)


def text(vector: Floats) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(repr(float(number)) for number in vector) + "]"
