"""Encodes the named topics of a space whose texts are new or changed."""

import hashlib

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray

from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.texts.space_encoder import SpaceEncoder


def sync_topics(connection: psycopg.Connection, encoder: SpaceEncoder) -> list[str]:
    """Encode the topics that are new or changed in the space; return their names in order.

    A topic's vector is the mean of its texts' vectors, scaled to length 1. A topic whose mean has
    no direction (its texts cancel out, or equal the catalogue's mean) gets no vector.

    Raises ConfigError when the bundle is not the space's, and udfs.errors.UdfError when it cannot
    be used.
    """
    space_id = encoder.space_id
    stored_digests: dict[str, bytes] = dict(
        connection.execute(
            "SELECT topic, texts_sha256 FROM interestream.topic_vectors WHERE space_id = %s",
            (space_id,),
        ).fetchall()
    )
    topics: dict[str, list[str]] = dict(
        connection.execute("SELECT topic, texts FROM interestream.topics ORDER BY topic").fetchall()
    )
    digests = {topic: _digest(texts) for topic, texts in topics.items()}
    stale = [topic for topic in topics if stored_digests.get(topic) != digests[topic]]
    if not stale:
        return []
    register_halfvectors(connection)
    vectors = {topic: _mean_direction(encoder.encode(topics[topic])) for topic in stale}
    connection.execute(
        "DELETE FROM interestream.topic_vectors WHERE space_id = %s AND topic = ANY(%s)",
        (space_id, stale),
    )
    with_direction = [topic for topic in stale if vectors[topic].any()]
    if with_direction:
        connection.execute(
            "INSERT INTO interestream.topic_vectors (space_id, topic, embedding, texts_sha256)"
            " SELECT %s, n.topic, n.embedding, n.texts_sha256"
            " FROM unnest(%s::text[], %s, %s::bytea[]) AS n (topic, embedding, texts_sha256)",
            (
                space_id,
                with_direction,
                HalfVectors(np.stack([vectors[topic] for topic in with_direction])),
                [digests[topic] for topic in with_direction],
            ),
        )
    return stale


def _digest(texts: list[str]) -> bytes:
    return hashlib.sha256(orjson.dumps(texts)).digest()


def _mean_direction(vectors: NDArray[np.float16]) -> NDArray[np.float16]:
    """Return the mean of `(n, dim)` rows as a unit vector `(dim,)`, or zeros if they cancel out."""
    mean = vectors.astype(np.float64).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    unit: NDArray[np.float64] = mean / norm if norm > 1e-6 else np.zeros_like(mean)
    return unit.astype(np.float16)
