"""space_coverage(): how much of the active space another one has."""

import psycopg
import pytest

from tests.sql.builders import add_item, add_space, add_vector, seeded, set_window


def coverage(db, space):
    return db.execute("SELECT * FROM interestream.space_coverage(%s)", [space]).fetchone()


def progress(db, space, stream, bucket, records):
    db.execute(
        "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
        " duplicates, dead_letters, waiting, applied, excluded)"
        " VALUES (%s, %s, %s, 1, %s, 0, 0, 0, 0, 0)",
        [space, stream, bucket, records],
    )


def test_an_item_or_user_counts_when_both_spaces_have_a_vector(shop):
    second = add_space(shop, dim=4, sha256="bb")
    for number, vector in enumerate(seeded(5)):
        add_item(shop, f"i{number}", vector)
    for number in (1, 2, 3):
        add_vector(shop, f"i{number}", seeded(5, dim=4)[number], space=second)
    add_item(shop, "only in the second", seeded(1, dim=4)[0], space=second)
    for user in ("ann", "bob"):
        for kind in ("recent", "day"):
            set_window(shop, user, kind, seeded(1)[0])
    set_window(shop, "bob", "recent", seeded(1, dim=4)[0], space=second)
    assert coverage(shop, second) == (5, 3, 2, 1, 0, 0)


def test_a_stream_that_is_ahead_does_not_make_up_for_one_that_is_behind(shop):
    second = add_space(shop, sha256="bb")
    progress(shop, 1, "events", 0, 70)
    progress(shop, 1, "events", 1, 30)
    progress(shop, 1, "items", 0, 20)
    progress(shop, 1, "vectors", 0, 1_000)
    progress(shop, second, "events", 0, 60)
    progress(shop, second, "items", 0, 25)
    *_, records, behind = coverage(shop, second)
    assert (records, behind) == (120, 40)


def test_an_unknown_space_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.UndefinedObject, match="no embedding space 99"):
        coverage(shop, 99)
