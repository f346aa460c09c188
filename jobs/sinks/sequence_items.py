"""Vectors of items in the spaces of sequence models."""

from collections.abc import Callable

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.core.event_key import reference
from jobs.sinks.arrays import Int8Array, Texts
from jobs.sinks.halfvec_array import HalfVectors
from udfs.sequence.model import SequenceModel

BATCH = 5_000
"""Items of a transaction."""

# An item whose text has another vector since has a newer version.
_MISSING = """
SELECT v.item_id, v.embedding::vector::real[], v.epoch, v.version
FROM interestream.item_vectors AS v
LEFT JOIN interestream.item_vectors AS own ON own.space_id = %(model)s AND own.item_id = v.item_id
WHERE v.space_id = %(space)s AND v.item_id > %(after)s
    AND (own.item_id IS NULL OR (own.epoch, own.version) < (v.epoch, v.version))
ORDER BY v.item_id
LIMIT %(most)s
"""

_NO_DELETION_NOW = """
SELECT pg_advisory_xact_lock_shared('interestream.deleted_items'::regclass::oid::integer, 0)
"""

# A deleted item may not come back, so the rows are those of items that have a text's vector still.
_WRITE = """
INSERT INTO interestream.item_vectors AS t (space_id, item_id, embedding, epoch, version)
SELECT DISTINCT ON (n.item_id) %(model)s, n.item_id, n.embedding, n.epoch, n.version
FROM unnest(%(item_ids)s, %(epochs)s, %(versions)s, %(vectors)s)
    AS n (item_id, epoch, version, embedding)
JOIN interestream.item_vectors AS v ON v.space_id = %(space)s AND v.item_id = n.item_id
ORDER BY n.item_id, n.epoch DESC, n.version DESC
ON CONFLICT (space_id, item_id) DO UPDATE SET
    embedding = excluded.embedding, epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""


def write_sequence_items(
    connection: psycopg.Connection,
    space_id: int,
    model_space: int,
    model: SequenceModel,
    rows: list[tuple[str, int, int]],
    texts: NDArray[np.float16] | NDArray[np.float32],
) -> int:
    """Write the model's vectors of items inside the caller's transaction, and return how many.

    `rows` are id, epoch and version of each item's vector in the space, `texts` `(n, text_dim)`
    these vectors. Nothing is written for a model that was deleted.
    """
    # A deletion of items waits until this transaction ends, or was committed before it began.
    connection.execute(_NO_DELETION_NOW)
    held = connection.execute("SELECT interestream.hold_space(%s)", (model_space,)).fetchone()
    if held != (True,) or not rows:
        return 0
    references = np.array([reference(item_id) for item_id, _, _ in rows], dtype=np.uint64)
    vectors = model.items.of(texts, references)
    # A vector of zeros has no direction, and an index leaves it out.
    there = np.flatnonzero(vectors.any(axis=1))
    parameters = {
        "space": space_id,
        "model": model_space,
        "item_ids": Texts([rows[index][0] for index in there.tolist()]).all(),
        "epochs": Int8Array(np.array([rows[index][1] for index in there.tolist()], np.int64)),
        "versions": Int8Array(np.array([rows[index][2] for index in there.tolist()], np.int64)),
        "vectors": HalfVectors(vectors[there].astype(np.float16)),
    }
    return connection.execute(_WRITE, parameters).rowcount


def fill_sequence_items(
    connection: psycopg.Connection,
    space_id: int,
    model_space: int,
    model: SequenceModel,
    on_progress: Callable[[int], None] = lambda total: None,
) -> int:
    """Write the vectors of all items of the space that the model has none of yet, or an older one.

    The connection commits by itself, and has its arrays registered; each batch is a transaction.
    Returns how many vectors were written.
    """
    total, after = 0, ""
    while True:
        named = {"space": space_id, "model": model_space, "after": after, "most": BATCH}
        found = connection.execute(_MISSING, named).fetchall()
        if not found:
            return total
        after = found[-1][0]
        texts = np.array([row[1] for row in found], dtype=np.float32)
        rows = [(row[0], row[2], row[3]) for row in found]
        with connection.transaction():
            total += write_sequence_items(connection, space_id, model_space, model, rows, texts)
        on_progress(total)
