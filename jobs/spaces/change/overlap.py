"""How much two spaces agree on what to recommend."""

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
    """`mean` over `users` of the share of the first `k` that both spaces recommend."""

    users: int
    k: int
    mean: float


def recommended_overlap(
    db: psycopg.Connection, active: int, other: int, *, users: int = 200, k: int = 10
) -> Overlap | None:
    """Of a sample of the active space's users; None where it has none.

    `db` must be outside of a transaction: both spaces are asked in one snapshot.
    """
    if db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise InterestreamError("the overlap is taken in a transaction of its own")
    with db.transaction():
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        sample = [row[0] for row in db.execute(_USERS, (active, users)).fetchall()]
        lists = [_lists(db, sample, space, k) for space in (active, other)]
    shares = [share(lists[0][user], lists[1][user]) for user in sample]
    return Overlap(len(shares), k, sum(shares) / len(shares)) if shares else None


def share(one: set[str], other: set[str]) -> float:
    """Of the longer list; 1 for two empty ones.

    >>> share({"a", "b", "c"}, {"b"})
    0.3333333333333333
    """
    longer = max(len(one), len(other))
    return len(one & other) / longer if longer else 1.0


def _lists(db: psycopg.Connection, users: list[str], space: int, k: int) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = db.execute(
        "SELECT user_id, item_id FROM interestream.recommend_many(%s, %s, %s)", (users, k, space)
    )
    for user_id, item_id in rows:
        found[user_id].add(item_id)
    return found
