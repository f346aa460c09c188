"""Named topics in a space: encoded where their texts are new."""

import hashlib

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray

from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.texts.space_encoder import SpaceEncoder


def sync_topics(connection: psycopg.Connection, encoder: SpaceEncoder) -> list[str]:
    """Encode the topics that are new or changed in the space; their names in order.

    A topic whose texts have no direction together (they cancel out, or equal the catalogue's mean)
    gets no vector.
    """
    space_id = encoder.space_id
    known: dict[str, bytes] = dict(
        connection.execute(
            "SELECT topic, texts_sha256 FROM interestream.topic_vectors WHERE space_id = %s",
            (space_id,),
        ).fetchall()
    )
    topics: dict[str, list[str]] = dict(
        connection.execute("SELECT topic, texts FROM interestream.topics ORDER BY topic").fetchall()
    )
    digests = {topic: _digest(texts) for topic, texts in topics.items()}
    stale = [topic for topic in topics if known.get(topic) != digests[topic]]
    if not stale:
        return []
    register_halfvectors(connection)
    vectors = {topic: _mean_direction(encoder.encode(topics[topic])) for topic in stale}
    connection.execute(
        "DELETE FROM interestream.topic_vectors WHERE space_id = %s AND topic = ANY(%s)",
        (space_id, stale),
    )
    placed = [topic for topic in stale if vectors[topic].any()]
    if placed:
        connection.execute(
            "INSERT INTO interestream.topic_vectors (space_id, topic, embedding, texts_sha256)"
            " SELECT %s, n.topic, n.embedding, n.texts_sha256"
            " FROM unnest(%s::text[], %s, %s::bytea[]) AS n (topic, embedding, texts_sha256)",
            (
                space_id,
                placed,
                HalfVectors(np.stack([vectors[topic] for topic in placed])),
                [digests[topic] for topic in placed],
            ),
        )
    return stale


def _digest(texts: list[str]) -> bytes:
    return hashlib.sha256(orjson.dumps(texts)).digest()


def _mean_direction(vectors: NDArray[np.float16]) -> NDArray[np.float16]:
    """Unit vector `(dim,)` of the mean of `(n, dim)`; zeros where they cancel out."""
    mean = vectors.astype(np.float64).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    unit: NDArray[np.float64] = mean / norm if norm > 1e-6 else np.zeros_like(mean)
    return unit.astype(np.float16)
