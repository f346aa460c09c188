"""Prepares a space's sentences and topics before the job starts."""

import logging

from jobs.config import Config
from jobs.sinks.database_errors import asking_postgres
from jobs.texts.sentiment import Sentiment
from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync import sync_texts
from sql.connection import connect

log = logging.getLogger(__name__)


def prepare_texts(config: Config, space_id: int) -> Sentiment:
    """Encode new sentences and topics of the space, and return how the job judges comments.

    Raises ConfigError when Postgres cannot be reached, the bundle is not the space's, or the
    classifier cannot be loaded; udfs.errors.UdfError for a broken bundle.
    """
    with (
        asking_postgres("prepare the space's texts in Postgres"),
        connect(config.database.dsn.get_secret_value(), connect_timeout=10) as db,
    ):
        synced = sync_texts(db, SpaceEncoder.configured(db, space_id, config.encoder))
        sentiment = Sentiment.load(db, space_id, config.sentiment)
    if synced.sentences or synced.topics:
        log.info("encoded %d sentences and %d topics", synced.sentences, len(synced.topics))
    if sentiment.is_neutral:
        log.warning(
            "space %d has no usable sentences of known sentiment: every comment counts as neutral",
            space_id,
        )
    return sentiment
