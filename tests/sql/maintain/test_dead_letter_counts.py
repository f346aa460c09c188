"""dead_letter_counts(): how many records were refused and why, without a record."""

from datetime import UTC, datetime

from tests.sql.maintain.builders import add_letter

COUNTS = "SELECT * FROM interestream.dead_letter_counts()"


def test_nothing_is_there(shop):
    assert shop.execute(COUNTS).fetchall() == []


def test_a_reader_sees_what_is_there_and_what_was_removed(shop):
    for seq in range(5):
        add_letter(shop, seq, seq)
    shop.execute(
        "INSERT INTO interestream.removed_dead_letters VALUES (1, 'items', 'not_json', 4, %s)",
        [datetime(2026, 1, 1, tzinfo=UTC)],
    )
    before = "clock_timestamp() - interval '60 hours'"
    assert shop.execute(f"SELECT interestream.remove_dead_letters({before}, 10)").fetchone() == (2,)
    shop.execute("SET LOCAL ROLE interestream_reader")
    assert shop.execute(COUNTS).fetchall() == [
        (1, "events", "bad_time", 3, 2),
        (1, "items", "not_json", 0, 4),
    ]
