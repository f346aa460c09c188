"""The database of one size: built once, kept, and built anew when what it is made of changes."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import psycopg

from bench.recommend import catalogue as made
from bench.recommend.catalogue import Catalogue, Person
from bench.recommend.titles import Titles
from jobs.embedded_postgres import embedded_postgres
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from sql.apply import apply
from sql.errors import MigrationChangedError, MigrationOrderError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROWS = 5_000
DISLIKED_AGO_H = 48.0
READY = "ready.json"
MEMORY = {"shared_buffers": "2GB", "maintenance_work_mem": "4GB", "max_wal_size": "8GB"}
"""Room for a million vectors and their graph."""

OnStep = Callable[[str], None]

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
_RELATIONS = """
INSERT INTO interestream.user_items
SELECT %s, item, 1, at, at, signal, at, 1
FROM unnest(%s::text[], %s::timestamptz[], %s::real[]) AS n (item, at, signal)
"""
_USER = """
INSERT INTO interestream.users
    (space_id, user_id, events, last_event_at, interest_items, interest_weights, interest_sizes,
     epoch, version)
VALUES (1, %s, 200, %s, %s, '{0.5,0.3,0.2}', '{16,10,6}', 1, 1)
"""


@dataclass(frozen=True)
class Built:
    """A running database, and what it was made of."""

    dsn: str
    items: Catalogue
    people: list[Person]
    index_s: float
    """Seconds the vector index took when it was built."""
    megabytes: float
    """All of it on disk."""


def item_id(number: int) -> str:
    return f"item-{number:07d}"


def item_number(item: str) -> int:
    return int(item.removeprefix("item-"))


def user_id(number: int) -> str:
    return f"user-{number}"


@contextmanager
def database(titles: Titles, n: int, users: int, keep: Path, on_step: OnStep) -> Iterator[Built]:
    """Start the database of `n` items, building it where it is not there or is out of date."""
    folder = keep / str(n)
    ready = folder / READY
    on_step("making the catalogue")
    items = made.catalogue(titles.vectors, n)
    people = list(made.people(items, users))
    fingerprint = f"{made.VERSION} {titles.fingerprint} {n} {users}"
    if ready.exists() and orjson.loads(ready.read_bytes())["fingerprint"] != fingerprint:
        ready.unlink()
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
    with embedded_postgres(folder / "postgres", settings=MEMORY) as server:
        try:
            apply(server.dsn)
        except (MigrationChangedError, MigrationOrderError):
            # Of another branch: what was kept cannot be brought up to date.
            ready.unlink(missing_ok=True)
            raise
        if not ready.exists():
            with psycopg.connect(server.dsn, autocommit=True) as db:
                _fill(db, titles, items, people, on_step)
                index_s = _index(db, on_step)
            ready.write_bytes(orjson.dumps({"fingerprint": fingerprint, "index_s": index_s}))
        with psycopg.connect(server.dsn, autocommit=True) as db:
            row = db.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        assert row is not None
        index_s = orjson.loads(ready.read_bytes())["index_s"]
        yield Built(server.dsn, items, people, index_s, float(row[0]))


def _fill(
    db: psycopg.Connection, titles: Titles, items: Catalogue, people: list[Person], on_step: OnStep
) -> None:
    n, dim = items.vectors.shape
    register_halfvectors(db)
    db.execute("SET synchronous_commit = off")
    db.execute("INSERT INTO interestream.actions VALUES ('view', 0, 1, 1, true)")
    db.execute(
        "SELECT interestream.create_space('titles', '1', %s, %s, %s::real[], false)",
        [titles.bundle_sha256, dim, [0.0] * dim],
    )
    for start in range(0, n, ROWS):
        on_step(f"loading items, {start:,}")
        _load_items(db, items, range(start, min(start + ROWS, n)))
    for number, person in enumerate(people):
        if number % 100 == 0:
            on_step(f"loading people, {number:,}")
        _load_person(db, items, number, person)


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
            _RELATIONS,
            [
                user,
                [item_id(n) for n in touched],
                [NOW - timedelta(hours=age) for age in ages_h],
                [1.0] * len(person.seen) + [-3.0] * disliked,
            ],
        )
        db.execute(_USER, [user, NOW, [item_id(n) for n in person.medoids]])


def _index(db: psycopg.Connection, on_step: OnStep) -> float:
    on_step("building the vector index")
    started = time.monotonic()
    db.execute("SELECT interestream.index_space(1)")
    took = time.monotonic() - started
    on_step("vacuum and statistics")
    db.execute("VACUUM (ANALYZE)")
    return took
