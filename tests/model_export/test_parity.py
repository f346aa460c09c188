from dataclasses import replace

import numpy as np
import pytest

from model_export.errors import ParityError
from model_export.parity import ParityRun, float16_ulps, require_parity
from model_export.parity_texts import PARITY_TEXTS
from model_export.tolerances import FP32

TEXTS = ["one", "two", "three"]
VECTORS = np.random.default_rng(3).normal(size=(3, 32)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
EQUAL = ParityRun(TEXTS, VECTORS, VECTORS, {"all together": VECTORS, "in reverse": VECTORS})


def changed(row: int, by: float) -> np.ndarray:  # type: ignore[type-arg]
    vectors = VECTORS.copy()
    vectors[row, 0] += by
    return vectors


def test_equal_vectors_pass_with_their_figures():
    figures = require_parity(EQUAL, FP32)
    assert figures.texts == 3
    assert figures.min_cosine == pytest.approx(1)
    assert (figures.max_abs_difference, figures.max_batch_ulps) == (0, 0)


def test_a_vector_far_from_the_models_fails_and_says_by_how_much():
    run = replace(EQUAL, reference=changed(1, 0.1))
    a, b = VECTORS[1].astype(float), changed(1, 0.1)[1].astype(float)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    with pytest.raises(ParityError, match=r"'two': difference from the model 0\.1,") as caught:
        require_parity(run, FP32)
    assert f"'two': cosine with the model {cosine:.8f}, at least 0.99999" in str(caught.value)
    assert "'one'" not in str(caught.value)


def test_a_vector_that_depends_on_its_batch_fails():
    run = replace(EQUAL, batched={"all together": VECTORS, "in reverse": changed(2, 0.01)})
    with pytest.raises(ParityError, match="'three': float16 ulps alone and in reverse"):
        require_parity(run, FP32)


def test_all_failures_are_told_at_once():
    longer = VECTORS * np.float32(1.01)
    run = ParityRun(TEXTS, changed(0, 0.1), longer, {"all together": changed(2, 0.1)})
    with pytest.raises(ParityError) as caught:
        require_parity(run, FP32)
    message = str(caught.value)
    for part in ("cosine with the model", "difference from", "L2 norm off 1", "all together"):
        assert part in message


def test_a_graph_that_is_wrong_everywhere_is_told_in_a_few_lines():
    texts = [str(number) for number in range(200)]
    many = np.repeat(VECTORS[:1], 200, axis=0)
    with pytest.raises(ParityError, match="in 400 places") as caught:
        require_parity(ParityRun(texts, -many, many, {}), FP32)
    assert str(caught.value).endswith("and 388 more")
    assert len(str(caught.value).splitlines()) == 14


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_fails(bad):
    vectors = VECTORS.copy()
    vectors[0, 0] = bad
    with pytest.raises(ParityError, match="'one'"):
        require_parity(replace(EQUAL, alone=vectors), FP32)


def test_vectors_of_another_dimension_fail():
    with pytest.raises(ParityError, match=r"\(3, 32\), the model \(3, 16\)"):
        require_parity(replace(EQUAL, reference=VECTORS[:, :16]), FP32)


def test_ulps_count_float16_neighbours_across_zero():
    tiny = np.float32(2.0**-24)  # the smallest float16 above zero
    left = np.array([1.0, tiny, 0.0, 1.0], dtype=np.float32)
    right = np.array([np.nextafter(np.float16(1), np.float16(2)), -tiny, -0.0, 1.0], np.float32)
    assert float16_ulps(left, right).tolist() == [1, 2, 0, 0]


def test_the_built_in_texts_are_many_different_and_of_all_lengths():
    assert len(PARITY_TEXTS) >= 60
    assert len(set(PARITY_TEXTS)) == len(PARITY_TEXTS)
    assert min(map(len, PARITY_TEXTS)) == 0
    assert max(map(len, PARITY_TEXTS)) > 1400
