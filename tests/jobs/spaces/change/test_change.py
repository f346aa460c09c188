"""Changing the model: what is waited for, and what stops the switch."""

import io
import threading
import time

import psycopg
import pytest
from rich.console import Console

from jobs.spaces.change.change import Checked, Demands, check_space, space_of_bundle, wait_caught_up
from jobs.spaces.change.coverage import Coverage
from jobs.spaces.change.overlap import Overlap, recommended_overlap
from jobs.spaces.change.screen import screen
from tests.sql.builders import add_actions, add_item, add_space, add_vector, seeded, set_window


@pytest.fixture
def two_spaces(dsn):
    """Six items and two users in space 1, four items and one user in space 2; 1 is active."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_actions(db)
        first, second = add_space(db), add_space(db, dim=4, sha256="bb")
        for number, vector in enumerate(seeded(6)):
            add_item(db, f"i{number}", vector, space=first)
        for number, vector in enumerate(seeded(4, dim=4)):
            add_vector(db, f"i{number}", vector, space=second)
        for user in ("ann", "bob"):
            set_window(db, user, "recent", seeded(1)[0], space=first)
        set_window(db, "ann", "recent", seeded(1, dim=4)[0], space=second)
        read(db, 1, 10)
        yield db


def read(db, space, records):
    db.execute(
        "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
        " duplicates, dead_letters, waiting, applied, excluded)"
        " VALUES (%s, 'events', 0, 1, %s, 0, 0, 0, 0, 0) ON CONFLICT (space_id, stream, bucket)"
        " DO UPDATE SET records_in = excluded.records_in",
        [space, records],
    )


def test_a_space_that_lacks_items_and_users_is_refused_with_both_numbers(two_spaces):
    checked = check_space(two_spaces, 2, Demands())
    assert len(checked.refused) == 2
    assert "4 of 6 items" in checked.refused[0]
    assert "1 of 2 users" in checked.refused[1]


def test_an_overlap_below_what_is_demanded_is_refused(two_spaces):
    lists = [{f"i{n}" for n in range(6)}] * 2  # ... of six items all are recommended in space 1.
    overlap = recommended_overlap(two_spaces, 1, 2, users=10)
    assert overlap is not None
    assert overlap.users == 2
    # ... and in space 2, too: those without a vector come as new ones.
    assert overlap.mean == len(lists[0] & lists[1]) / 6
    enough = Demands(items=0, users=0, overlap=1.0)
    assert check_space(two_spaces, 2, enough).refused == ()
    shorter = recommended_overlap(two_spaces, 1, 2, users=10, k=2)
    assert shorter is not None
    asked = [
        {
            row[0]
            for row in two_spaces.execute(
                "SELECT item_id FROM interestream.recommend(%s, 2, p_space => %s)", [user, space]
            )
        }
        for user in ("ann", "bob")
        for space in (1, 2)
    ]
    by_hand = (len(asked[0] & asked[1]) / 2 + len(asked[2] & asked[3]) / 2) / 2
    assert shorter.mean == by_hand


def test_waiting_ends_when_the_records_are_read_and_not_before(two_spaces, dsn):
    seen: list[Coverage] = []
    demands = Demands(items=0, users=0, behind_s=0.2)

    def catch_up():
        with psycopg.connect(dsn, autocommit=True) as job:
            for records in (3, 7, 10):
                time.sleep(0.5)
                read(job, 2, records)

    job = threading.Thread(target=catch_up)
    job.start()
    wait_caught_up(two_spaces, 2, demands, on_coverage=seen.append, poll_s=0.05)
    job.join()
    assert seen[0].records_behind == 10
    assert seen[-1].records_behind == 0


def test_coverage_that_stands_still_is_not_waited_for_for_ever(two_spaces):
    read(two_spaces, 2, 10)
    demands = Demands(behind_s=0.1, patience_s=0.3)
    coverage = wait_caught_up(two_spaces, 2, demands, on_coverage=lambda _: None, poll_s=0.05)
    assert (coverage.items_covered, coverage.items) == (4, 6)


def test_a_change_that_was_begun_is_gone_on_with(two_spaces):
    assert space_of_bundle(two_spaces, "bb") == 2
    assert space_of_bundle(two_spaces, "aa") is None


def test_without_a_terminal_the_standing_is_told_now_and_then_and_the_check_in_full():
    printed = io.StringIO()
    found = Coverage(200, 150, 40, 31, 3000, 1200)
    with screen(Console(file=printed, width=40), as_json=False) as shown:
        for _ in range(3):
            shown.coverage(2, found)
        shown.checked(2, Checked(found, Overlap(31, 10, 0.25), ("too few",)))
    assert printed.getvalue().splitlines() == [
        "space 2: 1,200 of 3,000 records to read; 150 of 200 items and 31 of 40 users"
        " have a vector",
        "check of space 2: 1,200 of 3,000 records to read; 150 of 200 items and 31 of 40 users"
        " have a vector",
        "overlap@10 of recommend() with the active space: 0.250 over 31 users",
        "not enough: too few",
    ]
