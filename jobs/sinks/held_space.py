"""Keeps a transaction from writing rows of a space that is gone."""

import psycopg

from jobs.errors import SpaceGoneError


def hold_space(connection: psycopg.Connection, space_id: int) -> None:
    """Keep the space from being deleted until the transaction ends; its first statement.

    Raises SpaceGoneError when it was deleted before: nothing of the transaction may be written.
    """
    row = connection.execute("SELECT interestream.hold_space(%s)", (space_id,)).fetchone()
    if row != (True,):
        raise SpaceGoneError(
            f"space {space_id} was deleted while its job ran (`interestream space retire --force`):"
            " the job cannot go on, and writes nothing more of it. Cancel the job if Flink starts"
            " it again; `interestream space status` shows the other spaces"
        )
