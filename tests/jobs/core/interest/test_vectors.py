"""Vectors of items and texts, compared with a loop over the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.vectors import Vectors
from tests.builders import unit_rows

DIM = 3


def vectors(items: int, texts: int) -> Vectors:
    return Vectors(unit_rows(items, DIM, seed=1), unit_rows(texts, DIM, seed=2))


def one(of: Vectors, row: int) -> NDArray[np.float32]:
    """The vector of a row by definition: items first, then texts, zero for -1."""
    if row < 0:
        return np.zeros(DIM, dtype=np.float32)
    every: list[NDArray[np.float32]] = [*of.items, *of.texts]
    return every[row]


@st.composite
def rows_of(draw: st.DrawFn) -> tuple[Vectors, list[int]]:
    items, texts = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    rows = draw(st.lists(st.integers(-1, items + texts - 1), max_size=12))
    return vectors(items, texts), rows


@settings(max_examples=100, deadline=None)
@given(rows_of())
def test_rows_are_taken_one_by_one(drawn):
    of, rows = drawn
    taken = of.take(np.array(rows, dtype=np.intp))
    assert taken.shape == (len(rows), DIM)
    for row, vector in zip(rows, taken, strict=True):
        assert vector.tolist() == one(of, row).tolist()


def test_rows_keep_their_shape():
    taken = vectors(2, 1).take(np.array([[0, 2], [-1, 1]]))
    assert taken.shape == (2, 2, DIM)
    assert taken[1, 0].tolist() == [0.0] * DIM


@settings(max_examples=100, deadline=None)
@given(rows_of(), st.lists(st.integers(0, 12), max_size=4), st.randoms(use_true_random=False))
def test_sums_equal_those_of_a_loop(drawn, cuts, random):
    of, rows = drawn
    weights = np.array([random.choice([-1.0, 0.0, 0.5, 3.0]) for _ in rows], dtype=np.float32)
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    found = of.sums(weights, np.array(rows, dtype=np.intp), np.array(ends))
    assert found.shape == (len(ends) - 1, DIM)
    for total, start, end in zip(found, ends, ends[1:], strict=False):
        expected = sum(
            (
                float(w) * one(of, row).astype(np.float64)
                for w, row in zip(weights[start:end], rows[start:end], strict=True)
            ),
            start=np.zeros(DIM),
        )
        np.testing.assert_allclose(total, expected, atol=1e-5)


@pytest.mark.parametrize("items", [0, 5])
def test_text_rows_follow_the_rows_of_items(items):
    of = vectors(items, 2)
    assert of.text_row(np.array([1, 0])).tolist() == [items + 1, items]
    assert of.take(of.text_row(np.array([1]))).tolist() == of.texts[1:].tolist()


def test_taken_vectors_are_copies():
    of = vectors(2, 0)
    before = of.items.copy()
    of.take(np.array([0, 1]))[:] = 9.0
    assert of.items.tolist() == before.tolist()
