"""set_shares(): shares change while an experiment runs, and few users with them."""

import psycopg
import pytest

from tests.sql.experiments import start, variant_of

USERS = [f"user{n}" for n in range(400)]


def shares(db, given):
    return db.execute("SELECT interestream.set_shares(%s)", [given]).fetchone()[0]


def test_who_has_a_variant_keeps_it_while_shares_grow(shop):
    start(shop, {"variant": "plain", "share": 0.1}, {"variant": "bold", "share": 0.1})
    before = {user: variant_of(shop, user) for user in USERS}
    assert shares(shop, '{"bold": 0.5, "plain": 0.3}') == pytest.approx(0.8)
    after = {user: variant_of(shop, user) for user in USERS}
    assert all(after[user] == own for user, own in before.items() if own is not None)
    assert sum(own is None for own in after.values()) < 0.3 * len(USERS)


def test_a_variant_that_is_not_named_keeps_its_share(shop):
    start(shop)
    before = {user: variant_of(shop, user) for user in USERS}
    assert shares(shop, '{"bold": 0}') == 0.5
    after = {user: variant_of(shop, user) for user in USERS}
    assert after == {user: own if own == "plain" else None for user, own in before.items()}


def test_each_change_is_a_period_of_its_own(shop):
    start(shop)
    shares(shop, '{"bold": 0.2}')
    rows = shop.execute(
        "SELECT variant, share FROM interestream.experiment_shares ORDER BY since, variant"
    ).fetchall()
    assert rows == [("bold", 0.5), ("plain", 0.5), ("bold", 0.2), ("plain", 0.5)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{"plain": 0.6}', "more than 1"),
        ('{"plain": 2}', "cannot be used"),
        ('{"plain": "1"}', "cannot be used"),
        ("[0.5]", "cannot be used"),
        (None, "cannot be used"),
    ],
)
def test_what_is_no_share_is_refused(shop, given, said):
    start(shop)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=said):
        shares(shop, given)


def test_an_unknown_variant_and_a_missing_experiment_are_errors(shop):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState), shop.transaction():
        shares(shop, '{"plain": 0.5}')
    start(shop)
    with pytest.raises(psycopg.errors.UndefinedObject, match="no variant other"):
        shares(shop, '{"other": 0.5}')
