"""A user is counted for the first events of each day, whatever else they do."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from jobs.core.trends.day_marks import MOST_DAYS, count_first

DAYS = st.lists(st.integers(min_value=0, max_value=8))


@given(batches=st.lists(DAYS), most=st.integers(min_value=1, max_value=3))
def test_of_each_day_the_first_events_count_however_they_are_batched(
    batches: list[list[int]], most: int
) -> None:
    marks: dict[int, int] = {}
    counted: list[bool] = []
    for batch in batches:
        marks, flags = count_first(marks, batch, most)
        counted += flags
    seen: Counter[int] = Counter()
    for day, flag in zip((day for batch in batches for day in batch), counted, strict=True):
        assert flag == (seen[day] < most)
        seen[day] += 1


@given(days=DAYS, gone=st.integers(min_value=0, max_value=8))
def test_a_day_that_a_user_does_not_have_changes_no_other(days: list[int], gone: int) -> None:
    """Neighbouring inputs of the guarantee differ in the counts of that day alone."""
    _, with_it = count_first({}, days, most=1)
    others = [day for day in days if day != gone]
    _, without = count_first({}, others, most=1)
    assert [flag for day, flag in zip(days, with_it, strict=True) if day != gone] == without


def test_a_day_before_those_that_are_remembered_is_not_counted() -> None:
    marks, _ = count_first({}, range(1, MOST_DAYS + 1), most=1)
    after, (old, new) = count_first(marks, [0, MOST_DAYS + 1], most=1)
    assert (old, new) == (False, True)
    assert sorted(after) == list(range(2, MOST_DAYS + 2))
