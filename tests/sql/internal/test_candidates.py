"""candidates(): what recommend() chooses from, and the features of each."""

import math
from datetime import timedelta

import numpy as np
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    add_items,
    hours_ago,
    interact,
    seeded,
    set_interests,
    set_window,
    show,
)
from tests.sql.internal.test_neighbor_items import set_neighbors
from tests.sql.internal.test_popularity import count


def candidates(db, user="ann", pool=5, *, cold=False, passing="NULL"):
    """Features by source and item, and the segment, of the candidates."""
    sources = db.execute("SELECT interestream.ranking_sources(1)").fetchone()[0]
    rows = db.execute(
        "SELECT item_id, features::real[], segment FROM interestream.candidates"
        f"(ARRAY[%s], %s, 1, {passing}, NULL, %s)",
        [user, pool, cold],
    ).fetchall()
    found = {item: dict(zip(sources, features, strict=True)) for item, features, _ in rows}
    assert len(found) == len(rows)
    return found, {segment for *_, segment in rows}


def fill(db):
    """Ann likes i0 and before it i1, which have neighbors; i9 is popular; i39 is the newest."""
    add_items(db, seeded(39))
    add_item(db, "i39", seeded(40)[39], published_at=NOON - timedelta(days=14))
    set_window(db, "ann", "recent", seeded(40)[0])
    set_interests(db, "ann", ["i0"])
    interact(db, "ann", "i0", "like", at=hours_ago(0))
    interact(db, "ann", "i1", "like", at=hours_ago(1))
    set_neighbors(db, "i0", {"i7": 4.0, "i8": 1.0}, 1.0)
    set_neighbors(db, "i1", {"i8": 1.0, "i6": 0.5}, 1.0)
    for item in ("i6", "i7", "i8"):
        set_neighbors(db, item, {}, 1.0)
    count(db, "week", {"i9": 99, "i5": 9})


def test_every_source_has_its_candidates(shop):
    fill(shop)
    found, segments = candidates(shop)
    assert segments == {"few"}
    assert {"i6", "i7", "i8", "i9", "i5", "i39"} <= set(found)
    nearest = np.argsort(-(seeded(40) @ seeded(40)[0]))
    by_text = [f"i{number}" for number in nearest if number not in (0, 1)][:5]
    assert set(found) == {"i6", "i7", "i8", "i9", "i5", "i39", *by_text}


def test_features_of_neighbors(shop):
    fill(shop)
    found, _ = candidates(shop)
    # The second newest item counts 2^(-1/3); all were liked once.
    strength = {"i7": 4.0, "i8": 1.0 + 2 ** (-1 / 3), "i6": 0.5 * 2 ** (-1 / 3)}
    for item, own in strength.items():
        assert found[item]["neighbors_share"] == pytest.approx(own / 4)
        assert found[item]["neighbors"] == pytest.approx(math.sqrt(own / 4))
    last = {item: found[item]["neighbors_last"] for item in strength}
    assert last == pytest.approx({"i7": 1.0, "i8": 0.25, "i6": 0.0})
    assert found["i9"]["neighbors"] == 0


def test_features_of_texts_are_cosines(shop):
    fill(shop)
    found, _ = candidates(shop, pool=20)
    vectors = seeded(40)
    for item, features in found.items():
        own = vectors[int(item[1:])]
        assert features["text"] == pytest.approx(own @ vectors[0], abs=2e-3)
        last = max(own @ vectors[0], own @ vectors[1])
        assert features["text_last"] == pytest.approx(last, abs=2e-3)


def test_features_of_what_was_bought(shop):
    fill(shop)
    none = candidates(shop, pool=20)[0]
    assert {(own["neighbors_bought"], own["text_bought"]) for own in none.values()} == {(0, 0)}
    shop.execute("INSERT INTO interestream.buying_actions VALUES ('view')")
    interact(shop, "ann", "i20", "view", at=hours_ago(2))  # the third newest
    set_neighbors(shop, "i20", {"i8": 2.0, "i21": 1.0}, 1.0)
    set_neighbors(shop, "i21", {}, 1.0)
    found, _ = candidates(shop, pool=20)
    bought = 2 ** (-2 / 3)
    own = {"i7": 0.0, "i6": 0.0, "i8": 2 * bought, "i21": bought}
    for item, strength in own.items():
        assert found[item]["neighbors_bought"] == pytest.approx(strength / 4)
    vectors = seeded(40)
    for item, features in found.items():
        cosine = vectors[int(item[1:])] @ vectors[20]
        assert features["text_bought"] == pytest.approx(cosine, abs=2e-3)


def test_features_of_popularity_and_of_new_items(shop):
    fill(shop)
    found, _ = candidates(shop)
    assert found["i9"]["popular_week"] == 1
    assert found["i5"]["popular_week"] == pytest.approx(math.log(10) / math.log(100))
    assert found["i7"]["popular_week"] == 0
    assert found["i39"]["new"] == pytest.approx(math.exp(-1), rel=1e-4)
    assert found["i9"]["new"] == 0
    # Nobody has liked i9 according to item_neighbors, though trends have counted it.
    assert {item for item, own in found.items() if not own["unseen"]} == {"i6", "i7", "i8"}
    assert found["i39"]["unseen_text"] == pytest.approx(found["i39"]["text"])


def test_without_neighbors_in_the_space_nothing_is_unseen(shop):
    fill(shop)
    shop.execute("DELETE FROM interestream.item_neighbors")
    found, _ = candidates(shop)
    assert {own["unseen"] for own in found.values()} == {0}


def test_items_beyond_the_kept_ones_of_all_time_are_counted_by_their_neighbors(shop):
    fill(shop)
    count(shop, "month", {"i9": 99})
    for table in ("trend_windows", "trends"):
        shop.execute(f"UPDATE interestream.{table} SET horizon = 'all' WHERE horizon = 'month'")
    found, _ = candidates(shop)
    assert found["i7"]["popular_all"] == pytest.approx(math.log(2) / math.log(100))
    assert found["i5"]["popular_all"] == 0


def test_segments_go_by_the_number_of_liked_items(shop):
    fill(shop)
    for number in (10, 11):
        interact(shop, "ann", f"i{number}", "like")
    assert candidates(shop)[1] == {"few"}
    interact(shop, "ann", "i12", "like")
    assert candidates(shop)[1] == {"many"}


def test_a_user_without_a_vector_has_candidates_if_asked_for(shop):
    fill(shop)
    assert candidates(shop, "zoe") == ({}, set())
    found, segments = candidates(shop, "zoe", cold=True)
    assert segments == {"none"}
    assert {"i9", "i5"} == set(found)
    assert found["i9"]["text"] == 0


def test_a_source_without_a_row_offers_nothing(shop):
    fill(shop)
    shop.execute("DELETE FROM interestream.source_weights WHERE source <> 'text'")
    found, _ = candidates(shop)
    assert len(found) == 5
    assert {own["neighbors"] for own in found.values()} == {0}


def test_all_sources_obey_the_filter(shop):
    fill(shop)
    shop.execute(
        "UPDATE interestream.items SET categories = '{tea}' WHERE item_id IN ('i8', 'i5', 'i20')"
    )
    found, _ = candidates(shop, passing="interestream.item_filter('{tea}')")
    assert set(found) == {"i8", "i5", "i20"}


def test_an_old_date_of_publication_is_no_error(shop):
    fill(shop)
    shop.execute("UPDATE interestream.items SET published_at = '1200-01-01'")
    found, _ = candidates(shop)
    assert max(own["new"] for own in found.values()) < 1e-20


def test_an_item_without_a_date_is_as_old_as_its_arrival(shop):
    """Unless it arrived long after the newest interaction, as in a replay of old events."""
    fill(shop)
    arrived = "UPDATE interestream.items SET arrived_at = %s WHERE item_id = %s"
    far = [f"i{number}" for number in np.argsort(seeded(39) @ seeded(40)[0])[:3]]
    shop.execute(arrived, [NOON - timedelta(days=7), far[0]])
    shop.execute(arrived, [NOON + timedelta(hours=20), far[1]])
    shop.execute(arrived, [NOON + timedelta(hours=30), far[2]])
    found, _ = candidates(shop)
    assert found[far[0]]["new"] == pytest.approx(math.exp(-0.5), rel=1e-4)
    assert found[far[1]]["new"] == 1
    assert far[2] not in found
    assert {item for item, features in found.items() if features["new"]} == {*far[:2], "i39"}


def test_what_was_shown_to_this_user_in_vain_has_its_feature(shop):
    fill(shop)
    show(shop, "ann", "i9", *[hours_ago(0)] * 3)
    show(shop, "ann", "i5", hours_ago(7 * 24))
    show(shop, "bob", "i7", hours_ago(0))
    found, _ = candidates(shop)
    shown = {item: features["shown"] for item, features in found.items() if features["shown"]}
    assert shown == pytest.approx({"i9": 3 / 6, "i5": 0.5 / 3.5})
    # The horizon behind it is still the horizon.
    assert found["i9"]["popular_week"] == pytest.approx(1.0)


def test_what_was_touched_since_has_not(shop):
    fill(shop)
    show(shop, "ann", "i9", hours_ago(0), hours_ago(2))
    interact(shop, "ann", "i9", "search", at=hours_ago(1))
    assert candidates(shop)[0]["i9"]["shown"] == pytest.approx(1 / 4)
    shop.execute("UPDATE interestream.user_items SET signal_at = %s", [hours_ago(0)])
    assert candidates(shop)[0]["i9"]["shown"] == 0


def test_a_question_leaves_out_what_was_shown_just_before(shop):
    fill(shop)
    show(shop, "ann", "i9", hours_ago(0), hours_ago(48))
    sources = shop.execute("SELECT interestream.ranking_sources(1)").fetchone()[0]
    (features,) = shop.execute(
        "SELECT features::real[] FROM interestream.candidates"
        "(ARRAY['ann'], 5, 1, p_shown_until => %s) WHERE item_id = 'i9'",
        [hours_ago(1)],
    ).fetchone()
    part = 2 ** -(2 / 7)
    assert features[sources.index("shown")] == pytest.approx(part / (part + 3))
