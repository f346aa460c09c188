"""Writes a batch of items in one idempotent transaction."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import orjson
import psycopg

from jobs.core.parsing.events import DeadLetter, without_deleted
from jobs.core.parsing.parse_items import Item, Withdrawal
from jobs.core.progress import Progress
from jobs.sinks.job_rows import write_dead_letters, write_progress

# Jobs of several spaces write this table. Each counts an item's updates from the first that it
# read: where the sources still hold all updates, equal versions are the same update and a higher
# version is newer. The active space's job wins even if its sources held fewer updates.
_NOT_OLDER = """
WHERE CASE
    WHEN t.space_id = excluded.space_id
        THEN (t.epoch, t.version) <= (excluded.epoch, excluded.version)
    ELSE (coalesce(t.updated_at, '-infinity'), t.version)
        < (coalesce(excluded.updated_at, '-infinity'), excluded.version)
        OR EXISTS (
            SELECT FROM interestream.spaces AS s
            WHERE s.active AND s.space_id = excluded.space_id
        )
END
"""

_ITEMS = f"""
INSERT INTO interestream.items AS t
    (item_id, group_id, title, body, categories, language, published_at, available, attributes,
     updated_at, space_id, epoch, version, committed_at)
SELECT item_id, group_id, title, body, ARRAY(SELECT jsonb_array_elements_text(categories)),
       language, to_timestamp(published_ms / 1000.0), available, attributes,
       to_timestamp(updated_ms / 1000.0), %(space)s, %(epoch)s, version, clock_timestamp()
FROM unnest(
    %(item_ids)s::text[], %(group_ids)s::text[], %(titles)s::text[], %(bodies)s::text[],
    %(categories)s::jsonb[], %(languages)s::text[], %(published_ms)s::bigint[],
    %(available)s::boolean[], %(attributes)s::jsonb[], %(updated_ms)s::bigint[],
    %(versions)s::bigint[]
) AS n (item_id, group_id, title, body, categories, language, published_ms, available, attributes,
        updated_ms, version)
ON CONFLICT (item_id) DO UPDATE SET
    group_id = excluded.group_id, title = excluded.title, body = excluded.body,
    categories = excluded.categories, language = excluded.language,
    published_at = excluded.published_at, available = excluded.available,
    attributes = excluded.attributes, updated_at = excluded.updated_at,
    space_id = excluded.space_id, epoch = excluded.epoch, version = excluded.version,
    committed_at = excluded.committed_at
{_NOT_OLDER}
"""  # noqa: S608

# An upsert of what is there finds rows by key alone, whatever the statistics say.
_WITHDRAWN = f"""
INSERT INTO interestream.items AS t
    (item_id, title, available, updated_at, space_id, epoch, version, committed_at)
SELECT n.item_id, known.title, false, to_timestamp(n.updated_ms / 1000.0), %(space)s, %(epoch)s,
       n.version, clock_timestamp()
FROM unnest(%(item_ids)s::text[], %(updated_ms)s::bigint[], %(versions)s::bigint[])
    AS n (item_id, updated_ms, version)
CROSS JOIN LATERAL (
    SELECT i.title FROM interestream.items AS i WHERE i.item_id = n.item_id OFFSET 0
) AS known
ON CONFLICT (item_id) DO UPDATE SET
    available = false, updated_at = excluded.updated_at, space_id = excluded.space_id,
    epoch = excluded.epoch, version = excluded.version, committed_at = excluded.committed_at
{_NOT_OLDER}
"""  # noqa: S608

# The groups that the items are in before and after the write: their members lie in any bucket.
_LOCK_GROUPS = """
SELECT interestream.lock_groups(
    %(item_ids)s::text[], %(group_ids)s::text[], %(titles)s::text[], %(bodies)s::text[]
)
"""
_SETTLE_GROUPS = "SELECT interestream.settle_groups(%s)"


@dataclass(frozen=True)
class ItemBatch:
    """The rows of one call of the item step.

    - `items`: pairs (item, version), each item once; `updated_ms` is the newest time known.
    - `epoch`: the fencing token of the rows.
    - `progress`: counters of the bucket; `dead`: dead letters of the batch.
    - `withdrawn`: pairs (withdrawal, version) of other items than those of `items`; `updated_ms`
      is the newest time known.
    - `task_start`: the number of the task that writes it.
    """

    space_id: int
    epoch: int
    bucket: int
    items: Sequence[tuple[Item, int]]
    progress: Progress
    dead: Sequence[DeadLetter]
    withdrawn: Sequence[tuple[Withdrawal, int]] = ()
    task_start: int = 0

    def without(self, deleted: Container[str]) -> "ItemBatch":
        """The batch without the rows of `deleted` items, and without content of their letters."""
        return replace(
            self,
            items=[one for one in self.items if one[0].item_id not in deleted],
            withdrawn=[one for one in self.withdrawn if one[0].item_id not in deleted],
            dead=without_deleted(self.dead, deleted),
        )


def write_item_batch(connection: psycopg.Connection, batch: ItemBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    items = [item for item, _ in batch.items]
    withdrawn = [item for item, _ in batch.withdrawn]
    fences = {"space": batch.space_id, "epoch": batch.epoch}
    texts: dict[str, list[str | None]] = {
        "item_ids": [item.item_id for item in items],
        "group_ids": [item.group_id for item in items],
        "titles": [item.title for item in items],
        "bodies": [item.body for item in items],
    }
    with connection.cursor() as cursor:
        # The group of a withdrawn item stays as it is stored.
        unknown: list[str | None] = [None] * len(withdrawn)
        locked = {name: [*column, *unknown] for name, column in texts.items()}
        locked["item_ids"] = [*texts["item_ids"], *(item.item_id for item in withdrawn)]
        keys = cursor.execute(_LOCK_GROUPS, locked).fetchone()
        cursor.execute(
            _ITEMS,
            {
                **texts,
                **fences,
                "categories": [orjson.dumps(item.categories).decode() for item in items],
                "languages": [item.language for item in items],
                "published_ms": [item.published_ms for item in items],
                "available": [item.available for item in items],
                "attributes": [item.attributes for item in items],
                "updated_ms": [item.updated_ms for item in items],
                "versions": [version for _, version in batch.items],
            },
        )
        if withdrawn:
            cursor.execute(
                _WITHDRAWN,
                {
                    **fences,
                    "item_ids": [item.item_id for item in withdrawn],
                    "updated_ms": [item.updated_ms for item in withdrawn],
                    "versions": [version for _, version in batch.withdrawn],
                },
            )
        cursor.execute(_SETTLE_GROUPS, keys)
        progress = {"items": batch.progress}
        write_dead_letters(
            cursor, batch.space_id, batch.epoch, batch.bucket, progress, {"items": batch.dead}
        )
        write_progress(
            cursor, batch.space_id, batch.epoch, batch.bucket, progress, batch.task_start
        )
