"""The vectors of a catalogue, for the baselines of text and for diversity."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psycopg
from numpy.typing import NDArray

from udfs.encoder import Encoder
from udfs.space import catalogue_mean, directions
from udfs.vector_store import StoredEncoder

_AT_ONCE = 256


def vectors_of_space(
    db: psycopg.Connection, space_id: int, item_ids: Sequence[str]
) -> NDArray[np.float32]:
    """The vectors `(items, dim)` that a space holds of items; zeros where it has none."""
    rows = db.execute(
        "SELECT item_id, embedding::real[] FROM interestream.item_vectors WHERE space_id = %s",
        (space_id,),
        binary=True,
    ).fetchall()
    found: dict[str, list[float]] = dict(rows)
    dim = len(rows[0][1]) if rows else 1
    vectors = np.zeros((len(item_ids), dim), dtype=np.float32)
    for number, item_id in enumerate(item_ids):
        if item_id in found:
            vectors[number] = found[item_id]
    return vectors


def vectors_of_encoder(
    bundle: Path,
    store: Path,
    documents: Sequence[str],
    on_progress: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """The vectors `(documents, dim)` that a space would hold, without a database.

    The file `store` keeps what was encoded. `on_progress` is called with the number of documents
    so far. Raises udfs.errors.UdfError for a bundle that cannot be used.
    """
    encoder = StoredEncoder(Encoder.open(bundle, provider="cpu"), store)
    parts = []
    for start in range(0, len(documents), _AT_ONCE):
        parts.append(encoder.encode(documents[start : start + _AT_ONCE], "document"))
        on_progress(min(start + _AT_ONCE, len(documents)))
    # Of a text without a direction the vector is zero, as the job stores none of it.
    units, _ = directions(np.concatenate(parts), catalogue_mean(encoder, documents))
    return units.astype(np.float32)
