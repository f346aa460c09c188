"""Opens connections for commands, which may pass a pooler on their way to Postgres."""

import psycopg


def connect(
    dsn: str, *, autocommit: bool = False, connect_timeout: int | None = None
) -> psycopg.Connection:
    """Connect without prepared statements.

    psycopg prepares a statement that it has run five times, under a name. A pooler in transaction
    mode hands every transaction to another server session, which does not know the name, or knows
    it from somebody else. `connect_timeout` is in seconds. Raises psycopg.Error.
    """
    return psycopg.connect(
        dsn, autocommit=autocommit, prepare_threshold=None, connect_timeout=connect_timeout
    )
