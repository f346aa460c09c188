"""What the oracle makes of comments, against sums done by hand."""

from collections.abc import Iterable

import numpy as np
import pytest

from bench.verify.recompute import Expected, Prototypes, Record, recompute
from bench.verify.recompute.sentiment import scores, strengths
from tests.bench.verify.builders import DAY_MS, NOON_MS, NOW_MS, catalogue, event, row, vectors

# Two sentences: East is liking and West is disliking, so that z is the first component.
EAST_IS_LIKED = Prototypes(np.array([[1.0, 0, 0], [-1.0, 0, 0]]), np.array([1, -1]))
SLANT = (0.6 - 0.25) / 0.75
"""Strength of (0.6, 0.8, 0): z = 0.6, reduced by the neutral band."""


def expect(events: Iterable[Record], prototypes: Prototypes | None = EAST_IS_LIKED) -> Expected:
    return recompute(catalogue(), events, vectors=vectors, now_ms=NOW_MS, prototypes=prototypes)


def test_the_score_between_two_opposite_sentences_is_the_position_between_them() -> None:
    texts = np.array([[1.0, 0, 0], [0.6, 0.8, 0], [0, 1.0, 0], [-1.0, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(scores(EAST_IS_LIKED, texts), [1.0, 0.6, 0.0, -1.0, 0.0], atol=1e-7)


def test_the_score_of_three_sentences_by_hand() -> None:
    # Likings at (1, 0) and (0, 1), a disliking at (-1, 0): a = 1/4, 1/4, 1/2; m = (-1/4, 1/4).
    # Spread: [[0.6875, 0.0625], [0.0625, 0.1875]] + 0.04 I; t = 0; pulls: (0.75, 0.25).
    # Determinant 0.7275 * 0.2275 - 0.0625^2 = 0.1616, d = (0.155, 0.135) / 0.1616.
    three = Prototypes(np.array([[1.0, 0], [0, 1.0], [-1.0, 0]]), np.array([1, 1, -1]))
    # p = (0.155 + 0.135) / 2 = 0.145 and q = -0.155, both over 0.1616.
    # z of (0.6, 0.8): (2 * (0.093 + 0.108) - 0.145 + 0.155) / 0.3
    assert scores(three, np.array([[0.6, 0.8]])) == pytest.approx([0.412 / 0.3])


@pytest.mark.parametrize("polarity", [[1, 1], [1, 0], [0, -1]])
def test_without_both_polarities_every_text_is_neutral(polarity: list[int]) -> None:
    one_sided = Prototypes(EAST_IS_LIKED.vectors, np.array(polarity))
    assert scores(one_sided, np.array([[1.0, 0, 0]])).tolist() == [0.0]
    assert scores(None, np.array([[1.0, 0, 0]])).tolist() == [0.0]


def test_the_same_sentence_liked_and_disliked_gives_no_sentiment() -> None:
    torn = Prototypes(np.array([[1.0, 0], [1.0, 0]]), np.array([1, -1]))
    assert scores(torn, np.array([[1.0, 0]])).tolist() == [0.0]


def test_strength_begins_at_the_edge_of_the_band_and_ends_at_one() -> None:
    z = np.array([0.25, -0.25, 0.625, -0.625, 1.0, -3.0])
    assert strengths(z).tolist() == [0.0, 0.0, 0.5, -0.5, 1.0, -1.0]


def test_a_comment_weighs_by_its_sentiment_on_the_item_and_in_full_on_its_words() -> None:
    expected = expect([event(1, "comment", NOON_MS, "up", text="Slant")])
    unit, weight, _ = row(expected, "month")
    assert unit == [0.0, 0.0, 1.0]
    assert weight == pytest.approx(SLANT, abs=1e-3)
    unit, weight, _ = row(expected, "topics")
    assert unit == pytest.approx([0.6, 0.8, 0.0], abs=1e-3)
    assert weight == 1.0
    assert expected.user_items["ada", "up"].signal == pytest.approx(SLANT, abs=1e-3)


def test_a_negative_comment_is_a_dislike_of_the_item_and_engagement_with_its_words() -> None:
    expected = expect([event(1, "comment", NOON_MS, "up", text="West")])
    unit, weight, as_of = row(expected, "dislikes")
    assert unit == [0.0, 0.0, 1.0]
    assert weight == pytest.approx(1.0)
    assert as_of == NOON_MS
    assert row(expected, "topics") == ([-1.0, 0.0, 0.0], 1.0, NOON_MS)
    assert {kind for _, kind in expected.windows.keys} == {"dislikes", "topics"}


def test_a_neutral_comment_is_engagement_alone_and_no_signal() -> None:
    expected = expect([event(1, "comment", NOON_MS, "up", text="North")])
    assert [kind for _, kind in expected.windows.keys] == ["topics"]
    assert expected.user_items["ada", "up"].signal is None


def test_a_comment_about_no_item_stands_for_itself() -> None:
    expected = expect([event(1, "comment", NOON_MS, None, text="East")])
    for kind in ("recent", "session", "day", "month", "topics"):
        assert row(expected, kind) == ([1.0, 0.0, 0.0], 1.0, NOON_MS)
    assert expected.user_items == {}


def test_the_value_of_a_review_decides_and_its_text_is_engagement() -> None:
    expected = expect([event(1, "review", NOON_MS, "up", text="West", value=3.75)])
    assert row(expected, "day") == ([0.0, 0.0, 1.0], 2.0, NOON_MS)
    assert row(expected, "topics") == ([-1.0, 0.0, 0.0], 4.0, NOON_MS)
    # A neutral value gives no weight to the item, and the text is engagement all the same.
    expected = expect([event(1, "review", NOON_MS, "up", text="West", value=2.5)])
    assert [kind for _, kind in expected.windows.keys] == ["topics"]


def test_a_review_without_a_value_follows_its_text_and_without_a_text_its_weight() -> None:
    expected = expect([event(1, "review", NOON_MS, "up", text="West")])
    assert row(expected, "dislikes")[1] == pytest.approx(4.0)
    expected = expect([event(1, "review", NOON_MS, "up", text="")])
    assert row(expected, "topics") == ([0.0, 0.0, 1.0], 4.0, NOON_MS)
    assert row(expected, "month")[1] == 4.0


def test_topics_hold_liked_items_and_comments_but_nothing_disliked() -> None:
    expected = expect(
        [
            event(1, "like", NOON_MS - 30 * DAY_MS, "east"),
            event(2, "comment", NOON_MS, "up", text="North"),
            event(3, "dislike", NOON_MS + 1, "up"),
        ]
    )
    # 3 / 2 * East and 1 * North, relative to the comment.
    unit, weight, as_of = row(expected, "topics")
    assert (weight, as_of) == (2.5, NOON_MS)
    assert unit == pytest.approx([1.5 / 3.25**0.5, 1 / 3.25**0.5, 0.0])


def test_a_text_without_a_direction_has_no_sentiment_and_no_row() -> None:
    expected = expect([event(1, "comment", NOON_MS, "up", text="Nothing")])
    assert {kind for _, kind in expected.windows.keys} <= {"topics"}
    assert expected.windows.agreement.tolist() == [0.0]


def test_on_the_edge_of_the_band_rounding_decides() -> None:
    edge = Prototypes(np.array([[1.0, 0, 0], [-0.5, 0, 0]]), np.array([1, -1]))
    # z = (2 * 0.4375 - 0.5) / 1.5 = 0.25 at 0.4375; Slant has 0.6.
    moved = Prototypes(edge.vectors * np.float64(0.6 / 0.4375), edge.polarity)
    assert expect([event(1, "comment", NOON_MS, "up", text="Slant")], moved).undecided == {"ada"}
    assert expect([event(1, "comment", NOON_MS, "up", text="Slant")]).undecided == frozenset()
