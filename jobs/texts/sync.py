"""Brings the vectors of a space's sentences and topics up to date."""

from dataclasses import dataclass

import psycopg

from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync_sentences import sync_sentences
from jobs.texts.sync_topics import sync_topics


@dataclass(frozen=True)
class SyncResult:
    """What was encoded."""

    sentences: int
    """Number of sentences."""
    topics: list[str]
    """Names of topics, in order."""


def sync_texts(connection: psycopg.Connection, encoder: SpaceEncoder) -> SyncResult:
    """Encode the sentences and topics of a space that are new or changed.

    The model is loaded only if there are any.

    Raises ConfigError when the bundle is not the space's, and udfs.errors.UdfError when it cannot
    be used.
    """
    return SyncResult(sync_sentences(connection, encoder), sync_topics(connection, encoder))
