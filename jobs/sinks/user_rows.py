"""A bucket's batch in one idempotent transaction: users, windows, relations, dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import psycopg

from jobs.core.events import FORGOTTEN_USER, DeadLetter
from jobs.core.fold import Folded
from jobs.core.progress import Progress
from jobs.core.relation import RelationRows
from jobs.sinks.halfvec_array import HalfVectors

_USERS = """
INSERT INTO interestream.users AS t
    (space_id, user_id, events, last_event_at, interest_items, interest_weights, interest_sizes,
     epoch, version, committed_at)
SELECT %(space)s, user_id, events, to_timestamp(last_ms / 1000.0),
       ARRAY(SELECT jsonb_array_elements_text(interests -> 0)),
       ARRAY(SELECT jsonb_array_elements(interests -> 1)::real),
       ARRAY(SELECT jsonb_array_elements(interests -> 2)::integer),
       %(epoch)s, events, clock_timestamp()
FROM unnest(
    %(user_ids)s::text[], %(events)s::bigint[], %(last_ms)s::bigint[], %(interests)s::jsonb[]
) AS n (user_id, events, last_ms, interests)
ON CONFLICT (space_id, user_id) DO UPDATE SET
    events = excluded.events, last_event_at = excluded.last_event_at,
    interest_items = excluded.interest_items, interest_weights = excluded.interest_weights,
    interest_sizes = excluded.interest_sizes, epoch = excluded.epoch, version = excluded.version,
    committed_at = excluded.committed_at
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""

_WINDOWS = """
INSERT INTO interestream.user_windows AS t
    (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
SELECT %(space)s, user_id, kind, embedding, weight, to_timestamp(as_of_ms / 1000.0), %(epoch)s,
       version
FROM unnest(
    %(user_ids)s::text[], %(kinds)s::text[], %(versions)s::bigint[], %(as_of_ms)s::bigint[],
    %(weights)s::real[], %(vectors)s
) AS n (user_id, kind, version, as_of_ms, weight, embedding)
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, weight = excluded.weight, as_of = excluded.as_of,
    epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""

# Every column joins by an operation that gives the same result in any order and any number of
# times, so a replay needs no guard.
_RELATIONS = """
INSERT INTO interestream.user_items AS t
    (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
SELECT user_id, item_id, actions, to_timestamp(first_ms / 1000.0), to_timestamp(last_ms / 1000.0),
       signal, to_timestamp(signal_ms / 1000.0), signal_key
FROM unnest(
    %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::real[], %s::bigint[],
    %s::bigint[]
) AS n (user_id, item_id, actions, first_ms, last_ms, signal, signal_ms, signal_key)
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

_DEAD = """
INSERT INTO interestream.dead_letters
    (epoch, stream, bucket, seq, raw, reason, detail, user_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (epoch, stream, bucket, seq) DO UPDATE SET
    raw = excluded.raw, reason = excluded.reason, detail = excluded.detail,
    user_id = excluded.user_id
"""

_BEYOND = """
DELETE FROM interestream.dead_letters
WHERE epoch = %s AND stream = %s AND bucket = %s AND seq >= %s
"""

_PROGRESS = """
INSERT INTO interestream.job_progress
    (space_id, stream, bucket, epoch, records_in, duplicates, dead_letters, waiting, applied,
     excluded, committed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
ON CONFLICT (space_id, stream, bucket) DO UPDATE SET
    epoch = excluded.epoch, records_in = excluded.records_in, duplicates = excluded.duplicates,
    dead_letters = excluded.dead_letters, waiting = excluded.waiting, applied = excluded.applied,
    excluded = excluded.excluded, committed_at = excluded.committed_at
"""


@dataclass(frozen=True)
class UserBatch:
    """Everything one call of the operator has to say to Postgres."""

    space_id: int
    epoch: int
    bucket: int
    kinds: Sequence[str]
    users: Sequence[str] = ()
    folded: Folded | None = None
    relation: RelationRows | None = None
    withdrawn: Sequence[str] = ()
    forgotten: Sequence[str] = ()
    progress: dict[str, Progress] = field(default_factory=dict)
    dead: dict[str, Sequence[DeadLetter]] = field(default_factory=dict)


def write_user_batch(connection: psycopg.Connection, batch: UserBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    with connection.cursor() as cursor:
        if batch.folded is not None and batch.users:
            _write_users(cursor, batch, batch.folded)
        if batch.relation is not None and batch.relation.user_id:
            _write_relations(cursor, batch.relation)
        for user_id in batch.withdrawn:
            for table in ("users", "user_windows"):
                cursor.execute(
                    f"DELETE FROM interestream.{table} WHERE space_id = %s AND user_id = %s",  # noqa: S608
                    (batch.space_id, user_id),
                )
        for user_id in batch.forgotten:
            cursor.execute("SELECT interestream.forget_user(%s)", (user_id,))
        write_dead_letters(cursor, batch.epoch, batch.bucket, batch.progress, batch.dead)
        write_progress(cursor, batch.space_id, batch.epoch, batch.bucket, batch.progress)


def write_dead_letters(
    cursor: psycopg.Cursor,
    epoch: int,
    bucket: int,
    progress: dict[str, Progress],
    dead: dict[str, Sequence[DeadLetter]],
) -> None:
    """Number the letters so that the last one carries the stream's absolute count.

    Letters beyond the count were written before a restore, after which their events had a better
    fate.
    """
    for stream, letters in dead.items():
        count = progress[stream].dead_letters
        first = count - len(letters)
        cursor.execute(_BEYOND, (epoch, stream, bucket, count))
        cursor.executemany(
            _DEAD,
            [
                (
                    epoch,
                    stream,
                    bucket,
                    first + index,
                    letter.raw,
                    letter.reason,
                    letter.detail,
                    letter.user_id,
                )
                for index, letter in enumerate(letters)
                if letter.reason != FORGOTTEN_USER
            ],
        )


def write_progress(
    cursor: psycopg.Cursor, space_id: int, epoch: int, bucket: int, progress: dict[str, Progress]
) -> None:
    for stream, count in progress.items():
        cursor.execute(
            _PROGRESS,
            (
                space_id,
                stream,
                bucket,
                epoch,
                count.records_in,
                count.duplicates,
                count.dead_letters,
                count.waiting,
                count.applied,
                count.excluded,
            ),
        )


def _write_users(cursor: psycopg.Cursor, batch: UserBatch, folded: Folded) -> None:
    cursor.execute(
        _USERS,
        {
            "space": batch.space_id,
            "epoch": batch.epoch,
            "user_ids": list(batch.users),
            "events": folded.version.tolist(),
            "last_ms": folded.last_ms.tolist(),
            "interests": [
                orjson.dumps(
                    [
                        [interest.item_id for interest in interests],
                        [float(np.float32(interest.share)) for interest in interests],
                        [interest.size for interest in interests],
                    ]
                ).decode()
                for interests in folded.interests
            ],
        },
    )
    windows = folded.windows
    cursor.execute(
        _WINDOWS,
        {
            "space": batch.space_id,
            "epoch": batch.epoch,
            "user_ids": [batch.users[user] for user in windows.user.tolist()],
            "kinds": [batch.kinds[kind] for kind in windows.kind.tolist()],
            "versions": folded.version[windows.user].tolist(),
            "as_of_ms": windows.as_of.tolist(),
            # Postgres refuses a number that a real can only round to 0; numpy rounds it.
            "weights": windows.weight.astype(np.float32).tolist(),
            "vectors": HalfVectors(windows.vector),
        },
    )


def _write_relations(cursor: psycopg.Cursor, rows: RelationRows) -> None:
    # An unsigned relation (NaN) has neither signal nor time nor key of one.
    signed = (~np.isnan(rows.signal)).tolist()
    cursor.execute(
        _RELATIONS,
        (
            rows.user_id,
            rows.item_id,
            rows.actions.tolist(),
            rows.first_ms.tolist(),
            rows.last_ms.tolist(),
            *(
                [value if has else None for value, has in zip(column.tolist(), signed, strict=True)]
                for column in (rows.signal.astype(np.float32), rows.signal_ms, rows.signal_key)
            ),
        ),
    )
