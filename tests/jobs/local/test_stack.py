"""The working folder of the embedded system."""

import psycopg
import pytest

from jobs.local.postgres import AlreadyRunningError, ServerGoneError, stop
from jobs.local.stack import fresh_postgres


def test_a_folder_with_a_running_server_is_refused_and_unchanged(tmp_path):
    with fresh_postgres(tmp_path / "postgres") as server:
        with (
            pytest.raises(AlreadyRunningError, match=rf"in use.*process {server.pid}"),
            fresh_postgres(tmp_path / "postgres"),
        ):
            pass
        with psycopg.connect(server.dsn) as db:
            assert db.execute("SELECT count(*) FROM interestream.spaces").fetchone() == (0,)


def test_the_error_for_a_server_that_stops_in_use_ends_with_its_log(tmp_path):
    def use() -> None:
        with (
            fresh_postgres(tmp_path / "postgres") as server,
            psycopg.connect(server.dsn, autocommit=True) as db,
        ):
            stop(server.data_dir)
            db.execute("SELECT 1")

    with pytest.raises(ServerGoneError, match="database system is shut down"):
        use()


def test_a_folder_whose_first_start_was_interrupted_is_replaced(tmp_path):
    half = tmp_path / "postgres"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    (half / "base").mkdir()
    with fresh_postgres(half) as server, psycopg.connect(server.dsn) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
