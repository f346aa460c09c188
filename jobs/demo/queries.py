"""The queries of the demo."""

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
    WITH ORDINALITY AS m (item_id, share, rank)
JOIN interestream.items AS i ON i.item_id = m.item_id
WHERE u.user_id = %s ORDER BY m.rank
"""
DEAD_LETTERS = (
    "SELECT reason, count(*) FROM interestream.active_dead_letters WHERE stream = 'events'"
    " GROUP BY reason ORDER BY count(*) DESC, reason"
)
SEEN = """
SELECT ui.item_id FROM interestream.user_items AS ui
WHERE ui.user_id = %s AND (ui.actions & interestream.seen_mask()) <> 0
"""


@dataclass(frozen=True)
class Recommendation:
    """A row of `recommend()`."""

    item_id: str
    title: str
    categories: list[str]
    score: float
    reason: str


@dataclass(frozen=True)
class InterestRow:
    """An interest, by the item in its middle."""

    title: str
    categories: list[str]
    share: float
    """Share of the weight of the user's last interactions."""


def recommended(db: psycopg.Connection, user_id: str, count: int) -> list[Recommendation]:
    """The first `count` recommendations of a user."""
    return [Recommendation(*row) for row in db.execute(RECOMMEND, (user_id, count)).fetchall()]


def interests(db: psycopg.Connection, user_id: str) -> list[InterestRow]:
    """The interests of a user."""
    return [InterestRow(*row) for row in db.execute(INTERESTS, (user_id,)).fetchall()]


def dead_letters(db: psycopg.Connection) -> dict[str, int]:
    """The number of dead letters among the events by reason, the largest first."""
    return dict(db.execute(DEAD_LETTERS).fetchall())


def seen_items(db: psycopg.Connection, user_id: str) -> set[str]:
    """Ids of the items that a user has seen, and that must not be recommended."""
    return {row[0] for row in db.execute(SEEN, (user_id,)).fetchall()}


def rows_of_user(db: psycopg.Connection, user_id: str) -> int:
    """The number of a user's rows in all tables."""
    tables = ("users", "user_windows", "user_topic_history", "user_items", "dead_letters")
    counts = " + ".join(
        f"(SELECT count(*) FROM interestream.{table} WHERE user_id = %(user)s)"  # noqa: S608
        for table in tables
    )
    row = db.execute(f"SELECT {counts}", {"user": user_id}).fetchone()
    assert row is not None
    return int(row[0])
