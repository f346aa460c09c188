"""Lets one run of maintenance work on a database at a time."""

import contextlib
from collections.abc import Iterator

from jobs.errors import InterestreamError
from sql.connection import connect

_LOCK = """
SELECT pg_try_advisory_xact_lock('interestream.maintenance'::regclass::oid::integer, 0)
"""


@contextlib.contextmanager
def only_one(dsn: str) -> Iterator[None]:
    """Hold the lock of maintenance in a transaction that does nothing else.

    The lock goes with the transaction, however the process ends, and works through a pooler that
    hands each transaction to another session. The transaction has no snapshot while it is idle, so
    it keeps no dead row alive. Raises InterestreamError when another run holds the lock.
    """
    with connect(dsn) as db:
        db.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if db.info.server_version >= 170_000:
            db.execute("SET LOCAL transaction_timeout = 0")
        row = db.execute(_LOCK).fetchone()
        if row != (True,):
            raise InterestreamError(
                "another `interestream maintain` works on this database: let it end, and call this"
                " one again"
            )
        yield
