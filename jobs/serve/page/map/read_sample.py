"""Reads the sample of the map, and what of a user is put into it."""

from psycopg.rows import DictRow

from jobs.serve.database import Connection

CHUNK = 200
"""Rows that are taken at once, so that other answers are not held up."""
LIST = 15
TIMEOUT_S = 60.0
"""Of the sample, which reads all ids of items."""

ACTIVE = "SELECT s.space_id FROM interestream.spaces AS s WHERE s.active"
# By a hash of the id: the same sample each time, and one that is spread over the catalogue.
_SAMPLE = """
SELECT
    v.item_id, i.title, i.categories[1] AS category, v.embedding::text AS vector,
    coalesce(n.interactions, 0)::bigint AS liked
FROM (
    SELECT o.item_id FROM interestream.items AS o
    WHERE o.available AND (o.representative IS NULL OR o.representative = o.item_id)
    ORDER BY hashtextextended(o.item_id, 0), o.item_id
    LIMIT %(items)s
) AS s
JOIN interestream.items AS i ON i.item_id = s.item_id
JOIN interestream.item_vectors AS v ON v.item_id = s.item_id AND v.space_id = %(space)s
LEFT JOIN interestream.item_neighbors AS n ON n.item_id = s.item_id AND n.space_id = %(space)s
ORDER BY v.item_id
"""
_INTERESTS = """
SELECT m.item_id, i.title, m.share::float8 AS share, v.embedding::text AS vector
FROM interestream.users AS u
CROSS JOIN LATERAL unnest(u.interest_items, u.interest_weights)
    WITH ORDINALITY AS m (item_id, share, place)
JOIN interestream.items AS i ON i.item_id = m.item_id
JOIN interestream.item_vectors AS v ON v.item_id = m.item_id AND v.space_id = %(space)s
WHERE u.space_id = %(space)s AND u.user_id = %(user)s
ORDER BY m.place
"""
_LIST = """
SELECT r.item_id, r.title, r.rank, r.reason, v.embedding::text AS vector
FROM interestream.recommend(%(user)s, %(rows)s, p_space => %(space)s) AS r
JOIN interestream.item_vectors AS v ON v.item_id = r.item_id AND v.space_id = %(space)s
ORDER BY r.rank
"""


async def read_sample(db: Connection, space_id: int, items: int) -> list[DictRow]:
    """Read at most `items` available items with their vectors, the same ones each time."""
    cursor = await db.execute(_SAMPLE, {"space": space_id, "items": items})
    rows: list[DictRow] = []
    while chunk := await cursor.fetchmany(CHUNK):
        rows += chunk
    return rows


async def read_user(
    db: Connection, space_id: int, user_id: str
) -> tuple[list[DictRow], list[DictRow]]:
    """Read the medoids of a user's interests and the items of the user's list, with vectors."""
    values = {"space": space_id, "user": user_id, "rows": LIST}
    interests = await (await db.execute(_INTERESTS, values)).fetchall()
    return interests, await (await db.execute(_LIST, values)).fetchall()
