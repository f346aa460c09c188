"""A space of 8 dimensions with the actions in place."""

import psycopg
import pytest

from tests.sql import builders


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """A database with an active space 1 of 8 dimensions, the actions, and nothing else."""
    builders.add_actions(db)
    assert builders.add_space(db) == 1
    return db
