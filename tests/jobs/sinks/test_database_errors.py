"""What a person is told when Postgres says no."""

import psycopg
import pytest

from jobs.runtime.processes import free_port
from jobs.sinks.database_errors import describe_error


def told(dsn: str, statement: str = "SELECT 1") -> str:
    with pytest.raises(psycopg.Error) as caught, psycopg.connect(dsn) as db:
        db.execute(statement.encode())
    said = describe_error(caught.value)
    assert "\n" not in said
    return said


def test_a_server_that_is_not_there():
    said = told(f"postgresql://postgres:secret@127.0.0.1:{free_port()}/postgres")
    assert said.startswith("Postgres cannot be reached (connection failed: connection to server")
    assert "secret" not in said


def test_a_connection_string_that_is_none_is_not_repeated():
    said = told("postgresql:/secret@nowhere")
    assert said == "the connection string cannot be read: check --dsn or INTERESTREAM_DSN"


def test_a_database_without_the_schema(empty_dsn):
    for statement in (
        "SELECT * FROM interestream.spaces",
        "SELECT interestream.trending()",
        "CREATE TABLE interestream.a ()",
    ):
        assert "run `interestream apply`" in told(empty_dsn, statement)


def test_a_server_that_refuses_is_not_one_that_is_not_there(dsn):
    assert told(dsn, "SELECT interestream.chosen_space(NULL)").startswith(
        "no embedding space is active. SELECT interestream.create_space(...)"
    )


def test_a_role_that_may_not(dsn):
    said = told(dsn, "SET ROLE interestream_reader; SELECT * FROM interestream.dead_letters")
    assert "permission denied for table dead_letters" in said
    assert "interestream_writer" in said


def test_an_error_of_a_function_comes_with_its_hint(dsn):
    said = told(dsn, "SELECT interestream.recommend(NULL)")
    assert "a recommendation needs a user. For nobody in particular ask" in said
