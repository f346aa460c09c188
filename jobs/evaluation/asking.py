"""Asks the running system for a user's list, as it is or with changed settings."""

import contextlib
import time

import psycopg

from jobs.evaluation.answers_file import Answer
from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.measures import K

_LIST = """
SELECT item_id, coalesce((parts ->> 'chance')::float, 0)
FROM interestream.recommend(%s, %s) ORDER BY rank
"""


class Asker:
    """Calls recommend() on a connection of its own, which sees what is committed.

    `changes` are statements that are run in the transaction before each question; it is rolled
    back, so nobody else sees them. Anything in the database can be compared in this way: a table
    of weights, or a function.
    """

    def __init__(self, db: psycopg.Connection, changes: str = "") -> None:
        self._db = db
        self._changes = changes.encode()
        if changes:
            try:
                with db.transaction(force_rollback=True):
                    db.execute(self._changes)
            except psycopg.Error as error:
                raise EvaluationError(
                    f"the statements of --compare-sql fail: {str(error).strip()}"
                ) from error

    def ask(self, user_id: str) -> Answer:
        """Return the first K items for a user; its time is that of the query alone."""
        transaction = (
            self._db.transaction(force_rollback=True) if self._changes else contextlib.nullcontext()
        )
        with transaction:
            if self._changes:
                self._db.execute(self._changes)
            started = time.perf_counter()
            rows = self._db.execute(_LIST, (user_id, K)).fetchall()
            ms = (time.perf_counter() - started) * 1000
        return Answer(
            tuple(row[0] for row in rows), tuple(float(row[1]) for row in rows), round(ms, 2)
        )
