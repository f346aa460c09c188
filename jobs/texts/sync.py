"""Everything that a space holds of texts of our own: sentences and topics, brought up to date."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync_sentences import sync_sentences
from jobs.texts.sync_topics import sync_topics


@dataclass(frozen=True)
class Synced:
    """What was encoded: a number of sentences, and topics by name."""

    sentences: int
    topics: list[str]


def sync_texts(
    connection: psycopg.Connection,
    space_id: int,
    bundle: Path,
    *,
    threads: int = 0,
    store: Path | None = None,
) -> Synced:
    """Encode what is new of a space's sentences and topics; opens no encoder for nothing.

    Raises ConfigError when there is no such space or the bundle is not its own, and
    udfs.errors.UdfError for a bundle that cannot be used.
    """
    encoder = SpaceEncoder(connection, space_id, bundle, threads=threads, store=store)
    return Synced(sync_sentences(connection, encoder), sync_topics(connection, encoder))
