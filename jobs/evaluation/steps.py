"""In which portions interactions are fed, as far as the job is to see them as they happen."""

from collections.abc import Iterator, Sequence

AT_MOST = 25
"""Interactions in a portion."""


def steps(users: Sequence[int], at_most: int = AT_MOST) -> Iterator[int]:
    """Yield the index at which each portion of interactions ends, the last one being `len(users)`.

    In a portion no user comes twice, as in a batch of a running job, which holds the events of a
    fraction of a second. A portion that held a user's whole evening would be asked about as of
    before that evening.

    >>> list(steps([1, 2, 1, 3, 3])), list(steps([1, 2, 3], at_most=2)), list(steps([]))
    ([2, 4, 5], [2, 3], [])
    """
    within: set[int] = set()
    for index, user in enumerate(users):
        if user in within or len(within) == at_most:
            yield index
            within.clear()
        within.add(user)
    if within:
        yield len(users)
