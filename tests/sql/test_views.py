"""The views of the active space: their documented keys are unique, and SQLAlchemy maps them."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import pytest
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Column, Engine, MetaData, Table, Text, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.sql.builders import (
    NOON,
    add_actions,
    add_item,
    add_space,
    add_vector,
    seeded,
    set_interests,
    set_window,
)
from tests.sql.logins import login

KEYS = {
    "active_items": ["item_id"],
    "active_users": ["user_id"],
    "active_user_windows": ["user_id", "kind"],
    "active_user_interests": ["user_id", "rank"],
}


@pytest.fixture
def engine(dsn: str) -> Iterator[Engine]:
    """Two spaces with rows of the same users and items, the first one active; as a reader."""
    with psycopg.connect(dsn) as db:
        add_actions(db)
        spaces = [add_space(db), add_space(db, dim=4, sha256="bb")]
        vectors = seeded(6)
        for number in range(6):
            add_item(db, f"i{number}", vectors[number], title=f"Title {number}")
            if number % 2:
                add_vector(db, f"i{number}", seeded(6, dim=4)[number], space=spaces[1])
        add_item(db, "not encoded yet")
        for space, dim in zip(spaces, (8, 4), strict=True):
            for user in ("ada", "bob"):
                set_interests(db, user, [f"i{space}", "i3"], [0.7, 0.3], space=space)
                for kind, vector in zip(("recent", "dislikes"), seeded(2, dim), strict=True):
                    set_window(db, user, kind, vector, space=space, weight=float(space))
    with login(dsn, "interestream_reader") as reader:
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(reader))
        yield engine
        engine.dispose()


def reflected(engine: Engine, view: str) -> Table:
    """The view as the database describes it; only the key has to be told."""
    keys = [Column(name, Text, primary_key=True) for name in KEYS[view]]
    return Table(view, MetaData(), *keys, schema="interestream", autoload_with=engine)


@pytest.mark.parametrize("view", KEYS)
def test_a_view_is_reflected_and_mapped_with_its_key(engine, view):
    class Base(DeclarativeBase):
        pass

    mapped = type("Mapped", (Base,), {"__table__": reflected(engine, view)})
    with Session(engine) as session:
        rows: Sequence[Any] = session.scalars(select(mapped)).all()
        assert rows
        # Each row is itself under its key: no two rows share one.
        keys = [tuple(getattr(row, name) for name in KEYS[view]) for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(session.get(mapped, key) is row for key, row in zip(keys, rows, strict=True))
        assert {row.space_id for row in rows} == {1}


class Base(DeclarativeBase):
    """Views of the schema, written by hand."""


class Window(Base):
    """A window of a user."""

    __tablename__ = "active_user_windows"
    __table_args__ = ({"schema": "interestream"},)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    weight: Mapped[float]
    as_of: Mapped[datetime]
    embedding: Mapped[Any] = mapped_column(HALFVEC(8))


def test_a_view_is_mapped_by_hand(engine):
    with Session(engine) as session:
        window = session.get(Window, ("ada", "recent"))
        assert window is not None
        assert window.as_of == NOON
        np.testing.assert_array_equal(np.array(window.embedding, np.float32), seeded(2)[0])
        found = session.scalars(
            select(Window.kind).where(Window.user_id == "bob").order_by(Window.kind)
        ).all()
    assert found == ["dislikes", "recent"]


def test_views_follow_the_active_space(engine, dsn):
    items = reflected(engine, "active_items")
    interests = reflected(engine, "active_user_interests")
    everybody = select(interests.c.item_id, interests.c.rank).where(interests.c.user_id == "ada")
    with engine.connect() as connection:
        ids = connection.scalars(select(items.c.item_id)).all()
        assert sorted(ids) == [f"i{number}" for number in range(6)]
        assert sorted(connection.execute(everybody).all()) == [("i1", 1), ("i3", 2)]
    with psycopg.connect(dsn) as owner:
        owner.execute("SELECT interestream.activate_space(2)")
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(items.c.item_id)).all()) == ["i1", "i3", "i5"]
        assert sorted(connection.execute(everybody).all()) == [("i2", 1), ("i3", 2)]
        assert set(connection.scalars(select(items.c.space_id)).all()) == {2}


@pytest.mark.parametrize("view", KEYS)
def test_a_views_comment_names_its_key(db, view):
    (comment,) = db.execute(
        "SELECT obj_description(%s::regclass, 'pg_class')", [f"interestream.{view}"]
    ).fetchone()
    (named,) = re.findall(r"Unique key: ([a-z_, ]+)\.", comment)
    assert named.split(", ") == KEYS[view]


def test_every_view_of_a_reader_is_tested_here_and_asks_with_the_callers_rights(db):
    rows = db.execute(
        "SELECT relname, reloptions FROM pg_class"
        " WHERE relnamespace = 'interestream'::regnamespace AND relkind = 'v'"
    ).fetchall()
    # No reader sees dead letters; their view is tested with the two jobs that write them.
    assert {name for name, _ in rows} - {"active_dead_letters"} == set(KEYS)
    assert all("security_invoker=true" in options for _, options in rows)
