"""Writes a bucket's batch in one idempotent transaction: users, windows, user items, progress."""

import numpy as np
import psycopg

from jobs.core.interest.folded import Folded
from jobs.core.interest.sequence_rows import SequenceRows
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import UserItemRows
from jobs.sinks.arrays import Float4Array, Int8Array, Texts, TimeArray
from jobs.sinks.feedback_rows import merge_shown, write_clicks, write_shown
from jobs.sinks.halfvec_array import HalfVectors
from jobs.sinks.job_rows import write_dead_letters, write_progress
from jobs.sinks.transfer_rows import write_transfers


def _users_statement(interests: int) -> str:
    """The statement for users with up to `interests` interests, a column for each."""
    ranks = range(interests)
    items, shares, sizes = (
        ", ".join(f"{name}_{rank}" for rank in ranks) for name in ("item", "share", "size")
    )
    columns = ", ".join(
        f"%({name}_{rank})s" for name in ("item", "share", "size") for rank in ranks
    )
    return f"""
INSERT INTO interestream.users AS t
    (space_id, user_id, events, last_event_at, interest_items, interest_weights, interest_sizes,
     epoch, version, committed_at)
SELECT %(space)s, user_id, events, last_event_at,
       (ARRAY[{items}])[:interests::integer], (ARRAY[{shares}])[:interests::integer],
       (ARRAY[{sizes}])[:interests::integer]::integer[], %(epoch)s, version, clock_timestamp()
FROM unnest(
    %(user_ids)s, %(events)s, %(last_event_at)s, %(versions)s, %(interests)s, {columns}
) AS n (user_id, events, last_event_at, version, interests, {items}, {shares}, {sizes})
ON CONFLICT (space_id, user_id) DO UPDATE SET
    events = excluded.events, last_event_at = excluded.last_event_at,
    interest_items = excluded.interest_items, interest_weights = excluded.interest_weights,
    interest_sizes = excluded.interest_sizes, epoch = excluded.epoch, version = excluded.version,
    committed_at = excluded.committed_at
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""  # noqa: S608


_WINDOWS = """
INSERT INTO interestream.user_windows AS t
    (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
SELECT %(space)s, user_id, %(kind)s, embedding, weight, as_of, %(epoch)s, version
FROM unnest(%(user_ids)s, %(versions)s, %(as_of)s, %(weights)s, %(vectors)s)
    AS n (user_id, version, as_of, weight, embedding)
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, weight = excluded.weight, as_of = excluded.as_of,
    epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""

# The row of the kind `sequence` as an earlier week left it: user_drift() compares with it.
_BEFORE = """
INSERT INTO interestream.user_windows AS t
    (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
SELECT w.space_id, w.user_id, 'sequence_before', w.embedding, w.weight, w.as_of, w.epoch, w.version
FROM unnest(%(user_ids)s, %(as_of)s) AS n (user_id, as_of)
CROSS JOIN LATERAL (
    SELECT known.* FROM interestream.user_windows AS known
    WHERE known.space_id = %(space)s AND known.user_id = n.user_id AND known.kind = 'sequence'
    OFFSET 0
) AS w
WHERE date_trunc('week', w.as_of, 'UTC') < date_trunc('week', n.as_of, 'UTC')
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, weight = excluded.weight, as_of = excluded.as_of,
    epoch = excluded.epoch, version = excluded.version
WHERE t.as_of <= excluded.as_of
"""

_MODEL_SPACES = """
SELECT array_agg(s.space_id) FROM interestream.spaces AS s
WHERE s.space_id = %(space)s OR s.of_space = %(space)s
"""

# No join: Postgres would plan it once, while the table is small, as a sequential scan.
_DELETED_WINDOWS = """
DELETE FROM interestream.user_windows AS t
WHERE t.space_id = %(space)s AND t.kind = %(kind)s AND t.user_id = ANY(%(user_ids)s)
    AND (t.epoch, t.version)
    <= (%(epoch)s, (%(versions)s)[array_position(%(user_ids)s, t.user_id)])
"""

# Each column is joined by an operation that gives the same result in any order and any number of
# times, so replayed rows need no guard. A signal of NaN means that no event had a weight.
_JOINED = """
ON CONFLICT (user_id, item_id) DO UPDATE SET
    actions = t.actions | excluded.actions,
    first_at = least(t.first_at, excluded.first_at),
    last_at = greatest(t.last_at, excluded.last_at),
    (signal, signal_at, signal_key) = (
        SELECT s.signal, s.signal_at, s.signal_key
        FROM (VALUES (t.signal, t.signal_at, t.signal_key),
                     (excluded.signal, excluded.signal_at, excluded.signal_key))
            AS s (signal, signal_at, signal_key)
        ORDER BY s.signal_at DESC NULLS LAST, s.signal_key DESC NULLS LAST LIMIT 1)
"""

_USER_ITEMS = (
    """
INSERT INTO interestream.user_items AS t
    (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
SELECT user_id, item_id, actions, first_at, last_at,
       nullif(signal, 'NaN'),
       CASE WHEN signal <> 'NaN' THEN signal_at END,
       CASE WHEN signal <> 'NaN' THEN signal_key END
FROM unnest(
    %(user_ids)s, %(item_ids)s, %(actions)s, %(first_at)s, %(last_at)s, %(signals)s,
    %(signal_at)s, %(signal_keys)s
) AS n (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
"""
    + _JOINED
)

_MERGED_ITEMS = (
    """
INSERT INTO interestream.user_items AS t
    (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
SELECT %(new)s, item_id, actions, first_at, last_at, signal, signal_at, signal_key
FROM interestream.user_items WHERE user_id = %(old)s
"""
    + _JOINED
)


def write_user_batch(connection: psycopg.Connection, batch: UserBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    with connection.cursor() as cursor:
        if batch.deleted_items:
            # First of all: it waits for the writers of items, which wait for no row of this batch.
            cursor.execute("SELECT interestream.delete_items(%s)", (list(batch.deleted_items),))
        if batch.folded is not None and batch.users:
            _write_users(cursor, batch, batch.folded)
        if batch.user_item_rows is not None and batch.user_item_rows.user_id:
            _write_user_items(cursor, batch.user_item_rows)
        if batch.shown is not None:
            write_shown(cursor, batch.shown)
        for old, new in batch.merged:
            cursor.execute(_MERGED_ITEMS, {"old": old, "new": new})
            cursor.execute("DELETE FROM interestream.user_items WHERE user_id = %s", (old,))
            merge_shown(cursor, old, new)
        if batch.sequence_rows is not None:
            _write_sequences(cursor, batch, batch.sequence_rows)
        if batch.opted_out:
            _delete_vectors(cursor, batch)
        for user_id in batch.forgotten:
            cursor.execute("SELECT interestream.forget_user(%s)", (user_id,))
        for rows in batch.click_rows:
            write_clicks(cursor, batch.space_id, batch.bucket, rows)
        if len(batch.transfers):
            write_transfers(cursor, batch.transfers)
        write_dead_letters(
            cursor, batch.space_id, batch.epoch, batch.bucket, batch.progress, batch.dead
        )
        write_progress(
            cursor, batch.space_id, batch.epoch, batch.bucket, batch.progress, batch.task_start
        )


def _write_users(cursor: psycopg.Cursor, batch: UserBatch, folded: Folded) -> None:
    users = Texts(batch.users)
    if len(folded.written_users):
        interests = folded.interests
        columns: dict[str, object] = {}
        for rank, ids in enumerate(interests.item_id):
            columns[f"item_{rank}"] = Texts(ids).all()
            columns[f"share_{rank}"] = Float4Array(interests.share[:, rank])
            columns[f"size_{rank}"] = Int8Array(interests.size[:, rank])
        cursor.execute(
            _users_statement(len(interests.item_id)),
            {
                "space": batch.space_id,
                "epoch": batch.epoch,
                "user_ids": users.take(folded.written_users),
                "versions": Int8Array(folded.version[folded.written_users]),
                "events": Int8Array(folded.events),
                "last_event_at": TimeArray(folded.last_ms),
                "interests": Int8Array(interests.count),
                **columns,
            },
        )
    for rows in folded.windows:
        shared = {"space": batch.space_id, "epoch": batch.epoch, "kind": rows.kind}
        if len(rows.user):
            cursor.execute(
                _WINDOWS,
                {
                    **shared,
                    "user_ids": users.take(rows.user),
                    "versions": Int8Array(folded.version[rows.user]),
                    "as_of": TimeArray(rows.as_of),
                    # Postgres refuses a number that a real would round to 0, so numpy rounds it.
                    "weights": Float4Array(rows.weight),
                    "vectors": HalfVectors(rows.vector),
                },
            )
        if len(rows.deleted):
            cursor.execute(
                _DELETED_WINDOWS,
                {
                    **shared,
                    "user_ids": users.take(rows.deleted),
                    "versions": Int8Array(folded.version[rows.deleted]),
                },
            )


def _write_sequences(cursor: psycopg.Cursor, batch: UserBatch, rows: SequenceRows) -> None:
    held = cursor.execute("SELECT interestream.hold_space(%s)", (rows.model,)).fetchone()
    if held != (True,):
        # The model was deleted, and its vectors with it: the next ones are of another one.
        return
    shared = {"space": rows.model, "epoch": batch.epoch, "kind": "sequence"}
    if rows.emptied:
        versions = Int8Array(rows.emptied_version)
        cursor.execute(
            _DELETED_WINDOWS,
            {**shared, "user_ids": Texts(rows.emptied).all(), "versions": versions},
        )
    if not rows.users:
        return
    users = Texts(rows.users)
    week_ms = 7 * 86_400_000
    # Weeks begin on Mondays, the epoch on a Thursday.
    since_monday_ms = 3 * 86_400_000
    # The statement looks at the row's own week: these are the users whose row may be of another.
    week = (rows.as_of + since_monday_ms) // week_ms
    turns = np.flatnonzero(week > (rows.earlier_ms + since_monday_ms) // week_ms)
    if turns.size:
        cursor.execute(
            _BEFORE,
            {
                "space": rows.model,
                "user_ids": users.take(turns),
                "as_of": TimeArray(rows.as_of[turns]),
            },
        )
    cursor.execute(
        _WINDOWS,
        {
            **shared,
            "user_ids": users.all(),
            "versions": Int8Array(rows.version),
            "as_of": TimeArray(rows.as_of),
            "weights": Float4Array(rows.events),
            "vectors": HalfVectors(rows.vector),
        },
    )


def _delete_vectors(cursor: psycopg.Cursor, batch: UserBatch) -> None:
    """Delete the vectors of users who opted out, those of sequence models among them."""
    row = cursor.execute(_MODEL_SPACES, {"space": batch.space_id}).fetchone()
    spaces = (row and row[0]) or [batch.space_id]
    for user_id in batch.opted_out:
        for table in ("users", "user_windows", "user_topic_history"):
            cursor.execute(
                f"DELETE FROM interestream.{table} WHERE space_id = ANY(%s) AND user_id = %s",  # noqa: S608
                (spaces, user_id),
            )


def _write_user_items(cursor: psycopg.Cursor, rows: UserItemRows) -> None:
    cursor.execute(
        _USER_ITEMS,
        {
            "user_ids": Texts(rows.user_id).all(),
            "item_ids": Texts(rows.item_id).all(),
            "actions": Int8Array(rows.actions),
            "first_at": TimeArray(rows.first_ms),
            "last_at": TimeArray(rows.last_ms),
            "signals": Float4Array(rows.signal),
            "signal_at": TimeArray(rows.signal_ms),
            "signal_keys": Int8Array(rows.signal_key),
        },
    )
