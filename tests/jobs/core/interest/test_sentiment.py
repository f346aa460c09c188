"""The sentiment axis, compared with least squares in numpy, and the strengths of scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from jobs.core.interest.sentiment import RIDGE, SentimentAxis, strengths
from tests.builders import unit_rows

DIM = 6


def sentences(
    seed: int = 0, liking: int = 20, disliking: int = 9, neither: int = 5
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vectors whose first component has the sign of their polarity, and the polarities."""
    polarity = np.repeat([1, -1, 0], [liking, disliking, neither])
    rows = unit_rows(len(polarity), DIM, seed).astype(np.float64)
    rows[:, 0] += 0.8 * polarity
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), polarity


def scores_by_least_squares(vectors, polarity, texts):
    """The contract, solved another way: one lstsq of the weighted rows stacked on the ridge."""
    groups = len(set(polarity.tolist()))
    share = np.sqrt([1 / (groups * np.sum(polarity == own)) for own in polarity])
    rows = np.vstack(
        [
            np.column_stack([vectors * share[:, None], share]),
            np.column_stack([np.sqrt(RIDGE) * np.eye(DIM), np.zeros(DIM)]),
        ]
    )
    wanted = np.concatenate([polarity * share, np.zeros(DIM)])
    slope = np.linalg.lstsq(rows, wanted, rcond=None)[0][:DIM]
    high = (vectors[polarity == 1] @ slope).mean()
    low = (vectors[polarity == -1] @ slope).mean()
    return (2 * (texts @ slope) - high - low) / (high - low)


@pytest.mark.parametrize("neither", [0, 5])
def test_the_scores_are_those_of_weighted_least_squares(neither):
    vectors, polarity = sentences(neither=neither)
    texts = unit_rows(40, DIM, seed=7)
    found = SentimentAxis.fit(vectors, polarity).scores(texts)
    assert found == pytest.approx(scores_by_least_squares(vectors, polarity, texts), abs=1e-9)


def test_the_average_sentences_score_one_and_minus_one():
    vectors, polarity = sentences()
    scores = SentimentAxis.fit(vectors, polarity).scores(vectors)
    assert scores[polarity == 1].mean() == pytest.approx(1)
    assert scores[polarity == -1].mean() == pytest.approx(-1)


def test_repeated_sentences_change_nothing():
    vectors, polarity = sentences()
    likes = polarity == 1
    doubled = np.vstack([vectors, vectors[likes]]), np.concatenate([polarity, polarity[likes]])
    once, twice = SentimentAxis.fit(vectors, polarity), SentimentAxis.fit(*doubled)
    assert twice.direction == pytest.approx(once.direction)
    assert twice.offset == pytest.approx(once.offset)


@pytest.mark.parametrize("kept", [(1,), (-1, 0), (0,), ()])
def test_without_both_signs_every_text_is_neutral(kept):
    vectors, polarity = sentences()
    chosen = np.isin(polarity, kept)
    axis = SentimentAxis.fit(vectors[chosen], polarity[chosen])
    assert not axis.scores(unit_rows(5, DIM)).any()


def test_indistinguishable_sentences_leave_every_text_neutral():
    same = np.tile(unit_rows(1, DIM), (4, 1))
    axis = SentimentAxis.fit(same, np.array([1, 1, -1, -1]))
    assert not axis.scores(unit_rows(5, DIM)).any()


def test_a_text_without_a_direction_has_no_sentiment():
    axis = SentimentAxis.fit(*sentences())
    assert axis.offset != 0
    assert axis.scores(np.zeros((2, DIM), dtype=np.float16)).tolist() == [0.0, 0.0]


def test_a_text_has_the_same_score_whatever_else_is_in_its_batch():
    axis = SentimentAxis.fit(*sentences())
    texts = unit_rows(64, DIM, seed=3)
    together = axis.scores(texts)
    assert [axis.scores(row[None])[0] for row in texts] == together.tolist()


@given(
    arrays(np.float64, 30, elements=st.floats(-3, 3)),
    st.floats(0, 0.9),
)
def test_strength_is_monotone_odd_bounded_and_zero_within_the_band(scores, band):
    ordered = np.sort(scores)
    found = strengths(ordered, band)
    assert (np.diff(found) >= 0).all()
    assert (strengths(-ordered, band) == -found).all()
    assert (np.abs(found) <= 1).all()
    assert not found[np.abs(ordered) <= band].any()
    assert (np.abs(found[np.abs(ordered) >= 1]) == 1).all()
