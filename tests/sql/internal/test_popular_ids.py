"""popular_ids(): the best of each horizon that a user has not seen, as many as are asked for."""

from tests.sql.builders import add_item, interact
from tests.sql.internal.test_popularity import count


def popular(db, limit, *horizons, exclude=None, passing="NULL"):
    query = f"SELECT * FROM interestream.popular_ids(1, 'ann', %s, %s, {passing}, %s::text[])"
    return sorted(row[0] for row in db.execute(query, [list(horizons), limit, exclude]))


def fill(db):
    for number in range(40):
        add_item(db, f"i{number:02d}", categories=["book"] if number >= 30 else [])
    count(db, "day", {f"i{number:02d}": 100 - number for number in range(40)})
    count(db, "week", {"i39": 9, "i38": 8, "i37": 7})


def test_each_horizon_gives_its_best_and_an_item_comes_once(shop):
    fill(shop)
    assert popular(shop, 2, "day", "week") == ["i00", "i01", "i38", "i39"]
    assert popular(shop, 3, "day", "day") == ["i00", "i01", "i02"]
    assert popular(shop, 3) == []


def test_who_has_seen_the_first_places_gets_those_behind(shop):
    fill(shop)
    for number in range(20):
        interact(shop, "ann", f"i{number:02d}", "view")
    assert popular(shop, 3, "day", "week") == ["i20", "i21", "i22", "i37", "i38", "i39"]


def test_a_filter_or_an_exclusion_reads_as_far_as_it_must(shop):
    fill(shop)
    books = "interestream.item_filter('{book}')"
    assert popular(shop, 2, "day", passing=books) == ["i30", "i31"]
    first = [f"i{number:02d}" for number in range(38)]
    assert popular(shop, 5, "day", exclude=first) == ["i38", "i39"]
