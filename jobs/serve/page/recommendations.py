"""Lists of recommendations, and what is new in one since another."""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from jobs.serve.database import Connection
from jobs.serve.page.list_settings import ARGUMENTS, ListSettings

COLUMNS = (
    "r.rank, r.item_id, r.title, r.categories, r.score, r.reason, r.source, r.source_item_id,"
    " r.source_title, r.nearest_liked_item_id, r.nearest_liked_title, r.parts"
)
_RECOMMEND = f"SELECT {COLUMNS} FROM interestream.recommend(%(user)s, {ARGUMENTS}) AS r"  # noqa: S608


async def read_list(db: Connection, user_id: str, settings: ListSettings) -> list[dict[str, Any]]:
    """What `recommend()` says now."""
    rows = await db.execute(_RECOMMEND, {"user": user_id, **settings.parameters()})
    return await rows.fetchall()


def list_marks(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a short mark for each item, which a later request hands back.

    >>> list_marks([{"item_id": "a"}, {"item_id": "b"}])
    'e8b7be43.71beeff9'
    """
    return ".".join(f"{crc32(row['item_id'].encode()):08x}" for row in rows)


def new_items(rows: Iterable[Mapping[str, Any]], marks: str) -> set[str]:
    """Return the ids of the rows that were not among those of `marks`; none without marks."""
    if not marks:
        return set()
    before = set(marks.split("."))
    return {row["item_id"] for row in rows if list_marks([row]) not in before}


def places(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the rank of each item."""
    return {row["item_id"]: row["rank"] for row in rows}
