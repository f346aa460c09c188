"""How much each user has been counted for on each day: the bound that differential privacy needs.

What a user does on a day changes the counts of that day by at most `most`, and those of no other
day: so days can be released one by one.
"""

from collections.abc import Mapping, Sequence

MOST_DAYS = 64
"""Days of a user that are remembered, the newest; an event of an older one is not counted."""


def count_first(
    marks: Mapping[int, int], days: Sequence[int], most: int
) -> tuple[dict[int, int], list[bool]]:
    """Which of a user's events on `days` (`(events,)`, in the order of reading) are counted.

    `marks` has the number of events that were counted of each day, of which the first `most` are.
    Returns the new marks, and `(events,)` whether each event is counted.

    >>> count_first({7: 1}, [7, 8, 8, 9], most=1)
    ({7: 1, 8: 1, 9: 1}, [False, True, False, True])
    """
    after = dict(marks)
    counted = []
    for day in days:
        used = after.get(day, 0)
        fits = used < most
        if fits and not used and len(after) >= MOST_DAYS:
            oldest = min(after)
            fits = day > oldest
            if fits:
                del after[oldest]
        if fits:
            after[day] = used + 1
        counted.append(fits)
    return after, counted
