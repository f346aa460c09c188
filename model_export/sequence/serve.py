"""Brings a published model into the database, where the job and `recommend()` find it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import psycopg

from jobs.sinks.arrays import Float4Array, Texts, TimeArray, register_arrays
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.sinks.sequence_items import fill_sequence_items
from model_export.sequence.interactions import Interactions
from model_export.sequence.read import SpaceRead
from model_export.sequence.windows import newest_histories
from udfs.sequence.model import SequenceModel

_CREATE = "SELECT interestream.create_sequence(%s, %s, %s, %s, %s, %s::real, %s)"

# Users without a row have opted out, or were forgotten. Their rows are locked until the vectors are
# committed, so that whoever deletes a user deletes these, too. Rows of the job are newer.
_USERS = """
INSERT INTO interestream.user_windows
    (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
SELECT %(model)s, n.user_id, 'sequence', n.embedding, n.events, n.as_of, 0, 0
FROM unnest(%(user_ids)s, %(events)s, %(as_of)s, %(vectors)s)
    AS n (user_id, events, as_of, embedding)
CROSS JOIN LATERAL (
    SELECT FROM interestream.users AS u
    WHERE u.space_id = %(space)s AND u.user_id = n.user_id
    FOR KEY SHARE
) AS known
ON CONFLICT DO NOTHING
"""
_BATCH = 2_000


def serve(
    db: psycopg.Connection,
    space: SpaceRead,
    folder: Path,
    known: Interactions,
    on_progress: Callable[[str], None] = lambda words: None,
) -> int:
    """Write the vectors of all items and known users for the model in `folder`, index them, let
    `recommend()` use the model, and return its space.

    The connection commits by itself. The job keeps these vectors up from then on. A call that was
    interrupted is made good by the next one with the same model.
    """
    register_arrays(db)
    register_halfvectors(db)
    model = SequenceModel.open(folder, threads=0)
    manifest = model.manifest
    row = db.execute(
        _CREATE,
        (
            space.space_id,
            manifest.name,
            manifest.version,
            manifest.bundle_sha256,
            manifest.dim,
            manifest.scale,
            datetime.fromisoformat(manifest.trained_until),
        ),
    ).fetchone()
    assert row is not None
    model_space = int(row[0])
    fill_sequence_items(
        db, space.space_id, model_space, model, lambda total: on_progress(f"{total:,} items")
    )
    db.execute("SELECT interestream.index_space(%s)", (model_space,))
    _write_users(db, space.space_id, model_space, model, known, on_progress)
    # What came meanwhile: the job may not have known of the model yet.
    fill_sequence_items(db, space.space_id, model_space, model)
    db.execute("SELECT interestream.serve_sequence(%s)", (model_space,))
    return model_space


def _write_users(
    db: psycopg.Connection,
    space_id: int,
    model_space: int,
    model: SequenceModel,
    known: Interactions,
    on_progress: Callable[[str], None],
) -> None:
    items = model.items.of(known.texts, known.references)
    users = np.arange(len(known.user_ids))
    for begin in range(0, len(users), _BATCH):
        part = users[begin : begin + _BATCH]
        last = newest_histories(known, part, model.manifest.max_events)
        vectors = model.user_vectors(items[last.item], last.history)
        with db.transaction():
            db.execute(
                _USERS,
                {
                    "space": space_id,
                    "model": model_space,
                    "user_ids": Texts([known.user_ids[user] for user in part.tolist()]).all(),
                    "events": Float4Array(last.present.sum(axis=1).astype(np.float64)),
                    "as_of": TimeArray(last.history.time_ms[:, -1].astype(np.int64)),
                    "vectors": HalfVectors(vectors.astype(np.float16)),
                },
            )
        on_progress(f"{begin + len(part):,} of {len(users):,} users")
