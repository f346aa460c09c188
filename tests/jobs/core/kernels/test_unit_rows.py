"""Unit vectors by kernels, beside the same in float64, and halves beside numpy's own cast."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.kernels.compiled import compiled
from jobs.core.kernels.half import half_bits
from jobs.core.kernels.unit_rows import sum_units, weighted_units

HALF_STEP = 2.0**-11
"""Half a step of float16, relative."""


@compiled()
def _halves(values, bits):
    for index in range(len(values)):
        bits[index] = half_bits(values[index])


def test_halves_are_rounded_as_numpy_rounds_them() -> None:
    rng = np.random.default_rng(0)
    every_half = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
    finite = every_half[np.abs(every_half) < np.finfo(np.float16).max]
    between = finite + np.spacing(finite.astype(np.float16)).astype(np.float32) / 2
    any_float = rng.integers(0, 2**32, 20_000, dtype=np.uint32).view(np.float32)
    values = np.concatenate([every_half, between, any_float])
    values = values[~np.isnan(values)]
    bits = np.empty(len(values), dtype=np.uint16)
    _halves(values, bits)
    with np.errstate(over="ignore"):
        assert bits.tobytes() == values.astype(np.float16).tobytes()


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 4, 24, 384]))
def test_a_row_is_the_unit_vector_of_the_weighted_sum(seed: int, dim: int) -> None:
    rng = np.random.default_rng(seed)
    items = rng.standard_normal((6, dim)).astype(np.float32)
    texts = rng.standard_normal((2, dim)).astype(np.float32)
    row = rng.integers(-1, 8, (5, 3))
    user = rng.integers(0, 5, 7)
    weights = rng.choice([0.0, 0.25, 1.0, 3.0], (7, 3)).astype(np.float32)
    norms, bits = weighted_units(items, texts, row, weights, user)
    vectors = np.concatenate([items, texts, np.zeros((1, dim))]).astype(np.float64)
    totals = np.einsum("sp,spd->sd", weights, vectors[row[user]])
    expected = np.linalg.norm(totals, axis=1)
    np.testing.assert_allclose(norms, expected, rtol=1e-5, atol=1e-6)
    clear = expected > 1e-2
    found = bits.view(np.float16)[clear].astype(np.float64)
    unit = totals[clear] / expected[clear, None]
    np.testing.assert_allclose(found, unit, rtol=1.05 * HALF_STEP, atol=1e-4)


def test_a_sum_is_read_at_its_word_of_the_record() -> None:
    words = np.arange(2 * 11, dtype=np.float32).reshape(2, 11)
    norms, bits = sum_units(words, 5, 4, np.array([1, 0, 1]))
    expected = np.array([[16, 17, 18, 19], [5, 6, 7, 8], [16, 17, 18, 19]], dtype=np.float64)
    lengths = np.linalg.norm(expected, axis=1)
    np.testing.assert_allclose(norms, lengths, rtol=1e-6)
    unit = expected / lengths[:, None]
    np.testing.assert_allclose(bits.view(np.float16), unit, rtol=1.05 * HALF_STEP)


def test_vectors_that_cancel_have_norm_0() -> None:
    items = np.array([[0.6, 0.8], [-0.6, -0.8]], dtype=np.float32)
    weights = np.ones((1, 2), dtype=np.float32)
    norms, _ = weighted_units(items, items[:0], np.array([[0, 1]]), weights, np.array([0]))
    assert norms.tolist() == [0.0]
