"""How many recommendations two spaces have in common."""

from collections import defaultdict
from dataclasses import dataclass

import psycopg

from jobs.errors import InterestreamError

_USERS = """
SELECT a.user_id
FROM (SELECT DISTINCT w.user_id FROM interestream.user_windows AS w WHERE w.space_id = %s) AS a
ORDER BY md5(a.user_id)
LIMIT %s
"""


@dataclass(frozen=True)
class Overlap:
    """Overlap of the first `k` recommendations of two spaces."""

    users: int
    """Users over whom `mean` was taken."""
    k: int
    mean: float
    """Mean share, 0 to 1, of items that both spaces recommend to a user."""


def recommendation_overlap(
    db: psycopg.Connection, active: int, other: int, *, users: int = 200, k: int = 10
) -> Overlap | None:
    """Measure the overlap over a sample of the active space's users; None if it has no users.

    Both spaces are queried in one snapshot, and by the searches of text alone: neighbours and what
    is popular do not depend on the encoder, and those of a new space come later. Raises
    InterestreamError when `db` is inside a transaction, whose isolation level could no longer be
    set.
    """
    if db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise InterestreamError("the overlap needs a connection that is outside of a transaction")
    with db.transaction():
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        db.execute("SET LOCAL interestream.sources = 'text'")
        sample = [row[0] for row in db.execute(_USERS, (active, users)).fetchall()]
        lists = [_recommended(db, sample, space, k) for space in (active, other)]
    shares = [share_in_common(lists[0][user], lists[1][user]) for user in sample]
    return Overlap(len(shares), k, sum(shares) / len(shares)) if shares else None


def share_in_common(one: set[str], other: set[str]) -> float:
    """Return the items in common as a share of the larger set; 1 for two empty sets.

    >>> share_in_common({"a", "b", "c"}, {"b"})
    0.3333333333333333
    """
    larger = max(len(one), len(other))
    return len(one & other) / larger if larger else 1.0


def _recommended(
    db: psycopg.Connection, users: list[str], space: int, k: int
) -> dict[str, set[str]]:
    items: dict[str, set[str]] = defaultdict(set)
    rows = db.execute(
        "SELECT user_id, item_id FROM interestream.recommend_many(%s, %s, %s)", (users, k, space)
    )
    for user_id, item_id in rows:
        items[user_id].add(item_id)
    return items
