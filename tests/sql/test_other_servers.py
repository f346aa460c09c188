"""Databases that people have: another version of PostgreSQL, pgvector in a schema of its own.

Each gets the schema, a space of the real encoder, and rows by the job's own statements over a
writer's login; a reader's login must find in it what it finds in the embedded default. Versions
that are too old are refused before anything is changed.
"""

import contextlib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from psycopg import sql
from psycopg.conninfo import make_conninfo

from interestream import Recommender
from jobs.config import Database, SentimentSettings
from jobs.core.progress import Progress
from jobs.local.postgres import Server
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.vector_rows import VectorBatch, write_vector_batch
from jobs.spaces.build import build_space
from jobs.texts.sentiment import Sentiment
from sql.apply import apply
from sql.errors import ExtensionMissingError, ExtensionTooOldError, ServerTooOldError
from sql.prerequisites import check_server
from tests.fixtures.installed_postgres import installed_postgres, postgres_16_binaries
from tests.sql.builders import NOON
from tests.sql.logins import login

TITLES = ["A history of tea", "Running shoes for wet trails", "The night sky in winter", "Chess"]
TEXT = "stars and planets"


@pytest.fixture(scope="module")
def postgres_16() -> Iterator[Server]:
    with installed_postgres(postgres_16_binaries()) as server:
        yield server


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of texts, so that each is encoded once for all databases."""
    return tmp_path_factory.mktemp("vectors") / "texts.sqlite"


@contextlib.contextmanager
def new_database(server: Server, name: str) -> Iterator[str]:
    with psycopg.connect(server.dsn, autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.dsn_of(name)
        db.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_16(postgres_16: Server) -> Iterator[str]:
    with new_database(postgres_16, "of_16") as dsn:
        yield dsn


@pytest.fixture
def database_with_own_schema(empty_dsn: str) -> str:
    """pgvector lies in a schema that no role's search path names."""
    with psycopg.connect(empty_dsn, autocommit=True) as db:
        db.execute('CREATE SCHEMA "our extensions"')
        db.execute('CREATE EXTENSION vector SCHEMA "our extensions"')
    return empty_dsn


def fill(dsn: str, bundle_dir: Path, store: Path) -> None:
    """The schema, a space, and the rows of a small catalogue and one user."""
    assert apply(dsn).warnings == ()
    space_id = build_space(dsn, bundle_dir, TITLES, store=store)
    with psycopg.connect(dsn) as db:
        for number, title in enumerate(TITLES):
            db.execute(
                "INSERT INTO interestream.items (item_id, title, published_at, epoch, version)"
                " VALUES (%s, %s, %s, 1, 1)",
                [f"i{number}", title, NOON],
            )
        assert not Sentiment.load(db, space_id, SentimentSettings()).is_neutral
    with login(dsn, "interestream_writer") as writer:
        connection = RetryingConnection(Database(dsn=writer))
        connection.run(lambda db: write_vector_batch(db, vectors(space_id)))
        connection.close()
    with psycopg.connect(dsn) as db:
        db.execute(
            "INSERT INTO interestream.user_windows"
            " SELECT space_id, 'ada', 'recent', embedding, 3, %s, 1, 1"
            " FROM interestream.item_vectors WHERE item_id = 'i2'",
            [NOON],
        )


def vectors(space_id: int) -> VectorBatch:
    """Fixed unit vectors of the encoder's dimension, one for each title."""

    class Row:
        epoch, version = 1, 1

        def __init__(self, number: int, vector: NDArray[np.float64]) -> None:
            self.item_id = f"i{number}"
            self.vector = vector.astype(np.float16).tobytes()

    rows = np.random.default_rng(5).standard_normal((len(TITLES), 384))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return VectorBatch(
        space_id, 1, 0, [Row(number, row) for number, row in enumerate(rows)], Progress()
    )


def answers(dsn: str) -> list[Sequence[object]]:
    """What a reader is told, by every question that the client has."""
    with login(dsn, "interestream_reader") as reader, Recommender(reader) as ask:
        return [
            ask.recommend("ada", 4),
            ask.recommend("nobody", 4),
            ask.recommend_many(["ada", "bob"], 2),
            ask.recommend_more_like("i1", "ada", 3),
            ask.similar_items("i0", 3),
            ask.similar_users("ada"),
            ask.search_items([1.0] + [0.0] * 383, 4),
            ask.trending(),
            ask.user_interests("ada"),
            ask.user_topics("ada", 2),
            [stream.stream for stream in ask.job_status()],
        ]


@pytest.mark.parametrize("kind", ["database_16", "database_with_own_schema"])
def test_the_answers_are_those_of_the_embedded_default(kind, request, dsn, bundle_dir, store):
    other = request.getfixturevalue(kind)
    fill(dsn, bundle_dir, store)
    fill(other, bundle_dir, store)
    wanted = answers(dsn)
    assert answers(other) == wanted
    assert [len(answer) for answer in wanted[:4]] == [4, 4, 4, 3]


def test_a_role_that_may_not_use_the_schema_of_pgvector_is_told_what_to_grant(
    database_with_own_schema,
):
    with psycopg.connect(database_with_own_schema, autocommit=True) as db:
        db.execute("CREATE ROLE owner_of_no_extension LOGIN PASSWORD 'x'")
        db.execute(
            sql.SQL("GRANT CREATE ON DATABASE {} TO owner_of_no_extension").format(
                sql.Identifier(db.info.dbname)
            )
        )
    own = make_conninfo(database_with_own_schema, user="owner_of_no_extension", password="x")
    with pytest.raises(ExtensionMissingError, match='GRANT USAGE ON SCHEMA "our extensions"'):
        apply(own)
    with psycopg.connect(database_with_own_schema, autocommit=True) as db:
        db.execute("DROP OWNED BY owner_of_no_extension")
        db.execute("DROP ROLE owner_of_no_extension")


def test_a_pgvector_that_is_too_old_is_refused_and_nothing_is_changed():
    package = find_spec("pgserver")
    assert package is not None
    assert package.origin is not None
    with installed_postgres(Path(package.origin).parent / "pginstall" / "bin") as server:
        with pytest.raises(ExtensionTooOldError) as refused:
            apply(server.dsn)
        assert "pgvector here is 0.6.2, and 0.8.0 or newer is needed" in str(refused.value)
        with psycopg.connect(server.dsn, autocommit=True) as db:
            assert db.execute("SELECT to_regnamespace('interestream')").fetchone() == (None,)
            assert (
                db.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone() is None
            )
            db.execute("CREATE EXTENSION vector")
        with pytest.raises(ExtensionTooOldError, match="install a newer one"):
            apply(server.dsn)


def test_a_server_that_is_too_old_is_refused(dsn, monkeypatch):
    monkeypatch.setattr("sql.prerequisites.OLDEST_POSTGRES", 99)
    with (
        psycopg.connect(dsn) as db,
        pytest.raises(ServerTooOldError, match="99 or newer is needed"),
    ):
        check_server(db)
