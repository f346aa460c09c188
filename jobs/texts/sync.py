"""Everything that a space holds of texts of our own: sentences and topics, brought up to date."""

from dataclasses import dataclass

import psycopg

from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync_sentences import sync_sentences
from jobs.texts.sync_topics import sync_topics


@dataclass(frozen=True)
class Synced:
    """What was encoded: a number of sentences, and topics by name."""

    sentences: int
    topics: list[str]


def sync_texts(connection: psycopg.Connection, encoder: SpaceEncoder) -> Synced:
    """Encode what is new of a space's sentences and topics; opens no model for nothing.

    Raises ConfigError when the bundle is not the space's, and udfs.errors.UdfError for one that
    cannot be used.
    """
    return Synced(sync_sentences(connection, encoder), sync_topics(connection, encoder))
