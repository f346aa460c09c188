"""experiment_outcomes(): who was shown what with which variant, and what came of it."""

from datetime import timedelta

import pytest

from tests.sql.builders import ACTIONS
from tests.sql.experiments import PLAIN, show, start, variant_of

MINUTE = timedelta(minutes=1)


def outcomes(db, more=""):
    rows = db.execute(
        "SELECT user_id, number, period, exposures, successes"
        f" FROM interestream.experiment_outcomes('trial'{more}) ORDER BY user_id, period".encode()
    )
    return rows.fetchall()


def end(db, at):
    db.execute("SELECT interestream.end_experiment()")
    db.execute("UPDATE interestream.experiments SET ended_at = %s", [at])


def act(db, item, action, at):
    """What the job writes once ann does something with an item, or is shown it."""
    bit, weight, sign, _ = ACTIONS[action]
    db.execute(
        "UPDATE interestream.user_items SET actions = actions | %s, last_at = %s"
        " WHERE item_id = %s",
        [1 << bit, at, item],
    )
    if weight:
        db.execute(
            "UPDATE interestream.user_items SET signal = %s, signal_at = %s WHERE item_id = %s",
            [weight * sign, at, item],
        )


def number_of(db, user):
    return ["plain", "other"].index(variant_of(db, user) or "") + 1


@pytest.fixture
def started(shop):
    return start(shop, PLAIN, {"variant": "other", "share": 0.5})


def test_items_that_were_shown_are_counted_with_those_that_were_clicked(shop, started):
    show(shop, "ann", ["i1", "i2", "i3"], started + MINUTE, clicked=2)
    show(shop, "bob", ["i1"], started + MINUTE)
    assert outcomes(shop) == [
        ("ann", number_of(shop, "ann"), 1, 3, 2),
        ("bob", number_of(shop, "bob"), 1, 1, 0),
    ]
    assert [row[3:] for row in outcomes(shop, ", p_per_user => true")] == [(1, 2), (1, 0)]


def test_what_was_shown_before_the_start_or_after_the_end_is_not_counted(shop, started):
    show(shop, "ann", ["i1"], started - 5 * MINUTE, clicked=1)
    end(shop, started + 4 * MINUTE)
    show(shop, "bob", ["i1"], started + 5 * MINUTE, clicked=1)
    assert outcomes(shop) == []


@pytest.mark.parametrize("more", ["", ", 'view'", ", p_per_user => true"])
def test_what_is_done_after_the_end_is_no_success(shop, started, more):
    show(shop, "ann", ["i1", "i2"], started + MINUTE, clicked=1)
    show(shop, "bob", ["i1", "i2"], started + 3 * MINUTE, clicked=2)
    end(shop, started + 3 * MINUTE + MINUTE / 2)
    assert [row[4] for row in outcomes(shop, more)] == [1, 0]


@pytest.mark.parametrize("more", ["", ", 'like'"])
def test_an_impression_makes_no_success_of_what_was_liked_before(shop, started, more):
    show(shop, "ann", ["i1"], started + 5 * MINUTE, clicked=1)
    shop.execute("UPDATE interestream.user_items SET first_at = %s", [started - MINUTE])
    act(shop, "i1", "like", started - MINUTE)
    act(shop, "i1", "impression", started + 5 * MINUTE)
    assert [row[3:] for row in outcomes(shop, more)] == [(1, 0)]
    act(shop, "i1", "like", started + 6 * MINUTE)
    assert [row[3:] for row in outcomes(shop, more)] == [(1, 1)]


def test_an_impression_after_the_end_hides_no_success(shop, started):
    show(shop, "ann", ["i1"], started + MINUTE, clicked=1)
    end(shop, started + 4 * MINUTE)
    act(shop, "i1", "impression", started + 9 * MINUTE)
    assert [row[3:] for row in outcomes(shop)] == [(1, 1)]


def test_an_item_that_is_disliked_at_last_is_no_success(shop, started):
    show(shop, "ann", ["i1"], started + MINUTE, clicked=1)
    act(shop, "i1", "dislike", started + 3 * MINUTE)
    assert [row[4] for row in outcomes(shop)] == [0]
    assert [row[4] for row in outcomes(shop, ", 'dislike'")] == [1]


def test_an_item_shown_again_counts_once_and_a_click_before_it_was_shown_does_not(shop, started):
    show(shop, "ann", ["i1"], started + MINUTE, clicked=1)
    shop.execute(
        "UPDATE interestream.shown_items SET shown_at = ARRAY[%s, %s]::timestamptz[]",
        [started + 9 * MINUTE, started + MINUTE],
    )
    assert [row[3:] for row in outcomes(shop)] == [(1, 1)]
    shop.execute("UPDATE interestream.user_items SET signal_at = %s", [started])
    assert [row[3:] for row in outcomes(shop)] == [(1, 0)]


def test_an_action_may_be_chosen(shop, started):
    show(shop, "ann", ["i1", "i2"], started + MINUTE, clicked=2)
    shop.execute("UPDATE interestream.user_items SET actions = 4 WHERE item_id = 'i2'")  # like
    assert [row[4] for row in outcomes(shop)] == [2]
    assert [row[4] for row in outcomes(shop, ", 'like'")] == [1]
    assert [row[4] for row in outcomes(shop, ", 'dislike'")] == [0]


def test_a_change_of_shares_begins_a_period(shop, started):
    user = next(f"u{n}" for n in range(99) if variant_of(shop, f"u{n}") == "other")
    shop.execute("""SELECT interestream.set_shares('{"other": 0, "plain": 1}')""")
    shop.execute(
        "UPDATE interestream.experiment_shares SET since = %s WHERE since > %s",
        [started + 10 * MINUTE, started],
    )
    show(shop, user, ["i1"], started + MINUTE)
    show(shop, user, ["i2", "i3"], started + 11 * MINUTE, clicked=1)
    assert outcomes(shop) == [(user, 2, 1, 1, 0), (user, 1, 2, 2, 1)]
