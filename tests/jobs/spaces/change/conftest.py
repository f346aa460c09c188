"""A database with two spaces, the first of which is active."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.sql.builders import add_actions, add_item, add_space, add_vector, seeded, set_window


@pytest.fixture
def two_spaces(dsn: str) -> Iterator[psycopg.Connection]:
    """Six items and two users in space 1, four items and one user in space 2; 1 is active and has
    read ten events."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_actions(db)
        first, second = add_space(db), add_space(db, dim=4, sha256="bb")
        for number, vector in enumerate(seeded(6)):
            add_item(db, f"i{number}", vector, space=first)
        for number, vector in enumerate(seeded(4, dim=4)):
            add_vector(db, f"i{number}", vector, space=second)
        for user in ("ann", "bob"):
            set_window(db, user, "recent", seeded(1)[0], space=first)
        set_window(db, "ann", "recent", seeded(1, dim=4)[0], space=second)
        set_records_read(db, first, 10)
        yield db


def set_records_read(
    db: psycopg.Connection, space_id: int, records: int, written_ago_s: float = 0
) -> None:
    """Let the job of a space have read so many events, and have written so long ago."""
    db.execute(
        "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
        " duplicates, dead_letters, waiting, applied, excluded, committed_at)"
        " VALUES (%s, 'events', 0, 1, %s, 0, 0, 0, 0, 0, now() - make_interval(secs => %s))"
        " ON CONFLICT (space_id, stream, bucket) DO UPDATE SET"
        " records_in = excluded.records_in, committed_at = excluded.committed_at",
        [space_id, records, written_ago_s],
    )


def active_space_id(db: psycopg.Connection) -> int:
    """Id of the active space."""
    row = db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchone()
    assert row is not None
    return int(row[0])
