"""A batch of items in one idempotent transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from jobs.core.events import DeadLetter
from jobs.core.parse_items import Item
from jobs.sinks.user_rows import Progress, write_dead_letters, write_progress

PREPARE_ITEMS = """
CREATE TEMPORARY TABLE IF NOT EXISTS new_items (
    item_id text, title text, body text, categories text[], language text, published_ms bigint,
    available boolean, attributes text, version bigint
) ON COMMIT DELETE ROWS;
"""

_ITEMS = """
INSERT INTO interestream.items AS t
    (item_id, title, body, categories, language, published_at, available, attributes, epoch,
     version, committed_at)
SELECT item_id, title, body, categories, language, to_timestamp(published_ms / 1000.0), available,
       attributes::jsonb, %s, version, clock_timestamp()
FROM new_items
ON CONFLICT (item_id) DO UPDATE SET
    title = excluded.title, body = excluded.body, categories = excluded.categories,
    language = excluded.language, published_at = excluded.published_at,
    available = excluded.available, attributes = excluded.attributes,
    epoch = excluded.epoch, version = excluded.version, committed_at = excluded.committed_at
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""


@dataclass(frozen=True)
class ItemBatch:
    """``items`` holds each item once, with its version."""

    space_id: int
    epoch: int
    bucket: int
    items: Sequence[tuple[Item, int]]
    progress: Progress
    dead: Sequence[DeadLetter]


def write_item_batch(connection: psycopg.Connection, batch: ItemBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    with connection.cursor() as cursor:
        with cursor.copy("COPY new_items FROM STDIN") as copy:
            for item, version in batch.items:
                copy.write_row(
                    (
                        item.item_id,
                        item.title,
                        item.body,
                        list(item.categories),
                        item.language,
                        item.published_ms,
                        item.available,
                        item.attributes,
                        version,
                    )
                )
        cursor.execute(_ITEMS, (batch.epoch,))
        progress = {"items": batch.progress}
        write_dead_letters(cursor, batch.epoch, batch.bucket, progress, {"items": batch.dead})
        write_progress(cursor, batch.space_id, batch.epoch, batch.bucket, progress)
