"""Batches on their way from the interest step to the user writer, and the name of their store."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyflink.datastream.functions import RuntimeContext

from jobs.core.interest.user_batch import UserBatch
from jobs.core.progress import Progress
from jobs.core.trends.counts import TrendCounts
from jobs.operators.settings import OperatorSettings

_ROW_BYTES = 200
"""Estimated size of a row of `users` or `user_items`, ids included."""


@dataclass(frozen=True)
class AppliedEvents:
    """The events that count in a batch, for its metrics; every column is `(events,)`.

    `time_ms` is in epoch milliseconds; `code` is the code of the action (`ActionTable`).
    """

    time_ms: NDArray[np.int64]
    code: NDArray[np.intp]


@dataclass(frozen=True)
class CountedBatch:
    """A batch of rows to write.

    `before` are the bucket's counters without the batch; `trends` are the counts that the batch
    adds to trends; `pairs` are packed changes of pairs of items (`neighbors.messages`), by bucket
    of items. `events` are those that count, and `began_ms` is when the batch came to be folded, in
    epoch milliseconds.
    """

    batch: UserBatch
    before: Progress
    trends: TrendCounts | None = None
    pairs: Sequence[tuple[int, bytes]] = ()
    events: AppliedEvents | None = None
    began_ms: int = 0

    @property
    def size(self) -> int:
        """Estimated size in bytes."""
        batch = self.batch
        windows = batch.folded.windows if batch.folded is not None else ()
        dead_letters = (dead_letter for dead in batch.dead.values() for dead_letter in dead)
        return (
            sum(rows.vector.nbytes for rows in windows)
            + sum(len(message) for _, message in self.pairs)
            + sum(len(dead_letter.raw) for dead_letter in dead_letters)
            + _ROW_BYTES
            * (
                len(batch.users)
                + (len(batch.user_item_rows.user_id) if batch.user_item_rows else 0)
                + (len(batch.shown) if batch.shown is not None else 0)
                + sum(len(rows.cells) for rows in batch.click_rows)
            )
        )


def store_name(settings: OperatorSettings, context: RuntimeContext) -> Hashable:
    """The name of the store between the interest step and the user writer.

    It is the same for the two steps of one subtask in one attempt, and no others.
    """
    identity = settings.identity
    # PyFlink 2.3's get_index_of_this_subtask() and get_attempt_number() fail in thread mode, since
    # Flink 2 moved both to TaskInfo (docs/traps.md).
    task = context._runtime_context.getTaskInfo()
    subtask = task.getIndexOfThisSubtask(), task.getAttemptNumber()
    return ("users", identity.space_id, identity.epoch, *subtask)
