"""Reads the tables in bulk, with binary COPY."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from bench.verify.recompute import Prototypes, UserItem

ROWS_AT_ONCE = 8_192
COUNTERS = (
    "records_in",
    "duplicates",
    "dead_letters",
    "waiting",
    "applied",
    "excluded",
    "unwritten",
)
"""Columns of `job_progress`."""
UNREADABLE_BUCKET = -1
"""Bucket of the lines whose key Java could not read."""
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class StoredWindows:
    """Some rows of `user_windows`."""

    keys: list[tuple[str, str]]
    """(user_id, kind)"""
    embeddings: list[NDArray[np.float32]]
    """Each (dim,), with the stored dimension."""
    weights: NDArray[np.float64]
    """(rows,)"""
    as_of_us: NDArray[np.int64]
    """(rows,): microseconds, the resolution of the column."""


@dataclass(frozen=True, slots=True)
class StoredUserItem:
    """A row of `user_items`."""

    user_item: UserItem
    whole_ms: bool
    """Whether all of its times are whole milliseconds."""


def read_windows(connection: Connection, space_id: int) -> Iterator[StoredWindows]:
    """All windows of a space, ROWS_AT_ONCE at a time; the last part may be empty."""
    rows: list[tuple[Any, ...]] = []
    for row in _copy(
        connection,
        "SELECT user_id, kind, embedding, weight::float8, "
        "(extract(epoch FROM as_of) * 1000000)::int8 "
        "FROM interestream.user_windows WHERE space_id = %s",
        (space_id,),
        ["text", "text", "bytea", "float8", "int8"],
    ):
        rows.append(row)
        if len(rows) == ROWS_AT_ONCE:
            yield _windows(rows)
            rows = []
    yield _windows(rows)


def _windows(rows: list[tuple[Any, ...]]) -> StoredWindows:
    return StoredWindows(
        keys=[(row[0], row[1]) for row in rows],
        embeddings=[_halves(row[2]) for row in rows],
        weights=np.array([row[3] for row in rows], np.float64),
        as_of_us=np.array([row[4] for row in rows], np.int64),
    )


def read_users(connection: Connection, space_id: int) -> Iterator[tuple[str, int, int]]:
    """(user_id, events, last_event_at in microseconds) of each user of a space."""
    return _copy(
        connection,
        "SELECT user_id, events, (extract(epoch FROM last_event_at) * 1000000)::int8 "
        "FROM interestream.users WHERE space_id = %s",
        (space_id,),
        ["text", "int8", "int8"],
    )


def read_user_items(connection: Connection) -> Iterator[tuple[tuple[str, str], StoredUserItem]]:
    """(user_id, item_id) and the row of each pair."""
    named = connection.execute("SELECT bit, action FROM interestream.actions").fetchall()
    sets: dict[int, frozenset[str]] = {}
    for user_id, item_id, bits, first, last, signal, signal_at, signal_key in _copy(
        connection,
        "SELECT user_id, item_id, actions, (extract(epoch FROM first_at) * 1000000)::int8, "
        "(extract(epoch FROM last_at) * 1000000)::int8, signal::float8, "
        "(extract(epoch FROM signal_at) * 1000000)::int8, signal_key "
        "FROM interestream.user_items",
        (),
        ["text", "text", "int8", "int8", "int8", "float8", "int8", "int8"],
    ):
        if bits not in sets:
            sets[bits] = _actions(bits, named)
        times_us = (first, last, 0 if signal_at is None else signal_at)
        user_item = UserItem(
            actions=sets[bits],
            first_ms=first // 1000,
            last_ms=last // 1000,
            signal=signal,
            signal_ms=None if signal_at is None else signal_at // 1000,
            signal_key=signal_key,
        )
        whole_ms = all(time % 1000 == 0 for time in times_us)
        yield (user_id, item_id), StoredUserItem(user_item, whole_ms)


def read_shown_items(connection: Connection) -> Iterator[tuple[tuple[str, str], list[int]]]:
    """(user_id, item_id) and the times in microseconds, newest first, of each pair."""
    for user_id, item_id, times_us in _copy(
        connection,
        "SELECT user_id, item_id, ARRAY(SELECT (extract(epoch FROM s.at) * 1000000)::int8 "
        "FROM unnest(shown_at) WITH ORDINALITY AS s (at, n) ORDER BY s.n) "
        "FROM interestream.shown_items",
        (),
        ["text", "text", "int8[]"],
    ):
        yield (user_id, item_id), times_us


def _actions(bits: int, named: list[tuple[int, str]]) -> frozenset[str]:
    names = {action for bit, action in named if bits >> bit & 1}
    unnamed = bits & ~sum(1 << bit for bit, _ in named)
    return frozenset(names | ({f"unnamed bits {unnamed:b}"} if unnamed else set()))


def read_items(
    connection: Connection, space_id: int
) -> Iterator[tuple[str, str, bool, str | None, int]]:
    """(item_id, document, available, representative, vectors in the space) of each item."""
    return _copy(
        connection,
        "SELECT i.item_id, i.title || coalesce('. ' || i.body, ''), i.available, "
        "i.representative, (SELECT count(*) FROM interestream.item_vectors AS v "
        "WHERE v.item_id = i.item_id AND v.space_id = %s) FROM interestream.items AS i",
        (space_id,),
        ["text", "text", "bool", "text", "int8"],
    )


def read_prototypes(connection: Connection, space_id: int) -> Prototypes:
    """The sentences of known sentiment of a space that have a vector."""
    rows = list(
        _copy(
            connection,
            "SELECT polarity, embedding FROM interestream.sentiment_prototypes "
            "WHERE space_id = %s AND embedding IS NOT NULL",
            (space_id,),
            ["int2", "bytea"],
        )
    )
    return Prototypes(
        vectors=np.array([_halves(embedding) for _, embedding in rows], np.float32),
        polarity=np.array([polarity for polarity, _ in rows], np.int64),
    )


def _halves(embedding: bytes) -> NDArray[np.float32]:
    """A halfvec on the wire: two 16-bit words (dimension, unused), then big-endian halves."""
    return np.frombuffer(embedding, ">f2", offset=4).astype(np.float32)


def read_dead_letters(
    connection: Connection, space_id: int, forgotten: Collection[str]
) -> Counter[tuple[str, str]]:
    """Number by (stream, reason), of the jobs that `job_progress` counts and no earlier ones.

    Lines of forgotten users without a key that Java could read are left out: the order in which
    they and the command were read decides whether they are there.
    """
    rows = connection.execute(
        "SELECT stream, reason, count(*) FROM interestream.dead_letters "
        "WHERE space_id = %(space)s AND epoch IN "
        "(SELECT epoch FROM interestream.job_progress WHERE space_id = %(space)s) "
        "AND NOT (bucket = %(unreadable)s AND coalesce(user_id = ANY(%(forgotten)s), false)) "
        "GROUP BY stream, reason",
        {"space": space_id, "unreadable": UNREADABLE_BUCKET, "forgotten": list(forgotten)},
    ).fetchall()
    return Counter({(stream, reason): count for stream, reason, count in rows})


def read_progress(connection: Connection, space_id: int) -> dict[str, dict[str, int]]:
    """Sums over the buckets, by stream and counter."""
    sums = ", ".join(f"sum({counter})::int8" for counter in COUNTERS)
    rows = connection.execute(
        f"SELECT stream, {sums} FROM interestream.job_progress WHERE space_id = %s GROUP BY stream",
        (space_id,),
    ).fetchall()
    return {row[0]: dict(zip(COUNTERS, row[1:], strict=True)) for row in rows}


def _copy(
    connection: Connection, query: str, parameters: tuple[Any, ...], types: list[str]
) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        statement = f"COPY ({query}) TO STDOUT (FORMAT binary)"
        with cursor.copy(statement, parameters) as copy:
            copy.set_types(types)
            yield from copy.rows()
