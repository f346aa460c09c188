"""The byte that each of the last interactions has: whether it is a text, and takes part in pairs.

Bit 0 says that the interaction is a text. The other seven bits are the number of the interaction
among those of its hour that take part, in the order of reading, from 1; or one of three values:
0 for a text, and for an interaction that an earlier version of the job has kept, which takes part;
BEYOND for one beyond `per_user_hour`; LATE for one that was read too late.
"""

import numpy as np
from numpy.typing import NDArray

TEXT = 1
BEYOND = 126
LATE = 127
HOUR_MS = 3_600_000

Marks = NDArray[np.uint8]


def is_text(marks: Marks) -> NDArray[np.bool_]:
    """Whether each interaction is a text."""
    text: NDArray[np.bool_] = (marks & TEXT) != 0
    return text


def takes_part(marks: Marks) -> NDArray[np.bool_]:
    """Whether each interaction takes part in pairs, unless it was undone."""
    part: NDArray[np.bool_] = ((marks & TEXT) == 0) & ((marks >> 1) < BEYOND)
    return part


def numbered(marks: Marks) -> NDArray[np.uint8]:
    """The interactions' numbers within their hours; 0 for those that do not count.

    One beyond `per_user_hour` has a number above all others.
    """
    number = marks >> 1
    return np.where(number == LATE, 0, number).astype(np.uint8)


def marks_of(
    text: NDArray[np.bool_], number: NDArray[np.int64], most: int, late: NDArray[np.bool_]
) -> Marks:
    """The mark of each interaction, by its `number` in its hour: the first `most` take part."""
    value = np.where(late, LATE, np.where(number > most, BEYOND, number))
    return np.where(text, TEXT, value << 1).astype(np.uint8)
