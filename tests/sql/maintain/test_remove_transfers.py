"""remove_transfers(): what no run of the job reads any more, where there is such a table."""

import pytest

REMOVE = "SELECT interestream.remove_transfers(now() - interval '1 day', %s, %s)"


@pytest.fixture
def transfers(shop):
    """Rows of two runs of space 1 (the newer one has the submission 20), all but one two days old,
    and one of a space that is gone."""
    for number, (space, submitted, attempt, taken, days) in enumerate(
        [
            (1, 10, 3, False, 2),  # of an older submission
            (1, 20, 0, False, 2),  # of an older attempt
            (1, 20, 1, True, 2),
            (1, 20, 1, False, 2),  # still to be taken
            (1, 20, 1, True, 0.5),  # too new
            (9, 20, 0, False, 2),  # of a space that is gone
        ]
    ):
        shop.execute(
            "INSERT INTO interestream.transfers (space_id, submitted, attempt, from_bucket, number,"
            " to_bucket, content, taken, sent_at)"
            " VALUES (%s, %s, %s, 0, %s, 1, 'x', %s, now() - %s * interval '1 day')",
            [space, submitted, attempt, number, taken, days],
        )
    return shop


def test_only_rows_that_a_run_may_still_read_stay(transfers):
    assert transfers.execute(REMOVE, [100, True]).fetchone() == (4,)
    assert transfers.execute(REMOVE, [3, False]).fetchone() == (3,)
    assert transfers.execute(REMOVE, [3, False]).fetchone() == (1,)
    rows = transfers.execute("SELECT number FROM interestream.transfers ORDER BY 1").fetchall()
    assert rows == [(3,), (4,)]


def test_without_the_table_there_is_nothing_to_remove(shop):
    shop.execute("DROP TABLE interestream.transfers")
    assert shop.execute(REMOVE, [10, False]).fetchone() == (0,)
