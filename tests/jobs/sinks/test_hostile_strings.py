"""Hostile strings stay data in every sink, and the sinks need no more than the job's role."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psycopg
import pytest

from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import UserItemRows
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_items import Item
from jobs.core.progress import Progress
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.item_rows import ItemBatch, write_item_batch
from jobs.sinks.user_rows import write_user_batch
from jobs.sinks.vector_rows import VectorBatch, write_vector_batch
from tests.builders import EAST, half
from tests.jobs.sinks.builders import folded, interests, window
from tests.sql.builders import add_space
from tests.sql.logins import login
from tests.sql.test_hostile_strings import HOSTILE


@pytest.fixture
def writer(job_dsn: str) -> Iterator[psycopg.Connection]:
    """A connection with the job's role only."""
    with login(job_dsn, "interestream_writer") as dsn, psycopg.connect(dsn, autocommit=True) as db:
        register_arrays(db)
        register_halfvectors(db)
        yield db


def column(db: psycopg.Connection, query: str) -> list[str]:
    return [row[0] for row in db.execute(query).fetchall()]


def test_items_of_any_name_are_stored_as_they_are(writer):
    items = [
        Item(
            item_id=name,
            title=name,
            body=name,
            categories=(name,),
            language=name,
            attributes=json.dumps({name: name}),
        )
        for name in HOSTILE
    ]
    dead = [DeadLetter(name.encode(), "not_json", name, name) for name in HOSTILE]
    batch = ItemBatch(
        1, 1, 0, [(item, 1) for item in items], Progress(dead_letters=len(dead)), dead
    )
    with writer.transaction():
        write_item_batch(writer, batch)
    rows = writer.execute(
        "SELECT item_id, title, body, categories, language, attributes FROM interestream.items"
    ).fetchall()
    assert sorted(rows) == sorted(
        (name, name, name, [name], name, {name: name}) for name in HOSTILE
    )
    assert sorted(column(writer, "SELECT user_id FROM interestream.dead_letters")) == sorted(
        HOSTILE
    )


def test_vectors_of_any_item_are_stored(writer, job_dsn):
    with psycopg.connect(job_dsn, autocommit=True) as owner:
        assert add_space(owner, dim=len(EAST)) == 1

    class Row:
        def __init__(self, item_id: str) -> None:
            self.item_id, self.epoch, self.version, self.vector = (
                item_id,
                1,
                1,
                half(EAST).tobytes(),
            )

    with writer.transaction():
        write_vector_batch(
            writer, VectorBatch(1, 1, 0, [Row(name) for name in HOSTILE], Progress())
        )
    found = column(writer, "SELECT item_id FROM interestream.item_vectors")
    assert sorted(found) == sorted(HOSTILE)


def test_users_of_any_name_are_written_and_forgotten(writer):
    count = len(HOSTILE)
    user_items = UserItemRows(
        user_id=list(HOSTILE),
        item_id=list(HOSTILE),
        actions=np.ones(count, np.int64),
        first_ms=np.ones(count, np.int64),
        last_ms=np.ones(count, np.int64),
        signal=np.ones(count),
        signal_ms=np.ones(count, np.int64),
        signal_key=np.ones(count, np.int64),
    )
    all_users = np.arange(count)
    rows = window("recent", dict.fromkeys(range(count), EAST))
    written = replace(
        folded([1] * count, [rows], written_users=all_users.tolist()),
        interests=interests([[(name, 1.0, 1)] for name in HOSTILE]),
    )
    with writer.transaction():
        write_user_batch(writer, UserBatch(1, 1, 0, list(HOSTILE), written, user_items))
    for table in ("user_items", "user_windows", "users"):
        query = f"SELECT user_id FROM interestream.{table}"
        assert sorted(column(writer, query)) == sorted(HOSTILE)
    medoids = column(writer, "SELECT interest_items[1] FROM interestream.users")
    assert sorted(medoids) == sorted(HOSTILE)
    deletion = folded(
        [2] * count, [window("recent", {}, deleted=all_users.tolist())], written_users=[]
    )
    with writer.transaction():
        write_user_batch(writer, UserBatch(1, 1, 0, list(HOSTILE), deletion))
    assert column(writer, "SELECT user_id FROM interestream.user_windows") == []
    for name in HOSTILE:
        with writer.transaction():
            write_user_batch(writer, UserBatch(1, 1, 0, (), opted_out=[name], forgotten=[name]))
        assert name not in column(writer, "SELECT user_id FROM interestream.user_items")
    assert column(writer, "SELECT user_id FROM interestream.user_items") == []
