"""Errors of Postgres as sentences for the person at the terminal."""

import psycopg
import pytest

from jobs.runtime.processes import free_port
from jobs.sinks.database_errors import describe_error


def described(dsn: str, statement: str = "SELECT 1") -> str:
    with pytest.raises(psycopg.Error) as caught, psycopg.connect(dsn) as db:
        db.execute(statement.encode())
    message = describe_error(caught.value)
    assert "\n" not in message
    return message


def test_a_missing_server_cannot_be_reached():
    message = described(f"postgresql://postgres:secret@127.0.0.1:{free_port()}/postgres")
    assert message.startswith("Postgres cannot be reached (connection failed: connection to server")
    assert "secret" not in message


def test_an_invalid_connection_string_is_not_repeated():
    message = described("postgresql:/secret@nowhere")
    assert message == "the connection string cannot be read: check --dsn or INTERESTREAM_DSN"


def test_a_database_without_the_schema_needs_apply(empty_dsn):
    for statement in (
        "SELECT * FROM interestream.spaces",
        "SELECT interestream.trending()",
        "CREATE TABLE interestream.a ()",
    ):
        assert "run `interestream apply`" in described(empty_dsn, statement)


def test_what_the_server_itself_lacks_is_not_mended_by_apply(dsn):
    message = described(dsn, "SELECT any_valeu(1)")
    assert "any_valeu(integer) does not exist" in message
    assert "interestream doctor" in message
    assert "interestream apply" not in message


def test_a_lost_prepared_statement_means_a_pooler(dsn):
    message = described(dsn, "PREPARE a AS SELECT 1; PREPARE a AS SELECT 1")
    assert "a pooler in transaction mode stands before Postgres" in message
    assert "a pooler in transaction mode" in described(dsn, "EXECUTE b")


def test_an_error_of_the_server_is_not_a_missing_server(dsn):
    assert described(dsn, "SELECT interestream.chosen_space(NULL)").startswith(
        "no embedding space is active. SELECT interestream.create_space(...)"
    )


def test_missing_privileges_name_the_roles(dsn):
    message = described(
        dsn, "SET ROLE interestream_reader; SELECT * FROM interestream.dead_letters"
    )
    assert "permission denied for table dead_letters" in message
    assert "interestream_writer" in message


def test_an_error_of_a_function_includes_its_hint(dsn):
    message = described(dsn, "SELECT interestream.recommend(NULL)")
    assert "a recommendation needs a user. Without a user, call" in message
