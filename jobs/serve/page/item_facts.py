"""Everything that is known about an item, from one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from jobs.serve.database import Connection

NEAR = 10
PLACES = 100
"""How far down a user's list the item is looked for."""
FANS = 25
DAYS = 28

_ITEM = """
SELECT
    i.item_id, i.title, left(i.body, 700) AS body, length(i.body) > 700 AS cut, i.categories,
    i.language, i.published_at, i.arrived_at, i.available, i.attributes::text AS attributes,
    i.group_id, i.committed_at,
    (
        SELECT array_agg(v.item_id ORDER BY v.item_id)
        FROM (
            SELECT o.item_id FROM interestream.items AS o
            WHERE i.representative IS NOT NULL AND o.group_key = i.group_key
                AND o.item_id <> i.item_id
            ORDER BY o.item_id LIMIT 10
        ) AS v
    ) AS variants,
    EXISTS (
        SELECT FROM interestream.item_vectors AS v
        JOIN interestream.spaces AS s ON s.space_id = v.space_id AND s.active
        WHERE v.item_id = i.item_id
    ) AS has_vector
FROM interestream.items AS i
WHERE i.item_id = %(item)s
"""
_NEIGHBORS = """
SELECT
    o.neighbor_id AS item_id, i.title, o.strength,
    (o.strength / max(o.strength) OVER ())::float8 AS share, n.interactions
FROM interestream.item_neighbors AS n
JOIN interestream.spaces AS s ON s.space_id = n.space_id AND s.active
CROSS JOIN LATERAL unnest(n.neighbor_ids, n.strengths)
    WITH ORDINALITY AS o (neighbor_id, strength, place)
LEFT JOIN interestream.items AS i ON i.item_id = o.neighbor_id
WHERE n.item_id = %(item)s
ORDER BY o.place LIMIT %(near)s
"""
_LIKED = """
SELECT n.interactions
FROM interestream.item_neighbors AS n
JOIN interestream.spaces AS s ON s.space_id = n.space_id AND s.active
WHERE n.item_id = %(item)s
"""
_SIMILAR = "SELECT * FROM interestream.similar_items(%(item)s, %(near)s)"
_HORIZONS = """
SELECT w.horizon, w.length, t.interactions, w.as_of,
    (t.interactions / nullif(w.largest, 0)::float8) AS share
FROM interestream.trend_windows AS w
JOIN interestream.spaces AS s ON s.space_id = w.space_id AND s.active
LEFT JOIN interestream.trends AS t
    ON t.space_id = w.space_id AND t.horizon = w.horizon AND t.item_id = %(item)s
ORDER BY w.length NULLS LAST, w.horizon
"""
_BY_DAY = """
SELECT newest.last - ago.days AS day, count(u.day) AS users
FROM (
    SELECT (interestream.newest_interaction() AT TIME ZONE 'UTC')::date AS last
) AS newest
CROSS JOIN generate_series(0, %(days)s - 1) AS ago (days)
LEFT JOIN (
    SELECT (o.last_at AT TIME ZONE 'UTC')::date AS day FROM interestream.user_items AS o
    WHERE o.item_id = %(item)s AND o.signal > 0
    ORDER BY o.last_at DESC LIMIT 20000
) AS u ON u.day = newest.last - ago.days
WHERE newest.last IS NOT NULL
GROUP BY 1 ORDER BY 1
"""
_FANS = """
SELECT u.user_id, u.last_at, u.signal
FROM interestream.user_items AS u
WHERE u.item_id = %(item)s AND u.signal > 0
ORDER BY u.last_at DESC, u.user_id LIMIT %(fans)s
"""
_WHY_NOT = "SELECT w.obstacle, w.words FROM interestream.why_not(%(item)s, %(user)s::text) AS w"
_PLACE = """
SELECT r.rank, r.reason, r.score, r.parts
FROM interestream.recommend(%(user)s, %(places)s) AS r WHERE r.item_id = %(item)s
"""


@dataclass(frozen=True)
class ItemFacts:
    """What the page of an item shows; `row` is None for an unknown one."""

    row: DictRow | None
    obstacles: Sequence[DictRow]
    """Why it is not recommended, for everybody or for one user."""
    place: DictRow | None = None
    """Where it is in the first PLACES rows of the user's list."""
    liked: int | None = None
    """How often it was liked, faded; None where nobody did, or nobody counts."""
    neighbors: Sequence[DictRow] = ()
    similar: Sequence[DictRow] = ()
    horizons: Sequence[DictRow] = ()
    days: Sequence[DictRow] = ()
    fans: Sequence[DictRow] = ()

    @property
    def chart(self) -> str:
        """A configuration of Chart.js: users by day."""
        sets = [{"label": "users", "data": [row["users"] for row in self.days]}]
        scales = {
            "x": {"ticks": {"maxRotation": 0, "autoSkipPadding": 12}},
            "y": {"beginAtZero": True, "ticks": {"precision": 0}},
        }
        return json.dumps(
            {
                "type": "bar",
                "data": {"labels": [f"{row['day']:%m-%d}" for row in self.days], "datasets": sets},
                "options": {"plugins": {"legend": {"display": False}}, "scales": scales},
            }
        )

    @property
    def moved(self) -> bool:
        """Whether anybody liked it on one of the days."""
        return any(row["users"] for row in self.days)


async def read_item(db: Connection, item_id: str, user_id: str | None) -> ItemFacts:
    """Read what there is; with a user also what stands between the two, or where it is listed."""
    values: dict[str, Any] = {
        "item": item_id,
        "user": user_id,
        "near": NEAR,
        "places": PLACES,
        "days": DAYS,
        "fans": FANS,
    }

    async def rows(statement: str) -> list[DictRow]:
        return await (await db.execute(statement.encode(), values)).fetchall()

    found = await rows(_ITEM)
    obstacles = await rows(_WHY_NOT)
    if not found:
        return ItemFacts(None, obstacles)
    place = await rows(_PLACE) if user_id and not obstacles else []
    liked = await rows(_LIKED)
    return ItemFacts(
        row=found[0],
        obstacles=obstacles,
        place=place[0] if place else None,
        liked=liked[0]["interactions"] if liked else None,
        neighbors=await rows(_NEIGHBORS),
        similar=await rows(_SIMILAR) if found[0]["has_vector"] else [],
        horizons=await rows(_HORIZONS),
        days=await rows(_BY_DAY),
        fans=await rows(_FANS),
    )
