import random

import numpy as np
import pytest

from tests.udfs.builders import CountingEncoder
from udfs.errors import DegenerateVectorError, EmptyCatalogueError, SettingsError
from udfs.space import catalogue_mean, directions, to_space

RNG = np.random.default_rng(7)
VECTORS = RNG.normal(size=(50, 16)).astype(np.float32)
MEAN = (RNG.normal(size=16) / 10).astype(np.float32)


def test_a_vector_of_the_space_is_the_unit_difference_from_the_mean():
    expected = [(v - MEAN) / np.sqrt(sum((v - MEAN) ** 2)) for v in VECTORS.astype(np.float64)]
    result = to_space(VECTORS, MEAN)
    assert result.dtype == np.float16
    np.testing.assert_array_equal(result, np.array(expected).astype(np.float16))


def test_a_row_does_not_depend_on_the_others():
    rows = [to_space(row[None, :], MEAN) for row in VECTORS]
    np.testing.assert_array_equal(np.concatenate(rows), to_space(VECTORS, MEAN))


@pytest.mark.parametrize(
    "bad", [MEAN, MEAN + np.float32(1e-7), np.full(16, np.nan), np.full(16, np.inf)]
)
def test_a_row_without_a_direction_is_named(bad):
    vectors = VECTORS.copy()
    vectors[3] = bad
    with pytest.raises(DegenerateVectorError, match=r"rows \[3\]"):
        to_space(vectors, MEAN)


def test_a_row_without_a_direction_is_zero_where_that_is_wanted():
    vectors = VECTORS.copy()
    vectors[3], vectors[5] = MEAN, np.nan
    units, usable = directions(vectors, MEAN)
    assert np.flatnonzero(~usable).tolist() == [3, 5]
    assert not units[[3, 5]].any()


@pytest.mark.parametrize("mean", [np.zeros(15), np.zeros((1, 16)), np.float32(0)])
def test_a_mean_of_another_dimension_is_refused(mean):
    with pytest.raises(SettingsError, match="50, 16"):
        to_space(VECTORS, mean)


def test_nothing_gives_no_rows():
    assert to_space(np.empty((0, 16), np.float32), MEAN).shape == (0, 16)


def test_the_catalogues_mean_is_that_of_its_distinct_documents():
    encoder = CountingEncoder()
    expected = encoder.encode(["a", "bcd"], "document").mean(axis=0)
    np.testing.assert_allclose(catalogue_mean(encoder, ["a", "bcd", "a", "a"]), expected, rtol=1e-6)


def test_the_sample_is_the_same_whatever_the_order():
    documents = [f"document {number}" * (number % 7) for number in range(500)]
    shuffled = random.Random(1).sample(documents, len(documents))
    encoders = CountingEncoder(), CountingEncoder()
    first = catalogue_mean(encoders[0], documents, sample=40)
    second = catalogue_mean(encoders[1], iter(shuffled), sample=40)
    assert encoders[0].asked == encoders[1].asked
    assert len(encoders[0].asked) == 40
    np.testing.assert_array_equal(first, second)


def test_another_seed_takes_another_sample():
    documents = [f"document {number}" for number in range(500)]
    first, second = CountingEncoder(), CountingEncoder()
    catalogue_mean(first, documents, sample=40, seed=0)
    catalogue_mean(second, documents, sample=40, seed=1)
    assert len(set(first.asked) & set(second.asked)) < 20


def test_a_catalogue_of_one_document_has_a_mean_of_zero():
    assert not catalogue_mean(CountingEncoder(), ["only", "only"]).any()


def test_an_empty_catalogue_is_refused():
    with pytest.raises(EmptyCatalogueError, match="load items"):
        catalogue_mean(CountingEncoder(), [])


def test_a_sample_of_none_is_refused():
    with pytest.raises(SettingsError, match="sample 0"):
        catalogue_mean(CountingEncoder(), ["a"], sample=0)
