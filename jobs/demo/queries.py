"""What the demo asks the database, in SQL that a visitor can repeat."""

from dataclasses import dataclass

import psycopg

RECOMMEND = (
    "SELECT item_id, title, categories, score, reason FROM interestream.recommend(%s, %s)"
    " ORDER BY rank"
)
INTERESTS = """
SELECT i.title, i.categories, m.share
FROM interestream.users AS u
JOIN interestream.spaces AS s ON s.space_id = u.space_id AND s.active
CROSS JOIN LATERAL unnest(u.interest_items, u.interest_weights)
    WITH ORDINALITY AS m (item_id, share, place)
JOIN interestream.items AS i ON i.item_id = m.item_id
WHERE u.user_id = %s ORDER BY m.place
"""
LETTERS = (
    "SELECT reason, count(*) FROM interestream.active_dead_letters WHERE stream = 'events'"
    " GROUP BY reason ORDER BY count(*) DESC, reason"
)
SEEN = """
SELECT ui.item_id FROM interestream.user_items AS ui
WHERE ui.user_id = %s AND (ui.actions & interestream.seen_mask()) <> 0
"""


@dataclass(frozen=True)
class Recommendation:
    item_id: str
    title: str
    categories: list[str]
    score: float
    reason: str


@dataclass(frozen=True)
class InterestShown:
    """An interest by its medoid item; `share` of the user's weight."""

    title: str
    categories: list[str]
    share: float


def recommended(db: psycopg.Connection, user_id: str, count: int) -> list[Recommendation]:
    return [Recommendation(*row) for row in db.execute(RECOMMEND, (user_id, count)).fetchall()]


def interests(db: psycopg.Connection, user_id: str) -> list[InterestShown]:
    return [InterestShown(*row) for row in db.execute(INTERESTS, (user_id,)).fetchall()]


def dead_letters(db: psycopg.Connection) -> dict[str, int]:
    return dict(db.execute(LETTERS).fetchall())


def seen_items(db: psycopg.Connection, user_id: str) -> set[str]:
    return {row[0] for row in db.execute(SEEN, (user_id,)).fetchall()}


def rows_of_user(db: psycopg.Connection, user_id: str) -> int:
    """How many rows speak of a user in any table."""
    tables = ("users", "user_windows", "user_items", "dead_letters")
    counts = " + ".join(
        f"(SELECT count(*) FROM interestream.{table} WHERE user_id = %(user)s)"  # noqa: S608
        for table in tables
    )
    row = db.execute(f"SELECT {counts}", {"user": user_id}).fetchone()
    assert row is not None
    return int(row[0])
