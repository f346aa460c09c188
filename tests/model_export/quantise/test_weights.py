import numpy as np
import pytest

from model_export.quantise.blocks import BLOCK, into_blocks
from model_export.quantise.weights import (
    LARGEST_INT7,
    LARGEST_INT8,
    round_to_nearest,
    round_with_compensation,
)

RNG = np.random.default_rng(11)
WEIGHTS = RNG.normal(size=(48, 24)).astype(np.float32)


@pytest.mark.parametrize("largest", [LARGEST_INT8, LARGEST_INT7])
def test_the_nearest_step_is_never_further_than_half_a_step(largest):
    columns = round_to_nearest(WEIGHTS, largest)
    assert np.abs(columns.values).max(axis=0).tolist() == [largest] * 24
    assert np.all(np.abs(columns.widened - WEIGHTS) <= columns.scales / 2 * 1.0001)


def test_a_column_of_zeros_stays_zero():
    weights = WEIGHTS.copy()
    weights[:, 3] = 0
    assert not round_to_nearest(weights).widened[:, 3].any()


def test_compensation_lowers_the_error_on_inputs_that_vary_together():
    # Few directions carry nearly all of the inputs: rounding errors can hide in the others.
    mixing = RNG.normal(size=(6, 48))
    inputs = RNG.normal(size=(500, 6)) @ mixing + 0.05 * RNG.normal(size=(500, 48))
    inputs = inputs.astype(np.float32)
    fresh = (RNG.normal(size=(500, 6)) @ mixing).astype(np.float32)

    def error(widened):
        return np.linalg.norm(fresh @ widened - fresh @ WEIGHTS)

    nearest, compensated = round_to_nearest(WEIGHTS), round_with_compensation(WEIGHTS, inputs)
    assert error(compensated.widened) < 0.5 * error(nearest.widened)
    assert np.abs(compensated.values).max() <= LARGEST_INT8


def test_compensation_survives_inputs_that_are_always_zero():
    inputs = np.zeros((10, 48), np.float32)
    np.testing.assert_array_equal(
        round_with_compensation(WEIGHTS, inputs).values, round_to_nearest(WEIGHTS).values
    )


@pytest.mark.parametrize("bits", [4, 8])
def test_blocks_unpack_to_the_weights_within_half_a_step(bits):
    weights = RNG.normal(size=(BLOCK * 2 + 5, 7)).astype(np.float32)
    blocks = into_blocks(weights, bits)
    steps = blocks.values
    if bits == 4:
        steps = np.stack([steps & 15, steps >> 4], axis=-1).reshape(*steps.shape[:2], BLOCK)
    middle = 2 ** (bits - 1)
    unpacked = (steps.astype(np.float32) - middle) * blocks.scales[:, :, None]
    unpacked = unpacked.reshape(7, -1)[:, : len(weights)].T
    largest_step = np.repeat(blocks.scales, BLOCK, axis=1)[:, : len(weights)].T
    assert np.all(np.abs(unpacked - weights) <= largest_step / 2 * 1.0001)
