"""A database with an active space, and a place where nothing of this machine is touched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from jobs.config import load_config
from jobs.maintenance.run import Place
from tests.sql.builders import add_actions, add_space


@pytest.fixture
def shop(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection that commits at once, to a database with an active space 1."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_actions(db)
        add_space(db)
        yield db


@pytest.fixture
def place(dsn: str, tmp_path: Path) -> Callable[..., Place]:
    """A place with settings on top of the defaults."""

    def make(*settings: str, of: str = "") -> Place:
        cache = f"encoder.bundle_cache={tmp_path / 'bundles'}"
        return Place(load_config(None, [cache, *settings]), of or dsn, tmp_path / "cluster")

    return make
