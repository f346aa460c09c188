"""The result of a fold: the users' new states, and the rows to write."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.histories import Histories, joined_histories
from jobs.core.interest.user_rows import WindowRows, merged
from jobs.core.interest.user_state import UserEntry
from jobs.core.neighbors.pair_updates import PairUpdates, joined_updates


@dataclass(frozen=True)
class InterestRows:
    """Interests of the users whose own row is written, strongest first.

    `count` `(users,)` is the number of interests of each user. `item_id[k]`, `share[:, k]` and
    `size[:, k]` are the medoid, the share of the weight and the number of interactions of
    every user's interest `k`. The id is empty for a user with `k` or fewer interests.
    """

    count: NDArray[np.int64]
    item_id: list[list[str]]
    share: NDArray[np.float64]
    size: NDArray[np.int64]

    @classmethod
    def none(cls, users: int, max_interests: int) -> "InterestRows":
        """Rows of `users` users without interests."""
        zeros = np.zeros((users, max_interests))
        return cls(
            np.zeros(users, dtype=np.int64),
            [[""] * users for _ in range(max_interests)],
            zeros,
            zeros.astype(np.int64),
        )


@dataclass(frozen=True)
class Folded:
    """The users' new states, and the rows to write.

    - `entries` and `version`: new state and version of each user.
    - `written_users` `(written,)`: indices of the users whose own row is written. `events`,
      `last_ms` (epoch milliseconds) and `interests` are the columns of these rows.
    - `windows`: rows of `user_windows`, by kind.
    - `deferred`: indices of the users with deferred rows.
    - `pairs`: changes of pairs of items.
    - `histories`: last interactions of the `written_users`, None where nobody reads them.
    """

    entries: list[UserEntry]
    version: NDArray[np.int64]
    written_users: NDArray[np.intp]
    events: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    interests: InterestRows
    windows: list[WindowRows]
    deferred: NDArray[np.intp]
    pairs: PairUpdates = field(default_factory=PairUpdates.none)
    histories: Histories | None = None


def concatenated(parts: Sequence[Folded], chunk: int) -> Folded:
    """The results of consecutive chunks of `chunk` users each, as one result."""
    if len(parts) == 1:
        return parts[0]
    firsts = [index * chunk for index in range(len(parts))]

    def shifted(name: str) -> NDArray[np.intp]:
        return np.concatenate(
            [getattr(part, name) + first for part, first in zip(parts, firsts, strict=True)]
        )

    kinds: dict[str, list[WindowRows]] = {}
    for part, first in zip(parts, firsts, strict=True):
        for rows in part.windows:
            moved = replace(rows, user=rows.user + first, deleted=rows.deleted + first)
            kinds.setdefault(rows.kind, []).append(moved)
    return Folded(
        entries=[entry for part in parts for entry in part.entries],
        version=np.concatenate([part.version for part in parts]),
        written_users=shifted("written_users"),
        events=np.concatenate([part.events for part in parts]),
        last_ms=np.concatenate([part.last_ms for part in parts]),
        interests=InterestRows(
            np.concatenate([part.interests.count for part in parts]),
            [
                [item for ids in columns for item in ids]
                for columns in zip(*(part.interests.item_id for part in parts), strict=True)
            ],
            np.concatenate([part.interests.share for part in parts]),
            np.concatenate([part.interests.size for part in parts]),
        ),
        windows=[merged(rows) for rows in kinds.values()],
        deferred=shifted("deferred"),
        pairs=joined_updates([part.pairs for part in parts]),
        histories=None
        if parts[0].histories is None
        else joined_histories([part.histories for part in parts if part.histories is not None]),
    )
