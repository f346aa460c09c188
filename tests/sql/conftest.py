"""A space of 8 dimensions with the actions in place, and a database with rows to read."""

import psycopg
import pytest

from tests.sql import builders


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """A database with an active space 1 of 8 dimensions, the actions, and nothing else."""
    builders.add_actions(db)
    assert builders.add_space(db) == 1
    return db


@pytest.fixture
def filled(dsn: str) -> str:
    """DSN of a database in which every function of `tests.sql.calls` has something to read."""
    with psycopg.connect(dsn) as db:
        builders.add_actions(db)
        builders.add_space(db)
        builders.add_items(db, builders.seeded(20))
        builders.set_window(db, "ann", "recent", builders.seeded(1)[0])
        builders.interact(db, "ann", "i3", "like")
        db.execute(
            "INSERT INTO interestream.dead_letters"
            " (space_id, epoch, stream, bucket, seq, raw, reason, user_id)"
            " VALUES (1, 1, 'events', 0, 0, 'x', 'not_json', 'ann')"
        )
    return dsn
