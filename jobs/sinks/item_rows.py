"""A batch of items in one idempotent transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import psycopg

from jobs.core.events import DeadLetter
from jobs.core.parse_items import Item
from jobs.core.progress import Progress
from jobs.sinks.user_rows import write_dead_letters, write_progress

_ITEMS = """
CREATE TEMPORARY TABLE IF NOT EXISTS new_items (
    item_id text, title text, body text, categories text[], language text, published_ms bigint,
    available boolean, attributes text, version bigint
) ON COMMIT DELETE ROWS;
"""

_ITEMS = """
INSERT INTO interestream.items AS t
    (item_id, title, body, categories, language, published_at, available, attributes, epoch,
     version, committed_at)
SELECT item_id, title, body, ARRAY(SELECT jsonb_array_elements_text(categories)), language,
       to_timestamp(published_ms / 1000.0), available, attributes, %s, version, clock_timestamp()
FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[], %s::bigint[], %s::boolean[],
    %s::jsonb[], %s::bigint[]
) AS n (item_id, title, body, categories, language, published_ms, available, attributes, version)
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
        items = [item for item, _ in batch.items]
        cursor.execute(
            _ITEMS,
            (
                batch.epoch,
                [item.item_id for item in items],
                [item.title for item in items],
                [item.body for item in items],
                [orjson.dumps(item.categories).decode() for item in items],
                [item.language for item in items],
                [item.published_ms for item in items],
                [item.available for item in items],
                [item.attributes for item in items],
                [version for _, version in batch.items],
            ),
        )
        progress = {"items": batch.progress}
        write_dead_letters(cursor, batch.epoch, batch.bucket, progress, {"items": batch.dead})
        write_progress(cursor, batch.space_id, batch.epoch, batch.bucket, progress)
