"""What the database has of one user: events by item, interests, topics."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.serve.database import Connection

TIMELINE = 200
"""Items of the timeline: those that the user turned to last."""

SHOWN = 50
"""Shown items: those that were shown last."""

_KNOWN = """
SELECT u.user_id, u.events, u.last_event_at, u.committed_at, s.space_id,
    extract(epoch FROM u.committed_at - u.last_event_at)::float8 AS took_s
FROM interestream.spaces AS s
JOIN interestream.users AS u ON u.space_id = s.space_id AND u.user_id = %s
WHERE s.active
"""
_ITEMS = """
SELECT
    o.item_id, i.title, i.categories, o.actions, o.first_at, o.last_at, o.signal,
    ARRAY(
        SELECT a.action FROM interestream.actions AS a
        WHERE o.actions & (1::bigint << a.bit) <> 0 ORDER BY a.bit
    ) AS names
FROM interestream.user_items AS o
LEFT JOIN interestream.items AS i ON i.item_id = o.item_id
WHERE o.user_id = %s
ORDER BY o.last_at DESC, o.signal_key DESC NULLS LAST, o.item_id
LIMIT %s
"""
_SHOWN = """
SELECT
    s.item_id, i.title, s.shown_at[1] AS shown_at, cardinality(s.shown_at) AS times,
    (
        SELECT u.last_at FROM interestream.user_items AS u
        WHERE u.user_id = s.user_id AND u.item_id = s.item_id
            AND u.last_at >= s.shown_at[cardinality(s.shown_at)]
            AND u.actions & interestream.seen_mask() <> 0
    ) AS clicked_at
FROM interestream.shown_items AS s
LEFT JOIN interestream.items AS i ON i.item_id = s.item_id
WHERE s.user_id = %s
ORDER BY s.shown_at[1] DESC, s.item_id
LIMIT %s
"""
_ACTIONS = """
SELECT a.action, a.weight, a.sign, a.seen FROM interestream.actions AS a ORDER BY a.bit
"""


@dataclass(frozen=True)
class Session:
    """Items that a user turned to without a long pause, newest first."""

    items: tuple[dict[str, Any], ...]

    @property
    def begin(self) -> datetime:
        """When the first of them was turned to last."""
        found: datetime = self.items[-1]["last_at"]
        return found

    @property
    def end(self) -> datetime:
        """When the last of them was turned to last."""
        found: datetime = self.items[0]["last_at"]
        return found


def sessions_of(items: list[dict[str, Any]], gap_s: float) -> list[Session]:
    """Part items, newest first, wherever a pause is longer than `gap_s`."""
    parts: list[list[dict[str, Any]]] = []
    for item in items:
        gap = timedelta(seconds=gap_s)
        if not parts or parts[-1][-1]["last_at"] - item["last_at"] > gap:
            parts.append([])
        parts[-1].append(item)
    return [Session(tuple(part)) for part in parts]


@dataclass(frozen=True)
class UserReading:
    """A user's row (None without a vector in the active space), timeline, and interests."""

    row: dict[str, Any] | None
    items: list[dict[str, Any]]
    interests: dict[str, list[dict[str, Any]]]
    """Rows of `user_interests()` by kind."""
    topics: list[dict[str, Any]]
    shown: list[dict[str, Any]]
    """Items that were shown, newest first, and when the user turned to them after the first time
    that is kept (None: not at all)."""

    @property
    def windows(self) -> list[dict[str, Any]]:
        """The rows of windows, in the order of the answer."""
        apart = ("interest", "topic", "dislikes")
        return [row for kind, rows in self.interests.items() if kind not in apart for row in rows]


async def read_user(db: Connection, user_id: str) -> UserReading:
    """Read a user; of one that is not known everything is empty."""
    row = await (await db.execute(_KNOWN, (user_id,))).fetchone()
    items = await (await db.execute(_ITEMS, (user_id, TIMELINE))).fetchall()
    interests: dict[str, list[dict[str, Any]]] = {}
    topics: list[dict[str, Any]] = []
    if row is not None:
        answer = await db.execute("SELECT * FROM interestream.user_interests(%s)", (user_id,))
        for each in await answer.fetchall():
            interests.setdefault(each["kind"], []).append(each)
        answer = await db.execute("SELECT * FROM interestream.user_topics(%s, 6)", (user_id,))
        topics = await answer.fetchall()
    answer = await db.execute(_SHOWN, (user_id, SHOWN))
    return UserReading(row, items, interests, topics, await answer.fetchall())


async def read_actions(db: Connection) -> list[dict[str, Any]]:
    """Read the configured actions that name an item and count, or are seen."""
    return await (await db.execute(_ACTIONS)).fetchall()
