from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from udfs.lru import LruCache


@given(st.integers(0, 5), st.lists(st.tuples(st.booleans(), st.integers(0, 9))))
def test_it_keeps_what_was_used_last_and_no_more_than_its_capacity(capacity, calls):
    cache = LruCache[int, int](capacity)
    uses: list[int] = []  # oldest first
    for is_put, key in calls:
        if is_put:
            cache.put(key, key * 10)
            uses = [*(k for k in uses if k != key), key][-capacity or len(uses) + 1 :]
        elif key in uses:
            assert cache.get(key) == key * 10
            uses = [*(k for k in uses if k != key), key]
        else:
            assert cache.get(key) is None
        assert len(cache) == len(uses) <= capacity


def test_an_entry_that_was_read_outlives_one_that_was_not():
    cache = LruCache[str, int](2)
    for key, value in OrderedDict(a=1, b=2).items():
        cache.put(key, value)
    cache.get("a")
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
