"""Encodes the named topics of a space whose texts are new or changed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray

from jobs.core.interest.topic_vectors import told_apart
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.texts.packaged_topics import phrases_in
from jobs.texts.space_encoder import SpaceEncoder
from udfs.errors import BundleNotFoundError

_FORMER = ["en"]
"""Earlier versions encoded the texts of the schema, whatever the bundle's languages."""


@dataclass(frozen=True, eq=False)
class _Topic:
    """A row of topic_vectors: vectors `(dim,)` float16, and what they were made of."""

    direction: NDArray[np.float16]
    embedding: NDArray[np.float16]
    digest: bytes
    languages: list[str]

    def same(self, other: "_Topic") -> bool:
        """Whether a row reads as the other one does."""
        return (
            (self.digest, self.languages) == (other.digest, other.languages)
            and np.array_equal(self.embedding, other.embedding)
            and np.array_equal(self.direction, other.direction)
        )


def sync_topics(connection: psycopg.Connection, encoder: SpaceEncoder) -> list[str]:
    """Encode the topics that are new or changed in the space; return their names in order.

    Topics that come along are said in the languages of the space's bundle. A topic's direction is
    the mean of its phrases' vectors, scaled to length 1. What all topics of the space share is
    then taken off (`told_apart`), which may change the vectors of the others as well. A topic
    whose mean has no direction (its texts cancel out, or equal the catalogue's mean) gets no
    vector.

    Raises ConfigError when the bundle is not the space's, and udfs.errors.UdfError when it cannot
    be used.
    """
    space_id = encoder.space_id
    stored = _stored(connection, space_id)
    languages = _languages(encoder, stored.values())
    topics: dict[str, list[str]] = dict(
        connection.execute("SELECT topic, texts FROM interestream.topics ORDER BY topic").fetchall()
    )
    phrases = {topic: phrases_in(texts, languages) for topic, texts in topics.items()}
    digests = {topic: _digest(texts) for topic, texts in phrases.items()}
    stale = [
        topic for topic in topics if topic not in stored or stored[topic].digest != digests[topic]
    ]
    encoded = {topic: _mean_direction(encoder.encode(phrases[topic])) for topic in stale}
    directions = {
        topic: encoded[topic] if topic in encoded else stored[topic].direction for topic in topics
    }
    vectors = _with_embeddings(directions, digests, languages)
    changed = [
        topic
        for topic, row in vectors.items()
        if topic not in stored or not row.same(stored[topic])
    ]
    gone = stored.keys() - vectors.keys()
    if changed or gone:
        _write(connection, space_id, {topic: vectors[topic] for topic in changed}, gone)
    return stale


def _languages(encoder: SpaceEncoder, stored: Iterable[_Topic]) -> list[str]:
    """The languages of the space's bundle; where it is not at hand, those of the last time."""
    try:
        return list(encoder.manifest.languages)
    except BundleNotFoundError:
        # The bundle may lie on the workers alone: it is needed here only for what is new.
        return next((row.languages for row in stored), _FORMER)


def _stored(connection: psycopg.Connection, space_id: int) -> dict[str, _Topic]:
    rows = connection.execute(
        "SELECT topic, coalesce(direction, embedding)::real[], embedding::real[], texts_sha256,"
        " coalesce(languages, %s) FROM interestream.topic_vectors WHERE space_id = %s"
        " ORDER BY topic",
        (_FORMER, space_id),
    ).fetchall()
    return {
        topic: _Topic(
            np.array(direction, np.float16), np.array(embedding, np.float16), digest, languages
        )
        for topic, direction, embedding, digest, languages in rows
    }


def _with_embeddings(
    directions: Mapping[str, NDArray[np.float16]],
    digests: Mapping[str, bytes],
    languages: list[str],
) -> dict[str, _Topic]:
    """Rows of the topics that have a direction, and have one apart from the others."""
    names = [topic for topic, direction in directions.items() if direction.any()]
    if not names:
        return {}
    apart = told_apart(np.stack([directions[topic] for topic in names]).astype(np.float64))
    return {
        topic: _Topic(directions[topic], embedding, digests[topic], languages)
        for topic, embedding in zip(names, apart.astype(np.float16), strict=True)
        if embedding.any()
    }


def _write(
    connection: psycopg.Connection,
    space_id: int,
    changed: Mapping[str, _Topic],
    gone: AbstractSet[str],
) -> None:
    connection.execute(
        "DELETE FROM interestream.topic_vectors WHERE space_id = %s AND topic = ANY(%s)",
        (space_id, [*changed, *gone]),
    )
    if not changed:
        return
    register_halfvectors(connection)
    connection.execute(
        "INSERT INTO interestream.topic_vectors"
        " (space_id, topic, embedding, direction, texts_sha256, languages)"
        " SELECT %s, n.topic, n.embedding, n.direction, n.texts_sha256, %s::text[]"
        " FROM unnest(%s::text[], %s, %s, %s::bytea[])"
        " AS n (topic, embedding, direction, texts_sha256)",
        (
            space_id,
            next(iter(changed.values())).languages,
            list(changed),
            HalfVectors(np.stack([row.embedding for row in changed.values()])),
            HalfVectors(np.stack([row.direction for row in changed.values()])),
            [row.digest for row in changed.values()],
        ),
    )


def _digest(phrases: Sequence[str]) -> bytes:
    return hashlib.sha256(orjson.dumps(phrases)).digest()


def _mean_direction(vectors: NDArray[np.float16]) -> NDArray[np.float16]:
    """Return the mean of `(n, dim)` rows as a unit vector `(dim,)`, or zeros if they cancel out."""
    mean = vectors.astype(np.float64).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    unit: NDArray[np.float64] = mean / norm if norm > 1e-6 else np.zeros_like(mean)
    return unit.astype(np.float16)
