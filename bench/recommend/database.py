"""The database of one size: built once and kept, and built anew when its contents change."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psycopg
import xxhash

from bench.harness.progress import RunBar
from bench.recommend import catalogue as made
from bench.recommend.catalogue import Catalogue, Person
from bench.recommend.catalogue_file import load, save
from bench.recommend.sources import Sources, counts, sources, strengths
from bench.recommend.titles import Titles
from jobs.local.postgres import AlreadyRunningError, embedded_postgres, running
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from jobs.sinks.trend_rows import BEST
from sql.apply import HERE, apply
from sql.errors import MigrationChangedError, MigrationOrderError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROWS = 5_000
DISLIKED_AGO_H = 48.0
READY = "ready.json"
CATALOGUE = "catalogue.npz"
INDEX = HERE / "functions/spaces/index_space.sql"
MEMORY = {"shared_buffers": "2GB", "maintenance_work_mem": "4GB", "max_wal_size": "8GB"}
"""Memory for a million vectors and their graph."""

_ITEMS = """
INSERT INTO interestream.items
    (item_id, title, categories, language, published_at, attributes, epoch, version)
SELECT id, 'Title of ' || id, categories::text[], language, published_at, attributes, 1, 1
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::jsonb[])
    AS n (id, categories, language, published_at, attributes)
"""
_VECTORS = """
INSERT INTO interestream.item_vectors
SELECT 1, id, embedding, 1, 1 FROM unnest(%s::text[], %s) AS n (id, embedding)
"""
_WINDOWS = """
INSERT INTO interestream.user_windows
SELECT 1, %s, kind, embedding, %s, %s, 1, 1 FROM unnest(%s::text[], %s) AS n (kind, embedding)
"""
_USER_ITEMS = """
INSERT INTO interestream.user_items
SELECT %s, item, 1, at, at, signal, at, 1
FROM unnest(%s::text[], %s::timestamptz[], %s::real[]) AS n (item, at, signal)
"""
_NEIGHBORS = """
INSERT INTO interestream.item_neighbors
SELECT 1, id, neighbors::text[], strengths::real[], interactions, %s, 31536000, 1, 1
FROM unnest(%s::text[], %s::text[], %s::text[], %s::real[])
    AS n (id, neighbors, strengths, interactions)
"""
_WINDOW = """
INSERT INTO interestream.trend_windows
    (space_id, horizon, as_of, window_end, interactions, largest, best_ids, epoch, version)
VALUES (1, %s, %s, %s, %s, %s, %s, 1, 1)
"""
_TRENDS = """
INSERT INTO interestream.trends (space_id, horizon, item_id, interactions, weight)
SELECT 1, %s, id, interactions, interactions
FROM unnest(%s::text[], %s::bigint[]) AS n (id, interactions)
"""
_USER = """
INSERT INTO interestream.users
    (space_id, user_id, events, last_event_at, interest_items, interest_weights, interest_sizes,
     epoch, version)
VALUES (1, %s, 200, %s, %s, '{0.5,0.3,0.2}', '{16,10,6}', 1, 1)
"""


@dataclass(frozen=True)
class Built:
    """A running database with its contents."""

    dsn: str
    items: Catalogue
    people: list[Person]
    made: Sources
    details: dict[str, Any]
    """Number of titles, similarity of neighbours, seconds for the index, megabytes on disk."""


def item_id(number: int) -> str:
    """The id of an item by its index in the catalogue."""
    return f"item-{number:07d}"


def item_number(item: str) -> int:
    """The index in the catalogue of an item's id."""
    return int(item.removeprefix("item-"))


def user_id(number: int) -> str:
    """The id of a person by their index."""
    return f"user-{number}"


@contextmanager
def database(titles: Titles, n: int, users: int, keep: Path, bar: RunBar) -> Iterator[Built]:
    """Start the database of `n` items; it is built where it is missing or out of date.

    Raises AlreadyRunningError when it must be built anew while a server runs on it, and
    MigrationChangedError or MigrationOrderError when another version of the project built it.
    """
    folder = keep / str(n)
    ready = folder / READY
    fingerprint = f"{made.VERSION} {titles.fingerprint} {n} {users}"
    if not ready.exists() or orjson.loads(ready.read_bytes())["fingerprint"] != fingerprint:
        if running(folder / "postgres") is not None:
            raise AlreadyRunningError(f"a server runs on {folder / 'postgres'}: stop it first")
        ready.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with embedded_postgres(folder / "postgres", settings=MEMORY) as server:
        try:
            apply(server.dsn)
        except (MigrationChangedError, MigrationOrderError):
            # Another branch built the database: it cannot be migrated.
            ready.unlink(missing_ok=True)
            raise
        if not ready.exists():
            details = _load(server.dsn, titles, n, users, folder / CATALOGUE, bar)
            ready.write_bytes(orjson.dumps({"fingerprint": fingerprint, **details}))
        details = orjson.loads(ready.read_bytes())
        if details.get("index") != (definition := xxhash.xxh3_64_hexdigest(INDEX.read_bytes())):
            # A step of its own: loading is not repeated when the index is interrupted or changed.
            details |= {"index_s": _index(server.dsn, bar), "index": definition}
            ready.write_bytes(orjson.dumps(details))
        bar.step("reading the catalogue")
        items, people = load(folder / CATALOGUE)
        with psycopg.connect(server.dsn, autocommit=True) as db:
            row = db.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        assert row is not None
        details["megabytes"] = round(row[0])
        for internal in ("fingerprint", "index"):
            del details[internal]
        yield Built(server.dsn, items, people, sources(len(items.vectors), people), details)


def _load(dsn: str, titles: Titles, n: int, users: int, file: Path, bar: RunBar) -> dict[str, Any]:
    bar.restart("encoding titles", len(titles.texts))
    vectors = titles.vectors(lambda done: bar.move(done, "encoding titles"))
    bar.step("making the catalogue")
    items = made.catalogue(vectors, n)
    bar.step("making people")
    people = list(made.people(items, users))
    save(file, items, people)
    with psycopg.connect(dsn, autocommit=True) as db:
        fill(db, titles.bundle_sha256, items, people, bar)
    return {
        "titles": min(len(vectors), n),
        "neighbours": made.neighbour_profile(items.vectors),
        "neighbours_of_titles": made.neighbour_profile(vectors),
    }


def fill(
    db: psycopg.Connection, bundle_sha256: str, items: Catalogue, people: list[Person], bar: RunBar
) -> None:
    """Create the space and insert the catalogue and its people, without the vector index."""
    n, dim = items.vectors.shape
    register_halfvectors(db)
    db.execute("SET synchronous_commit = off")
    db.execute("INSERT INTO interestream.actions VALUES ('view', 0, 1, 1, true)")
    db.execute(
        "SELECT interestream.create_space('titles', '1', %s, %s, %s::real[], false)",
        [bundle_sha256, dim, [0.0] * dim],
    )
    bar.restart("loading items", n)
    for start in range(0, n, ROWS):
        bar.move(start, "loading items")
        _load_items(db, items, range(start, min(start + ROWS, n)))
    bar.restart("loading people", len(people))
    for number, person in enumerate(people):
        bar.move(number, "loading people")
        _load_person(db, items, number, person)
    bar.restart("loading neighbours", n)
    made = sources(n, people)
    for start in range(0, n, ROWS):
        bar.move(start, "loading neighbours")
        _load_neighbors(db, made, range(start, min(start + ROWS, n)))
    _load_trends(db, made)


def _load_neighbors(db: psycopg.Connection, made: Sources, part: range) -> None:
    rows = [made.neighbors.get(number, ()) for number in part]
    db.execute(
        _NEIGHBORS,
        [
            NOW,
            [item_id(number) for number in part],
            ["{" + ",".join(item_id(int(other)) for other in row) + "}" for row in rows],
            ["{" + ",".join(map(str, strengths(len(row)).tolist())) + "}" for row in rows],
            made.interactions[part.start : part.stop].tolist(),
        ],
    )


def _load_trends(db: psycopg.Connection, made: Sources) -> None:
    for horizon, items in made.popular.items():
        ids = [item_id(int(number)) for number in items]
        interactions = counts(len(ids)).tolist()
        db.execute(_WINDOW, [horizon, NOW, NOW, sum(interactions), interactions[0], ids[:BEST]])
        db.execute(_TRENDS, [horizon, ids, interactions])


def _load_items(db: psycopg.Connection, items: Catalogue, part: range) -> None:
    ids = [item_id(number) for number in part]
    categories = [
        [name for name, has in (("tenth", items.tenth), ("hundredth", items.hundredth)) if has[n]]
        for n in part
    ]
    values = slice(part.start, part.stop)
    with db.transaction():
        db.execute(
            _ITEMS,
            [
                ids,
                ["{" + ",".join(names) + "}" for names in categories],
                [made.LANGUAGES[code] for code in items.language[values]],
                [NOW - timedelta(days=int(days)) for days in items.age_days[values]],
                [f'{{"brand": {brand}}}' for brand in items.brand[values]],
            ],
        )
        db.execute(_VECTORS, [ids, HalfVectors(items.vectors[values].astype(np.float16))])


def _load_person(db: psycopg.Connection, items: Catalogue, number: int, person: Person) -> None:
    user = user_id(number)
    windows = made.windows(items, person)
    touched = np.concatenate([person.seen, person.disliked])
    disliked = len(person.disliked)
    ages_h = [*made.seen_ages_h(len(person.seen)), *[DISLIKED_AGO_H] * disliked]
    rows = HalfVectors(np.stack(list(windows.values())).astype(np.float16))
    with db.transaction():
        db.execute(_WINDOWS, [user, made.WEIGHT_OF_DISLIKES, NOW, list(windows), rows])
        db.execute(
            _USER_ITEMS,
            [
                user,
                [item_id(n) for n in touched],
                [NOW - timedelta(hours=age) for age in ages_h],
                [1.0] * len(person.seen) + [-3.0] * disliked,
            ],
        )
        db.execute(_USER, [user, NOW, [item_id(n) for n in person.medoids]])


def _index(dsn: str, bar: RunBar) -> float:
    """Build the vector index; the seconds that it took."""
    with psycopg.connect(dsn, autocommit=True) as db:
        bar.step("building the vector index")
        db.execute("DROP INDEX IF EXISTS interestream.item_vectors_1_hnsw")
        started = time.monotonic()
        db.execute("SELECT interestream.index_space(1)")
        took_s = round(time.monotonic() - started, 1)
        bar.step("vacuum and statistics")
        db.execute("VACUUM (ANALYZE)")
    return took_s
