"""The real encoder, and a space that was built with it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobs.spaces.build import build_space
from udfs.encoder import Encoder

CATALOGUE = ["A history of tea", "Running shoes for wet trails", "The night sky in winter", "Chess"]


@pytest.fixture(scope="session")
def encoder(bundle_dir: Path) -> Encoder:
    return Encoder.open(bundle_dir, provider="cpu", threads=2)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of texts, so that each is encoded once for all tests."""
    return tmp_path_factory.mktemp("vectors") / "texts.sqlite"


@pytest.fixture
def built(dsn: str, bundle_dir: Path, store: Path) -> Iterator[tuple[psycopg.Connection, int]]:
    """A connection to a database with a space of the real encoder, and the space's id."""
    space_id = build_space(dsn, bundle_dir, CATALOGUE, store=store, index=False)
    with psycopg.connect(dsn, autocommit=True) as db:
        yield db, space_id
