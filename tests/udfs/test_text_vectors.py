import numpy as np
import pytest
from numpy.typing import NDArray

from tests.udfs.builders import CountingEncoder
from udfs.errors import SettingsError
from udfs.space import to_space
from udfs.text_vectors import TextVectors

MEAN = np.array([0.1, -0.2], dtype=np.float32)


def vectors_of(
    encoder: CountingEncoder, cache_size: int = 100, mean: NDArray[np.float32] = MEAN
) -> TextVectors:
    return TextVectors(encoder, mean, "document", cache_size)


def test_a_text_becomes_the_bytes_of_its_vector():
    expected = to_space(CountingEncoder().encode(["abc", "a"], "document"), MEAN)
    result = vectors_of(CountingEncoder())(["abc", "a"])
    assert result == [row.astype("<f2").tobytes() for row in expected]


def test_null_stays_null_and_is_not_encoded():
    encoder = CountingEncoder()
    assert vectors_of(encoder)([None, "a", None])[::2] == [None, None]
    assert encoder.asked == ["a"]


def test_each_distinct_text_is_encoded_once_within_and_between_calls():
    encoder = CountingEncoder()
    encode = vectors_of(encoder)
    first = encode(["a", "b", "a"])
    assert encode(["b", "c", "a", "c"]) == [first[1], *encode(["c", "a", "c"])]
    assert encoder.asked == ["a", "b", "c"]


def test_the_memory_is_bounded_and_forgets_the_oldest():
    encoder = CountingEncoder()
    encode = vectors_of(encoder, cache_size=2)
    encode(["a", "b", "c"])
    assert len(encode._cache) == 2
    encode(["c", "b"])
    assert encoder.asked == ["a", "b", "c"]
    encode(["a"])
    assert encoder.asked == ["a", "b", "c", "a"]


@pytest.mark.parametrize("cache_size", [0, 1])
def test_a_call_with_more_texts_than_the_memory_holds_is_complete(cache_size):
    texts = ["a", "bb", "ccc", "a", "bb"]
    result = vectors_of(CountingEncoder(), cache_size)(texts)
    assert result == vectors_of(CountingEncoder())(texts)


def test_lone_surrogates_are_told_apart():
    encoder = CountingEncoder()
    vectors_of(encoder)(["\ud800", "\ud801"])
    assert len(encoder.asked) == 2


def test_a_text_that_equals_the_mean_becomes_zeros():
    encoder = CountingEncoder()
    mean = encoder.encode(["a"], "document")[0]
    assert vectors_of(encoder, mean=mean)(["a"]) == [bytes(4)]


def test_a_mean_of_another_dimension_is_refused():
    with pytest.raises(SettingsError, match="encoder dimension 2"):
        vectors_of(CountingEncoder(), mean=np.zeros(3, np.float32))
