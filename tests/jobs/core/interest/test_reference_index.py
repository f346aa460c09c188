"""The index of references, compared with a dictionary, with many collisions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.interest.reference_index import ReferenceIndex

# Few distinct low bits, so that runs of used slots merge and wrap around the end of the table.
CLOSE = st.builds(lambda high, low: (high << 32) + low, st.integers(0, 9), st.integers(0, 3))
AT_THE_END = st.builds(lambda high: (high << 32) + (1 << 32) - 1, st.integers(0, 9))
REFERENCES = st.one_of(CLOSE, AT_THE_END, st.integers(0, 2**64 - 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(REFERENCES, max_size=60), st.lists(REFERENCES, max_size=20))
def test_it_finds_what_a_dictionary_finds(added, looked_up):
    index, expected = ReferenceIndex(1), dict[int, int]()
    for row, reference in enumerate(added):
        index.add(reference, row)
        expected.setdefault(reference, row)
    every = np.array([*added, *looked_up, 0, 2**64 - 1], dtype=np.uint64)
    assert index.find(every).tolist() == [expected.get(one, -1) for one in every.tolist()]


@pytest.mark.parametrize("capacity", [1, 7, 256])
def test_many_references_are_all_found_again(capacity):
    references = np.random.default_rng(0).integers(0, 2**64, 5_000, dtype=np.uint64)
    index = ReferenceIndex(capacity)
    for row, reference in enumerate(references.tolist()):
        index.add(reference, row)
    np.testing.assert_array_equal(index.find(references), np.arange(5_000))
    assert (index.find(references + np.uint64(1)) == -1).all()


def test_an_empty_index_and_no_references():
    index = ReferenceIndex()
    assert index.find(np.array([0, 5], dtype=np.uint64)).tolist() == [-1, -1]
    assert index.find(np.array([], dtype=np.uint64)).shape == (0,)
