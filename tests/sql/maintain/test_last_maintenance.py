"""last_maintenance(): what a monitoring system may know, without a record."""

from datetime import timedelta

from tests.sql.maintain.builders import add_letter

LAST = "SELECT now() - ran_at, now() - oldest_letter_at FROM interestream.last_maintenance()"


def test_nothing_ran_and_nothing_is_there(shop):
    assert shop.execute(LAST).fetchone() == (None, None)


def test_a_reader_sees_the_ages_of_the_last_run_and_the_oldest_letter(shop):
    add_letter(shop, 0, 5)
    add_letter(shop, 1, 7)
    shop.execute(
        "INSERT INTO interestream.maintenance VALUES"
        " ('dead letters', now() - interval '3 days', 1),"
        " ('spaces', now() - interval '2 days', 0)"
    )
    shop.execute("SET LOCAL ROLE interestream_reader")
    assert shop.execute(LAST).fetchone() == (timedelta(days=2), timedelta(days=7))
