"""experiment_report(): lift, intervals, verdict and warnings."""

import math
from datetime import datetime, timedelta
from itertools import islice

import psycopg
import pytest

from tests.sql.experiments import PLAIN, show, start, variant_of

OTHER = {"variant": "other", "share": 0.5}
MINUTE = timedelta(minutes=1)
COLUMNS = "verdict, users, exposures, successes, rate, lift, low, high, low_once, high_once"


def report(db, columns=COLUMNS, more=""):
    return db.execute(
        f"SELECT {columns} FROM interestream.experiment_report({more})".encode()
    ).fetchall()


def users_of(db: psycopg.Connection, variant: str, count: int) -> list[str]:
    """Users with a variant, by name."""
    names = (f"user{n}" for n in range(10_000))
    return list(islice((user for user in names if variant_of(db, user) == variant), count))


def clicked(db: psycopg.Connection, started: datetime, plain: list[int], other: list[int]) -> None:
    """One user for each number, with ten shown items and so many clicks."""
    for variant, clicks in (("plain", plain), ("other", other)):
        for user, number in zip(users_of(db, variant, len(clicks)), clicks, strict=True):
            show(db, user, [f"i{n}" for n in range(10)], started + MINUTE, clicked=number)


def test_the_intervals_are_those_of_the_formulas(shop):
    started = start(shop, PLAIN, OTHER)
    clicked(shop, started, [2, 4] * 20, [1, 3] * 20)
    control, other = report(shop)
    assert control == ("control", 40, 400, 120, 0.3, None, None, None, None, None)
    # Clicks of a user are 3 (or 2) give or take 1, and all have ten items.
    variance = (1 / 9 / 40 + 1 / 4 / 40) * 80 / 79
    lift, se = math.log(2 / 3), math.sqrt(variance)
    tau2 = math.log(1.1) ** 2
    always = math.sqrt(
        variance * (1 + variance / tau2) * (math.log(1 + tau2 / variance) - 2 * math.log(0.05))
    )
    expected = [lift, lift - always, lift + always, lift - 1.959964 * se, lift + 1.959964 * se]
    assert other[:5] == ("worse", 40, 400, 80, 0.2)
    assert other[5:] == pytest.approx([math.exp(each) - 1 for each in expected])


def test_a_difference_by_one_look_alone_is_not_called_one_and_warned_of(shop):
    started = start(shop, PLAIN, OTHER)
    clicked(shop, started, [2, 4] * 10, [1, 3, 2] * 6 + [1, 3])
    _, (verdict, high_once, high, warnings) = report(shop, "verdict, high_once, high, warnings")
    assert high_once < 0 < high
    assert verdict == "no difference shown"
    assert "one look" in warnings[0]


def test_before_30_successes_of_each_it_is_too_early(shop):
    started = start(shop, PLAIN, OTHER)
    clicked(shop, started, [5] * 12, [1] * 29)
    _, other = report(shop, "verdict, lift, low")
    assert other == ("too early", pytest.approx(0.1 / 0.5 - 1), None)


def test_lost_impressions_are_a_mismatch_and_no_verdict(shop):
    started = start(shop, PLAIN, OTHER)
    clicked(shop, started, [2, 4] * 40, [6, 7] * 15)
    rows = report(shop, "verdict, mismatch, warnings")
    assert rows[0][1] == rows[1][1] == pytest.approx(1.8e-6, rel=0.1)  # 80 of 110, by hand
    assert rows[1][0] == "split mismatch"
    assert "not split as the shares say" in rows[1][2][0]


def test_users_who_changed_their_variant_are_warned_of(shop):
    started = start(shop, PLAIN, OTHER)
    (user,) = users_of(shop, "other", 1)
    show(shop, user, ["i1"], started + MINUTE)
    shop.execute("""SELECT interestream.set_shares('{"other": 0, "plain": 1}')""")
    shop.execute(
        "UPDATE interestream.experiment_shares SET since = %s WHERE since > %s",
        [started + 10 * MINUTE, started],
    )
    show(shop, user, ["i2"], started + 11 * MINUTE)
    assert "1 users had more than one variant" in report(shop, "warnings")[1][0][0]


def test_more_variants_have_wider_intervals(shop):
    started = start(shop, PLAIN, OTHER)
    clicked(shop, started, [2, 4] * 20, [1, 3] * 20)
    narrow = report(shop)[1]
    shop.execute("INSERT INTO interestream.experiment_variants VALUES ('trial', 'third', 3, '{}')")
    wide = report(shop)[1]
    assert wide[6] < narrow[6] < narrow[7] < wide[7]
    ratio = math.log((1 + wide[9]) / (1 + wide[8])) / math.log((1 + narrow[9]) / (1 + narrow[8]))
    assert ratio == pytest.approx(2.241403 / 1.959964)  # quantiles at 0.05 / 2 and 0.05, two-sided


def test_interleaving_is_judged_by_the_clicks_of_each_team(shop):
    start(shop, PLAIN, OTHER, kind="interleaving")
    for variant, clicks in (("trial/plain", 300), ("trial/other", 200)):
        shop.execute(
            "INSERT INTO interestream.click_counts VALUES (1, 0, 'new', 1, 'few', %s, 2000, %s)",
            [variant, clicks],
        )
    rows = report(shop, "verdict, users, exposures, lift, mismatch")
    assert rows[1] == ("worse", None, 2_000, pytest.approx(-1 / 3), None)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="interleaves"):
        report(shop, more="p_action => 'like'")


def test_the_last_experiment_is_meant_unless_one_is_named(shop):
    assert report(shop) == []
    start(shop, PLAIN, OTHER)
    assert [row[0] for row in report(shop)] == ["control", "too early"]
    shop.execute("SELECT interestream.end_experiment()")
    start(shop, PLAIN, {"variant": "last", "share": 0.1}, name="second")
    assert report(shop, "variant")[1] == ("last",)
    assert report(shop, "variant", "'trial'")[1] == ("other",)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no experiment third"):
        report(shop, more="'third'")


def test_an_unknown_action_is_an_error(shop):
    start(shop, PLAIN, OTHER)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no action stare"):
        report(shop, more="p_action => 'stare'")
