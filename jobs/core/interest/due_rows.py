"""Which rows of a batch's users are written now, and which are deferred."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.user_state import NEVER, Records


class Write(Enum):
    """Which rows to write.

    NOW: rows that have moved enough. DEFERRED: also rows that were deferred before. ALL: every row
    that the users have.
    """

    NOW = 1
    DEFERRED = 2
    ALL = 3


def due_rows(records: Records, settings: FoldSettings, write: Write) -> NDArray[np.bool_]:
    """`(users, windows + 1)`: True where a row is due.

    The columns are the half-life windows in the layout's order, and last the user's own row.
    """
    interest = settings.interest
    due: NDArray[np.bool_] = records["unwritten"] > 0
    if write is Write.ALL:
        due[:, :-1] = records["as_of"] != NEVER
        due[:, -1] = True
    elif write is Write.NOW and interest.slow_delay_s:
        # Cap the event count at the effective memory (half-life / ln 2), so that the interests of
        # a user with a long history still become due.
        memory = np.minimum(records["events"], interest.interest_half_life_events / np.log(2))
        moved = records["unwritten"] >= interest.slow_share * np.c_[records["weight"], memory]
        moved[:, [window.name in interest.at_once for window in settings.windows] + [False]] = True
        due &= moved
    return due
