"""What travels from the interest step to the user writer, and the store that holds it meanwhile."""

from collections.abc import Hashable
from dataclasses import dataclass

from pyflink.datastream.functions import RuntimeContext

from jobs.core.interest.user_batch import UserBatch
from jobs.core.progress import Progress
from jobs.core.trends.counts import TrendCounts
from jobs.operators.settings import OperatorSettings

_ROW_BYTES = 200
"""Of a user's and a relation's row, texts included."""


@dataclass(frozen=True)
class CountedBatch:
    """What the interest step hands over; `before` are the bucket's counters without it,
    `trends` what the batch adds to the trends."""

    batch: UserBatch
    before: Progress
    trends: TrendCounts | None = None

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        batch = self.batch
        windows = batch.folded.windows if batch.folded is not None else ()
        letters = (letter for letters in batch.dead.values() for letter in letters)
        return (
            sum(rows.vector.nbytes for rows in windows)
            + sum(len(letter.raw) for letter in letters)
            + _ROW_BYTES
            * (
                len(batch.users)
                + (len(batch.user_item_rows.user_id) if batch.user_item_rows else 0)
            )
        )


def store_name(settings: OperatorSettings, context: RuntimeContext) -> Hashable:
    """The store between the interest step and the writer of one subtask of one attempt."""
    identity = settings.identity
    # PyFlink's own methods for both ask an object of Java's that has lost them.
    task = context._runtime_context.getTaskInfo()
    place = task.getIndexOfThisSubtask(), task.getAttemptNumber()
    return ("users", identity.space_id, identity.epoch, *place)
