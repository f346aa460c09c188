"""trending() from what the job has counted, against the same in Python."""

import math
import random

import psycopg
import pytest

from tests.sql.ask.test_trending import trending
from tests.sql.builders import NOON, add_item, hours_ago, interact

HORIZONS = {
    "hour": (1, "day"),
    "six_hours": (6, "day"),
    "day": (24, "week"),
    "week": (168, None),
    "month": (720, "all"),
}


def add_window(db, horizon, interactions, *, space=1):
    hours, longer = HORIZONS[horizon]
    db.execute(
        "INSERT INTO interestream.trend_windows VALUES"
        " (%s, %s, make_interval(hours => %s), %s, %s, %s, %s, %s, 1, 1)",
        [space, horizon, hours, longer, hours_ago(hours), NOON, NOON, interactions],
    )


def add_trend(db, horizon, item, interactions, weight, longer=None, *, space=1):
    db.execute(
        "INSERT INTO interestream.trends VALUES (%s, %s, %s, %s, %s, %s)",
        [space, horizon, item, interactions, weight, longer],
    )


@pytest.fixture
def counted(shop):
    """Forty items in three categories, counted over a day and a week; (db, counts, categories)."""
    rng = random.Random(5)
    counts, categories = {}, {}
    for number in range(40):
        item = f"i{number:02d}"
        day = rng.randrange(1, 40)
        counts[item] = (day, float(rng.randrange(1, 60)), day + rng.randrange(200))
        categories[item] = rng.sample(["book", "film", "game"], rng.randrange(3))
        add_item(shop, item, categories=categories[item], available=number % 7 != 0)
        add_trend(shop, "day", item, *counts[item])
        add_trend(shop, "week", item, counts[item][2], 2.0 * counts[item][2])
    add_window(shop, "day", sum(day for day, _, _ in counts.values()))
    add_window(shop, "week", sum(week for _, _, week in counts.values()))
    return shop, counts, categories


@pytest.fixture
def tied(shop):
    """Six items of equal weight in each of two windows, unlike in the longer one and over all time.

    Their order is c, a, f, b, e, d.
    """
    rows = {
        "a": (5.0, 9.0),
        "b": (4.0, 2.0),
        "c": (6.0, 1.0),
        "d": (None, None),
        "e": (4.0, None),
        "f": (5.0, 8.5),
    }
    for item, (longer_weight, standing) in rows.items():
        add_item(shop, item, categories=["first"] if item in "abc" else ["last"])
        for horizon in ("six_hours", "month"):
            shop.execute(
                "INSERT INTO interestream.trends VALUES (1, %s, %s, 2, 3.0, 2, %s, %s)",
                [horizon, item, longer_weight, standing],
            )
    add_window(shop, "six_hours", 12)
    add_window(shop, "month", 12)
    return shop


@pytest.mark.parametrize("horizon", ["six_hours", "month"])
def test_equal_items_go_by_the_longer_horizon_then_all_time_then_the_id(tied, horizon):
    for k in (6, 3):
        rows = trending(tied, p_k=k, p_horizon=horizon)
        assert [row["item_id"] for row in rows] == list("cafbed")[:k]
        assert [row["rank"] for row in rows] == list(range(1, k + 1))
    for category, order in (("first", "cab"), ("last", "fed")):
        rows = trending(tied, p_horizon=horizon, p_category=category)
        assert [row["item_id"] for row in rows] == list(order)


def test_all_time_can_be_asked_and_nothing_rises_above_it(shop):
    for number, item in enumerate("abc"):
        add_item(shop, item, categories=[item])
        add_trend(shop, "all", item, 3 - number, 1.25 * (number + 1))
        add_trend(shop, "month", item, 1, 1.0, 3 - number)
    shop.execute(
        "INSERT INTO interestream.trend_windows VALUES"
        " (1, 'all', NULL, NULL, NULL, %s, %s, 6, 1, 1, now(), '365 days')",
        [NOON, NOON],
    )
    add_window(shop, "month", 3)
    rows = trending(shop, p_horizon="all")
    assert [(row["item_id"], row["score"]) for row in rows] == [
        ("c", 3.75),
        ("b", 2.5),
        ("a", 1.25),
    ]
    assert [row["item_id"] for row in trending(shop, p_horizon="all", p_category="b")] == ["b"]
    # Expected in the month: a 2/3 * 3, b 1/3 * 3, c 0.
    assert [row["item_id"] for row in trending(shop, p_rising=True)] == ["c"]
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        trending(shop, p_horizon="all", p_rising=True)


@pytest.mark.parametrize(
    ("horizons", "default", "rising"),
    [
        (["hour", "six_hours", "day", "week", "month", "all"], "week", "day"),
        (["hour", "month", "all"], "month", "hour"),
        (["month", "all"], "month", "month"),
        (["hour", "day"], "day", "hour"),
        (["all"], "all", None),
    ],
)
def test_the_week_answers_by_default_whatever_is_longer(shop, horizons, default, rising):
    lengths = {"hour": 1, "six_hours": 6, "day": 24, "week": 168, "month": 720, "all": None}
    for horizon, longer in zip(horizons, [*horizons[1:], None], strict=True):
        add_item(shop, horizon)
        add_trend(shop, horizon, horizon, 2, 2.0, 2)
        shop.execute(
            "INSERT INTO interestream.trend_windows VALUES"
            " (1, %s, make_interval(hours => %s), %s, %s, %s, %s, 2, 1, 1)",
            [horizon, lengths[horizon], longer, NOON, NOON, NOON],
        )
    assert [row["item_id"] for row in trending(shop)] == [default]
    if rising is not None:
        assert [row["item_id"] for row in trending(shop, p_rising=True)] == [rising]


def offered(counts):
    return [item for item in counts if int(item[1:]) % 7]


@pytest.mark.parametrize("category", [None, "book", "film", "nothing"])
def test_the_heaviest_available_items_of_a_horizon_come_first(counted, category):
    db, counts, categories = counted
    chosen = [item for item in offered(counts) if category in (None, *categories[item])]
    expected = sorted(chosen, key=lambda item: (-counts[item][1], item))[:12]
    rows = trending(db, p_k=12, p_horizon="day", p_category=category)
    assert [row["item_id"] for row in rows] == expected
    for rank, row in enumerate(rows, 1):
        assert (row["rank"], row["as_of"]) == (rank, NOON)
        assert (row["interactions"], row["score"]) == counts[row["item_id"]][:2]


def test_rising_items_stand_above_what_the_longer_horizon_predicts(counted):
    db, counts, _ = counted
    now = sum(day for day, _, _ in counts.values())
    before = sum(week - day for day, _, week in counts.values())
    scores = {}
    for item in offered(counts):
        day, _, week = counts[item]
        predicted = (week - day) / before * now
        if day > predicted:
            scores[item] = (day - predicted) / math.sqrt(predicted + 1)
    assert 5 < len(scores) < len(offered(counts))
    rows = trending(db, p_k=100, p_horizon="day", p_rising=True)
    assert [row["item_id"] for row in rows] == sorted(scores, key=lambda i: (-scores[i], i))
    for row in rows:
        assert row["score"] == pytest.approx(scores[row["item_id"]], rel=1e-5)
    assert rows == trending(db, p_k=100, p_rising=True)


def test_without_a_name_the_longest_horizon_answers(counted):
    db, _, _ = counted
    assert trending(db) == trending(db, p_horizon="week")


def test_an_item_that_is_not_in_the_catalogue_or_withdrawn_never_appears(counted):
    db, counts, _ = counted
    add_trend(db, "day", "unknown", 1000, 1000.0, 1000)
    found = {row["item_id"] for row in trending(db, p_k=100, p_horizon="day")}
    assert found == set(offered(counts))


def test_an_earlier_time_or_another_half_life_asks_the_interactions(counted):
    db, _, _ = counted
    interact(db, "ann", "i01", "like", at=hours_ago(24))
    for named in ({"p_as_of": NOON}, {"p_half_life": "1 day"}):
        ((row),) = trending(db, **named)
        assert (row["item_id"], row["interactions"]) == ("i01", 1)


def test_before_the_job_has_counted_the_interactions_answer_for_every_horizon(shop):
    add_item(shop, "a")
    interact(shop, "ann", "a", "like")
    for named in ({}, {"p_horizon": "day"}, {"p_rising": True}):
        assert [row["item_id"] for row in trending(shop, **named)] == ["a"]


def test_only_the_active_space_is_asked(shop):
    add_item(shop, "a")
    add_window(shop, "week", 1, space=2)
    add_trend(shop, "week", "a", 1, 1.0, space=2)
    assert trending(shop) == []


@pytest.mark.parametrize(
    "named",
    [
        {"p_horizon": "decade"},
        {"p_horizon": "day", "p_as_of": NOON},
        {"p_rising": True, "p_as_of": NOON},
        {"p_horizon": "week", "p_rising": True},
        {"p_horizon": "day", "p_k": 0},
    ],
)
def test_what_no_horizon_can_answer_is_a_clear_error(counted, named):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        trending(counted[0], **named)


def test_a_space_is_dropped_with_its_trends(counted):
    db, _, _ = counted
    db.execute("SELECT interestream.create_space('mini', '2', 'bb', 8, %s::real[])", [[0.0] * 8])
    db.execute("SELECT interestream.activate_space(2)")
    db.execute("SELECT interestream.drop_space(1)")
    for table in ("trends", "trend_windows"):
        assert db.execute(f"SELECT count(*) FROM interestream.{table}").fetchone() == (0,)
