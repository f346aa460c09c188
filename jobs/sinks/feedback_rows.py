"""Writes what users were shown, and the counts of click-through, in the caller's transaction."""

import numpy as np
import psycopg

from jobs.core.feedback.click_rows import ClickRows
from jobs.core.feedback.shown_rows import ShownRows
from jobs.sinks.arrays import Int8Array, Texts, TimeArray

MOST_TIMES = 16
"""Newest impressions of an item that a row of `shown_items` keeps."""

# The newest times of a union are those of the parts' newest: a join, as in `user_items`, which
# gives the same row in any order and any number of times.
_NEWEST = (
    "(SELECT array_agg(u.at ORDER BY u.at DESC) FROM (SELECT DISTINCT s.at"  # noqa: S608
    f" FROM unnest({{}}) AS s (at) ORDER BY s.at DESC LIMIT {MOST_TIMES}) AS u)"
)
_ON_CONFLICT = f"""
ON CONFLICT (user_id, item_id) DO UPDATE SET
    shown_at = {_NEWEST.format("t.shown_at || excluded.shown_at")},
    committed_at = clock_timestamp()
"""

_SHOWN = f"""
INSERT INTO interestream.shown_items AS t (user_id, item_id, shown_at, committed_at)
SELECT n.user_id, n.item_id, {_NEWEST.format("array_agg(n.at)")}, clock_timestamp()
FROM unnest(%(user_ids)s, %(item_ids)s, %(shown_at)s) AS n (user_id, item_id, at)
GROUP BY n.user_id, n.item_id ORDER BY n.user_id, n.item_id
{_ON_CONFLICT}
"""  # noqa: S608

_MERGED = f"""
INSERT INTO interestream.shown_items AS t (user_id, item_id, shown_at, committed_at)
SELECT %(new)s, item_id, shown_at, clock_timestamp()
FROM interestream.shown_items WHERE user_id = %(old)s
ORDER BY item_id
{_ON_CONFLICT}
"""  # noqa: S608

_COUNTS = """
INSERT INTO interestream.click_counts
    (space_id, bucket, source, place, segment, variant, impressions, clicks)
SELECT %(space)s, %(bucket)s, source, place, segment, variant, impressions, clicks
FROM unnest(%(sources)s, %(places)s, %(segments)s, %(variants)s, %(impressions)s, %(clicks)s)
    AS n (source, place, segment, variant, impressions, clicks)
ON CONFLICT (space_id, bucket, source, place, segment, variant) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks
"""

_OF_BUCKET = "DELETE FROM interestream.click_counts WHERE space_id = %s AND bucket = %s"


def write_shown(cursor: psycopg.Cursor, rows: ShownRows) -> None:
    """Merge impressions into `shown_items`; running it again changes nothing but `committed_at`."""
    cursor.execute(
        _SHOWN,
        {
            "user_ids": Texts(rows.user_id).all(),
            "item_ids": Texts(rows.item_id).all(),
            "shown_at": TimeArray(rows.shown_ms),
        },
    )


def merge_shown(cursor: psycopg.Cursor, old: str, new: str) -> None:
    """Let what one user was shown be what another one was shown."""
    cursor.execute(_MERGED, {"old": old, "new": new})
    cursor.execute("DELETE FROM interestream.shown_items WHERE user_id = %s", (old,))


def write_clicks(cursor: psycopg.Cursor, space_id: int, bucket: int, rows: ClickRows) -> None:
    """Write counts of a bucket; the caller's transaction must refuse those of an earlier task."""
    if rows.complete:
        cursor.execute(_OF_BUCKET, (space_id, bucket))
    cells = rows.cells
    cursor.execute(
        _COUNTS,
        {
            "space": space_id,
            "bucket": bucket,
            "sources": Texts([cell.source for cell in cells]).all(),
            "places": Int8Array(np.array([cell.place for cell in cells], dtype=np.int64)),
            "segments": Texts([cell.segment for cell in cells]).all(),
            "variants": Texts([cell.variant for cell in cells]).all(),
            "impressions": Int8Array(rows.impressions),
            "clicks": Int8Array(rows.clicks),
        },
    )
