"""ranking_weights(): what each source counts, what is learned included."""

import pytest

from tests.sql.ask.test_learned import learn
from tests.sql.builders import set_source_weights
from tests.sql.internal.test_popularity import count


def weights(db, segment="few"):
    sources, found = db.execute(
        "SELECT sources, weights FROM interestream.ranking_weights(1, %s)", [segment]
    ).fetchone()
    return {source: weight for source, weight in zip(sources, found, strict=True) if weight}


def test_learned_weights_of_all_and_of_the_segment_are_added(shop):
    count(shop, "day", {"a": 9})
    set_source_weights(shop, text=2.0, popular_day=1.0)
    learn(shop, "all", "text", 0.5)
    learn(shop, "few", "text", -1.0)
    learn(shop, "many", "popular_day", 3.0)
    assert weights(shop) == pytest.approx({"text": 1.5, "popular_day": 1.0})
    assert weights(shop, "many") == pytest.approx({"text": 2.5, "popular_day": 4.0})


def test_a_source_without_a_row_does_not_count_whatever_was_learned(shop):
    set_source_weights(shop, text=2.0)
    learn(shop, "all", "neighbors", 5.0)
    assert weights(shop) == {"text": 2.0}
    assert weights(shop, "none") == {}


def test_weights_are_bounded_and_next_to_nothing_is_0(shop):
    set_source_weights(shop, text=2.0, neighbors=0.0, new=0.0)
    learn(shop, "all", "text", 50.0)
    learn(shop, "few", "neighbors", -50.0)
    learn(shop, "few", "new", 1e-40)
    assert weights(shop) == {"text": 20.0, "neighbors": -20.0}


def test_a_session_that_asks_for_texts_has_their_weights_alone(shop):
    set_source_weights(shop, text=2.0, text_last=1.0, neighbors=3.0)
    shop.execute("SET LOCAL interestream.sources = 'text'")
    assert weights(shop) == {"text": 2.0, "text_last": 1.0}


def test_weights_that_are_given_stand_for_those_of_the_table_and_what_is_learned_is_added(shop):
    learn(shop, "all", "text", 0.25)
    learn(shop, "few", "new", 1.0)
    query = "SELECT sources, weights FROM interestream.ranking_weights(1, 'few'{})"
    usual = dict(zip(*shop.execute(query.format("")).fetchone(), strict=True))
    given = """, '{"few": {"text": 7, "unseen": 0}, "many": {"new": 9}}'"""
    found = dict(zip(*shop.execute(query.format(given)).fetchone(), strict=True))
    assert found == usual | {"text": 7.25, "unseen": 0.0}
