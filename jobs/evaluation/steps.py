"""In which portions interactions are fed, as far as the job is to see them as they happen."""

from collections import Counter
from collections.abc import Iterator, Sequence

AT_MOST = 25
"""Interactions in a portion."""
OF_A_USER = 2
"""Interactions of one user in a portion."""


def steps(
    users: Sequence[int], at_most: int = AT_MOST, of_a_user: int = OF_A_USER
) -> Iterator[int]:
    """Yield the index at which each portion of interactions ends, the last one being `len(users)`.

    A batch of a running job holds the events of a fraction of a second, in which a user comes
    once. A portion that held a user's whole evening would teach what an evening begins with.

    >>> list(steps([1, 2, 1, 1, 3], of_a_user=2)), list(steps([1, 2, 3], at_most=2))
    ([3, 5], [2, 3])
    >>> list(steps([]))
    []
    """
    within: Counter[int] = Counter()
    for index, user in enumerate(users):
        if within[user] == of_a_user or within.total() == at_most:
            yield index
            within.clear()
        within[user] += 1
    if within:
        yield len(users)
