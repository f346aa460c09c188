"""Least privilege: each role over a login of its own, against the whole list of what there is."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from jobs.core.progress import Progress
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.vector_rows import VectorBatch, write_vector_batch
from tests.sql.calls import READING, SUPPOSING, TASKS
from tests.sql.logins import login

WRITTEN_BY_THE_JOB = {
    "actions": "SELECT INSERT UPDATE",
    "items": "SELECT INSERT UPDATE",
    "item_vectors": "SELECT INSERT UPDATE",
    "job_progress": "SELECT INSERT UPDATE",
    "users": "SELECT INSERT UPDATE DELETE",
    "user_windows": "SELECT INSERT UPDATE DELETE",
    "user_items": "SELECT INSERT UPDATE DELETE",
    "user_topic_history": "SELECT DELETE",
    "shown_items": "SELECT INSERT UPDATE DELETE",
    "click_counts": "SELECT INSERT UPDATE DELETE",
    "dead_letters": "SELECT INSERT UPDATE DELETE",
    "transfers": "SELECT INSERT UPDATE DELETE",
    "spaces": "SELECT",
    "sentiment_prototypes": "SELECT INSERT UPDATE",
    "topics": "SELECT",
    "topic_vectors": "SELECT INSERT DELETE",
    "trend_windows": "SELECT INSERT UPDATE DELETE",
    "trends": "SELECT INSERT UPDATE DELETE",
    "item_neighbors": "SELECT INSERT UPDATE DELETE",
    "private_counts": "SELECT INSERT DELETE",
    "blend_weights": "SELECT",
    "score_weights": "SELECT",
    "source_weights": "SELECT",
    "frozen_weights": "SELECT",
    "repeat_rules": "SELECT",
    "buying_actions": "SELECT",
    "deleted_items": "SELECT",
    "removed_dead_letters": "SELECT",
    "learned_weights": "SELECT INSERT UPDATE",
    "learning": "SELECT INSERT UPDATE",
    "sequence_quality": "SELECT INSERT UPDATE",
}
EDITED_BY_PEOPLE = {
    "blend_weights": "SELECT INSERT UPDATE DELETE",
    "score_weights": "SELECT INSERT UPDATE DELETE",
    "source_weights": "SELECT INSERT UPDATE DELETE",
    "sentiment_prototypes": "SELECT INSERT UPDATE DELETE",
    "topics": "SELECT INSERT UPDATE DELETE",
    "topic_vectors": "SELECT INSERT UPDATE DELETE",
    "topic_settings": "SELECT INSERT UPDATE DELETE",
    "topic_titles": "SELECT INSERT UPDATE DELETE",
    "learned_weights": "SELECT DELETE",
    "learning": "SELECT DELETE",
    "frozen_weights": "SELECT INSERT DELETE",
    "repeat_rules": "SELECT INSERT UPDATE DELETE",
    "buying_actions": "SELECT INSERT UPDATE DELETE",
    "reason_texts": "SELECT INSERT UPDATE DELETE",
    "users": "SELECT DELETE",
    "user_windows": "SELECT DELETE",
    "user_items": "SELECT DELETE",
    "user_topic_history": "SELECT DELETE",
    "shown_items": "SELECT DELETE",
    "dead_letters": "SELECT DELETE",
    "maintenance": "SELECT INSERT UPDATE",
}
HIDDEN_FROM_READERS = {
    "dead_letters",
    "active_dead_letters",
    "transfers",
    "applied_migrations",
    "applied_functions",
    "deleted_items",
}
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture
def reader(filled: str) -> Iterator[psycopg.Connection]:
    with login(filled, "interestream_reader") as dsn, psycopg.connect(dsn, autocommit=True) as db:
        yield db


@pytest.fixture
def writer(filled: str) -> Iterator[psycopg.Connection]:
    with login(filled, "interestream_writer") as dsn, psycopg.connect(dsn, autocommit=True) as db:
        yield db


@pytest.fixture
def admin(filled: str) -> Iterator[psycopg.Connection]:
    with login(filled, "interestream_admin") as dsn, psycopg.connect(dsn, autocommit=True) as db:
        yield db


def tables(db: psycopg.Connection) -> list[str]:
    """Every table, partition and view of the schema."""
    rows = db.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'interestream'::regnamespace"
        " AND relkind IN ('r', 'p', 'v')"
    ).fetchall()
    return [name for (name,) in rows]


def rights(db: psycopg.Connection) -> dict[str, set[str]]:
    """What the connected user may do with each table."""
    return {
        table: {
            privilege
            for privilege in PRIVILEGES
            if db.execute(
                "SELECT has_table_privilege(%s, %s)", [f"interestream.{table}", privilege]
            ).fetchone()
            == (True,)
        }
        for table in tables(db)
    }


def callable_functions(db: psycopg.Connection) -> set[str]:
    rows = db.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'interestream'::regnamespace"
        " AND has_function_privilege(oid, 'EXECUTE')"
    ).fetchall()
    return {name for (name,) in rows}


def refused(db: psycopg.Connection, statement: str) -> bool:
    try:
        db.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_a_reader_reads_all_but_raw_records_and_writes_nothing(reader):
    for table, found in rights(reader).items():
        # A partition is read through its table.
        hidden = table in HIDDEN_FROM_READERS or table.startswith("item_vectors_")
        assert found == (set() if hidden else {"SELECT"}), table


def test_a_reader_calls_every_function_that_answers_and_no_other(reader):
    assert callable_functions(reader) == {*READING, *SUPPOSING}
    for name, arguments in {**READING, **SUPPOSING}.items():
        reader.execute(f"SELECT * FROM interestream.{name}({arguments})").fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT raw FROM interestream.dead_letters",
        "COPY interestream.dead_letters TO STDOUT",
        "SELECT interestream.forget_user('ann')",
        "SELECT interestream.delete_items('{i0}')",
        "UPDATE interestream.items SET title = 'mine'",
        "DELETE FROM interestream.user_items",
        "TRUNCATE interestream.users",
        "CREATE TABLE interestream.mine (a integer)",
        "CREATE FUNCTION interestream.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "SET ROLE interestream_admin",
    ],
)
def test_what_a_reader_must_not_do_is_refused(reader, statement):
    assert refused(reader, statement)


def test_a_writer_has_the_rights_that_the_job_uses_and_no_more(writer):
    for table, found in rights(writer).items():
        assert found == set(WRITTEN_BY_THE_JOB.get(table, "").split()), table
    assert callable_functions(writer) == {
        "candidates",
        "text_candidates",
        "sequence_candidates",
        "sequence_users",
        "chosen_space",
        "delete_items",
        "deleted_items_since",
        "forget_user",
        "horizon_factors",
        "group_key",
        "hold_space",
        "first_of_group",
        "seen_in_group",
        "item_type",
        "counts_as_seen",
        "has_repeat_rules",
        "seen_by_rules",
        "job_status",
        "last_liked",
        "nearest_items",
        "neighbor_items",
        "newest_interaction",
        "passes_filter",
        "popular_ids",
        "popular_items",
        "popularity",
        "ranking_sources",
        "ranking_weights",
        "seen_mask",
        "shown_often",
        "space_dim",
        "space_size",
        "user_blend",
        "walk_budget",
        "lock_groups",
        "settle_groups",
    }


def test_a_writer_writes_as_the_job_does(writer):
    """Every statement of the sinks is run by their own tests as this role; this is one of them."""
    register_halfvectors(writer)

    class Row:
        item_id, epoch, version = "i1", 9, 9
        vector = np.eye(8, dtype=np.float16)[0].tobytes()

    with writer.transaction():
        write_vector_batch(writer, VectorBatch(1, 9, 0, [Row()], Progress()))
    (version,) = writer.execute(
        "SELECT version FROM interestream.item_vectors WHERE item_id = 'i1'"
    ).fetchone()
    assert version == 9
    assert writer.execute("SELECT interestream.forget_user('ann')").fetchone() == (3,)
    assert writer.execute("SELECT interestream.delete_items('{i0}')").fetchone() == (2,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM interestream.recommend('ann')",
        "SELECT interestream.create_space('a', '1', 'cc', 1, '{0}')",
        "SELECT interestream.activate_space(1)",
        "SELECT interestream.drop_space(1)",
        "UPDATE interestream.spaces SET active = false",
        "UPDATE interestream.score_weights SET weight = 0",
        "DELETE FROM interestream.items",
        "DROP TABLE interestream.items",
    ],
)
def test_what_a_writer_must_not_do_is_refused(writer, statement):
    assert refused(writer, statement)


def test_an_admin_reads_everything_and_changes_what_people_change(admin):
    for table, found in rights(admin).items():
        allowed = set(EDITED_BY_PEOPLE.get(table, "SELECT").split())
        assert found == (set() if table.startswith("item_vectors_") else allowed), table


def test_an_admin_calls_everything(admin):
    assert callable_functions(admin) == {*READING, *SUPPOSING, *TASKS}
    for name, arguments in {**READING, **SUPPOSING, **TASKS}.items():
        admin.execute(f"SELECT * FROM interestream.{name}({arguments})").fetchall()


def test_an_admin_leaves_items_to_the_job(admin):
    assert refused(admin, "UPDATE interestream.items SET title = 'mine'")
    assert refused(admin, "INSERT INTO interestream.user_items VALUES ('a', 'b', 0, now(), now())")
    assert refused(admin, "UPDATE interestream.spaces SET active = true")


def test_somebody_without_a_role_sees_nothing(filled):
    with login(filled, "pg_monitor") as dsn, psycopg.connect(dsn, autocommit=True) as db:
        assert refused(db, "SELECT * FROM interestream.items")
        assert refused(db, "SELECT * FROM interestream.recommend('ann')")
