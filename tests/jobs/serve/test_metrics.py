"""`/metrics` against rows of a real Postgres: values, rights, outages, slow statements, poolers."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from jobs.local.postgres import start, stop
from jobs.serve.catalogue import READINGS
from jobs.serve.own_metrics import OWN_METRICS
from jobs.serve_settings import Serve
from sql.apply import apply
from tests.jobs.serve.served import serving
from tests.sql.builders import add_actions, add_items, add_space, seeded, set_interests
from tests.sql.logins import login
from tests.sql.maintain.builders import add_letter

PROGRESS = (
    "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
    " duplicates, dead_letters, waiting, moved, applied, excluded, committed_at)"
    " VALUES (%s, %s, %s, 1, %s, 2, 3, 4, 1, 5, 6, to_timestamp(1767225600))"
)


@pytest.fixture
def filled(dsn: str) -> str:
    """A database in which every statement finds a row."""
    with psycopg.connect(dsn) as db:
        add_actions(db)
        add_space(db)
        other = add_space(db, sha256="bb", index=False)
        add_items(db, seeded(20))
        set_interests(db, "ann", ["i1"])
        set_interests(db, "bob", ["i1"])
        for bucket in (0, 1):
            db.execute(PROGRESS, (1, "events", bucket, 100))
        db.execute(PROGRESS, (other, "items", 0, 7))
        for seq in range(3):
            add_letter(db, seq, 1)
        add_letter(db, 9, 1, reason="not_json", user="ann")
        db.execute(
            "INSERT INTO interestream.removed_dead_letters"
            " VALUES (1, 'events', 'bad_time', 40, now())"
        )
        db.execute(
            "INSERT INTO interestream.maintenance VALUES"
            " ('dead letters', to_timestamp(1767225600), 12)"
        )
        db.execute("INSERT INTO interestream.learning VALUES (1, 'few', 10, 8, 6)")
        db.execute(
            "INSERT INTO interestream.user_items VALUES"
            " ('ann', 'i1', 2, now(), to_timestamp(1767225600), 1, now(), 1)"
        )
        db.execute(
            "INSERT INTO interestream.trend_windows VALUES (1, 'day', '1 day', 'week',"
            " to_timestamp(1767139200), to_timestamp(1767225600), to_timestamp(1767225500), 77,"
            " 1, 1, to_timestamp(1767225601))"
        )
    return dsn


def test_every_metric_has_the_value_that_the_rows_have(filled, tmp_path):
    with (
        login(filled, "interestream_reader") as dsn,
        serving(dsn, folders=tmp_path) as served,
    ):
        served.get("health")
        found = {each.name for each in served.samples()}
        of_tables = {metric.name for reading in READINGS for metric in reading.metrics}
        assert of_tables <= found
        # Those of topics need a broker.
        own = {metric.name for metric in OWN_METRICS} - {
            "interestream_lag_seconds",
            "interestream_unread_records",
        }
        assert own <= found
        assert set(served.values("reading_failed").values()) == {0}
        assert served.values("space_info") == {
            ("mini@1", "8", "1", "active"): 1,
            ("mini@1", "8", "2", "other"): 1,
        }
        assert served.values("records_in") == {("1", "events"): 200, ("2", "items"): 7}
        assert served.values("waiting") == {("1", "events"): 10, ("2", "items"): 5}
        assert served.values("commit_timestamp_seconds")["1", "events"] == 1767225600
        assert served.values("dead_letters_kept") == {
            ("bad_time", "1", "events"): 3,
            ("not_json", "1", "events"): 1,
        }
        assert served.values("dead_letters_written")["bad_time", "1", "events"] == 43
        assert served.values("items") == {(): 20}
        assert served.values("space_items") == {("1",): 20, ("2",): 0}
        assert served.values("space_users") == {("1",): 2, ("2",): 0}
        assert served.values("learning_found_ratio") == {("few", "1"): 0.75}
        assert ("few", "text", "1") in served.values("source_weight")
        assert served.values("trend_lag_seconds") == {("day", "1"): 100}
        assert served.values("maintain_removed") == {("dead letters",): 12}
        assert served.values("connections")[("interestream-serve",)] == 1
        assert served.values("table_bytes")[("item_vectors",)] > 20 * 16
        assert served.values("disk_bytes")[("streams",)] > 0
        assert served.values("check_state")[("commit",)] == 2
        assert served.values("up") == {(): 1}


def test_a_reader_may_run_every_statement_and_no_answer_holds_a_record(filled):
    with login(filled, "interestream_reader") as dsn, serving(dsn) as served:
        _, text = served.get("metrics")
        assert "interestream_reading_failed" in text
        assert '"ann"' not in text
        assert "raw 0" not in text


def test_what_a_role_may_not_read_is_missing_and_told(filled):
    with login(filled, "pg_monitor") as dsn, serving(dsn) as served:
        assert served.values("up") == {(): 1}
        failed = served.values("reading_failed")
        assert failed[("items",)] == 1
        assert failed[("connections",)] == 0
        assert served.values("items") == {}


def test_a_database_without_the_schema_is_up_and_its_statements_fail(empty_dsn):
    with serving(empty_dsn) as served:
        assert served.values("up") == {(): 1}
        assert served.values("reading_failed")[("progress",)] == 1
        assert served.get("health")[0] == 503


def test_a_database_that_is_away_is_a_number_and_no_error(tmp_path):
    server = start(tmp_path / "postgres")
    try:
        apply(server.dsn)
        with serving(server.dsn, Serve(cache_s=0, counts_s=0, pool_wait_s=0.5)) as served:
            assert served.values("up") == {(): 1}
            stop(server.data_dir)
            assert served.values("up") == {(): 0}
            names = {each.name for each in served.samples()}
            assert not names & {m.name for reading in READINGS for m in reading.metrics}
            assert served.get("live") == (200, '{"state":"ok"}')
            status, text = served.get("health")
            assert status == 503
            assert "Postgres cannot be reached" in text
            assert server.password not in text
            server = start(server.data_dir, port=server.port)
            deadline = time.monotonic() + 60
            while served.values("up") != {(): 1}:
                assert time.monotonic() < deadline
            assert served.values("connections_max")
    finally:
        stop(server.data_dir)


def test_a_statement_that_takes_too_long_is_cancelled_and_others_are_answered(filled):
    settings = Serve(cache_s=0, counts_s=0, statement_timeout_s=0.3)
    with (
        psycopg.connect(filled) as blocker,
        serving(filled, settings) as served,
    ):
        blocker.execute("LOCK TABLE interestream.users IN ACCESS EXCLUSIVE MODE")
        failed = served.values("reading_failed")
        assert failed[("users",)] == 1
        assert failed[("dead letters",)] == 0
        blocker.rollback()
        assert served.values("reading_failed")[("users",)] == 0


def test_a_scrape_whose_time_is_over_leaves_the_rest_out(filled):
    settings = Serve(cache_s=0, counts_s=0, statement_timeout_s=60, scrape_s=1)
    with (
        psycopg.connect(filled) as blocker,
        serving(filled, settings) as served,
    ):
        blocker.execute("LOCK TABLE interestream.job_progress IN ACCESS EXCLUSIVE MODE")
        failed = served.values("reading_failed")
        assert failed[("spaces",)] == 0
        assert failed[("progress",)] == 1
        assert failed[("dead letters",)] == 1
        blocker.rollback()


def test_many_who_ask_at_once_ask_postgres_once(filled):
    settings = Serve(cache_s=60, counts_s=60)
    with (
        psycopg.connect(filled, autocommit=True) as db,
        serving(filled, settings) as served,
        ThreadPoolExecutor(16) as threads,
    ):
        answers = list(threads.map(lambda _: served.get("metrics")[1], range(16)))
        seconds = {
            line for text in answers for line in text.splitlines() if "reading_seconds " in line
        }
        assert len([each for each in seconds if not each.startswith("#")]) == 1
        count = db.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'interestream-serve'"
            " AND datname = current_database()"
        ).fetchone()
        assert count == (1,)


def test_it_works_through_a_pooler_in_transaction_mode(filled, pooled):
    with serving(pooled(filled)) as served:
        for _ in range(8):
            assert set(served.values("reading_failed").values()) == {0}
        assert served.values("records_in")[("1", "events")] == 200
