"""job_status(): counters added up over buckets."""

from tests.sql.builders import NOON, add_space, hours_ago

INSERT = "INSERT INTO interestream.job_progress VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s)"


def test_counters_add_up_per_stream_of_the_active_space(shop):
    other = add_space(shop, sha256="bb")
    shop.execute(INSERT, [1, "events", 0, 10, 1, 2, 3, 4, 5, NOON])
    shop.execute(INSERT, [1, "events", 1, 100, 10, 20, 30, 40, 50, hours_ago(1)])
    shop.execute(INSERT, [1, "items", 0, 7, 0, 0, 0, 7, 0, NOON])
    shop.execute(INSERT, [other, "events", 0, 1000, 0, 0, 0, 0, 0, NOON])
    rows = shop.execute(
        """
        SELECT space_id, stream, buckets, records_in, duplicates, dead_letters, waiting, applied,
            excluded, newest_commit, oldest_commit
        FROM interestream.job_status()
        """
    ).fetchall()
    assert rows == [
        (1, "events", 2, 110, 11, 22, 33, 44, 55, NOON, hours_ago(1)),
        (1, "items", 1, 7, 0, 0, 0, 7, 0, NOON, NOON),
    ]
    assert len(shop.execute("SELECT * FROM interestream.job_status(%s)", [other]).fetchall()) == 1


def test_events_on_their_way_between_buckets_are_waiting(shop):
    shop.execute(INSERT, [1, "events", 0, 10, 1, 2, 3, 0, 0, NOON])
    shop.execute(INSERT, [1, "events", 1, 0, 0, 0, 0, 3, 0, NOON])
    shop.execute("UPDATE interestream.job_progress SET moved = 4 - 7 * bucket")
    found = shop.execute("SELECT records_in, waiting, applied FROM interestream.job_status()")
    # Of the 4 events that bucket 0 handed over, bucket 1 has taken 3.
    assert found.fetchall() == [(10, 4, 3)]


def test_a_job_that_never_ran_has_no_rows(shop):
    assert shop.execute("SELECT * FROM interestream.job_status()").fetchall() == []
