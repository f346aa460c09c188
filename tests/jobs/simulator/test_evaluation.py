"""Scores of recommendations against the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.simulator.evaluation import (
    Followed,
    Observation,
    mean_share_on_topic,
    nearest_items,
    share_by_chance,
    share_on_topic,
    time_to_follow,
)

TOPIC_OF = {"c1": "chess", "c2": "chess", "b1": "bees", "s1": "stars", "s2": "stars"}


def _seen(time_s: float, events: int, *item_ids: str) -> Observation:
    return Observation(time_s, events, item_ids)


def test_missing_recommendations_count_as_misses() -> None:
    assert share_on_topic(["c1"], TOPIC_OF.__getitem__, {"chess"}, top=4) == 0.25
    assert share_on_topic([], TOPIC_OF.__getitem__, {"chess"}) == 0.0


def test_only_the_first_recommendations_count() -> None:
    assert share_on_topic(["b1", "c1", "c2"], TOPIC_OF.__getitem__, {"chess"}, top=1) == 0.0


def test_chance_is_the_topics_share_of_the_catalogue() -> None:
    assert share_by_chance(TOPIC_OF, {"chess", "bees"}) == pytest.approx(0.6)


def test_the_mean_is_over_users_and_each_wants_other_topics() -> None:
    recommended = {"u": ["c1", "c2"], "v": ["b1", "c1"]}
    wanted = {"u": {"chess"}, "v": {"bees"}}
    mean = mean_share_on_topic(recommended, TOPIC_OF.__getitem__, wanted.__getitem__, top=2)
    assert mean == pytest.approx(0.75)


def test_following_counts_from_the_drift_to_the_first_moment_that_holds() -> None:
    watched = [
        _seen(1.0, 5, "s1", "s2"),  # before the drift: an accident
        _seen(3.0, 7, "c1", "s1"),
        _seen(4.0, 8, "c1", "c2"),  # fell back
        _seen(6.0, 9, "s1", "c1"),
        _seen(7.0, 11, "s1", "s2"),
    ]
    found = time_to_follow(
        watched, TOPIC_OF.__getitem__, "stars", drift_s=2.0, events_before=5, share=0.5, top=2
    )
    assert found == Followed(seconds=4.0, events=4)


def test_a_list_that_loses_one_item_of_the_new_topic_has_not_turned_back() -> None:
    half, less, back = ("s1", "s2", "c1", "c2"), ("s1", "c1", "c2", "b1"), ("c1", "c2", "b1")

    def followed(*watched: Observation) -> Followed | None:
        return time_to_follow(
            watched,
            TOPIC_OF.__getitem__,
            "stars",
            drift_s=2.0,
            events_before=5,
            keep=0.25,
            top=4,
        )

    assert followed(_seen(3.0, 6, *less), _seen(4.0, 7, *half), _seen(5.0, 8, *less)) == Followed(
        seconds=2.0, events=2
    )
    assert followed(_seen(3.0, 6, *half), _seen(4.0, 7, *back), _seen(5.0, 8, *less)) is None


def test_recommendations_that_never_follow_have_no_time() -> None:
    watched = [_seen(3.0, 7, "s1"), _seen(4.0, 8, "c1")]
    assert (
        time_to_follow(watched, TOPIC_OF.__getitem__, "stars", drift_s=2.0, events_before=5, top=1)
        is None
    )


@given(st.integers(0, 1_000), st.integers(1, 8))
def test_the_nearest_items_are_those_that_a_plain_sort_finds(seed: int, top: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(12, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"i{n}" for n in range(12)]
    scores = {item_id: float(vectors[n] @ vectors[0]) for n, item_id in enumerate(ids)}
    without = {"i0", "i5"}
    expected = sorted(set(ids) - without, key=lambda item_id: -scores[item_id])[:top]
    assert nearest_items(vectors[0], vectors, ids, top, without) == expected
