"""The rows that one call of the interest step writes to Postgres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jobs.core.feedback.click_rows import ClickRows
from jobs.core.feedback.shown_rows import ShownRows
from jobs.core.interest.folded import Folded
from jobs.core.interest.sequence_rows import SequenceRows
from jobs.core.interest.user_item_rows import UserItemRows
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.core.transfer_rows import TransferRows


@dataclass(frozen=True)
class UserBatch:
    """The rows of one call, written in one transaction.

    - `space_id`, `epoch` and `bucket`: the space, the fencing token and the bucket of the rows.
    - `users` and `folded`: the ids of the users, and their rows; indices in `folded` are into
      `users`.
    - `user_item_rows`: rows of `user_items`.
    - `sequence_rows`: rows of users for a sequence model.
    - `shown`: impressions, to be merged into `shown_items`.
    - `click_rows`: rows of `click_counts`; later ones replace earlier ones.
    - `clicked_places`: by user and item the position at which an item was shown that was clicked.
    - `opted_out`: users whose vectors are deleted: they opted out, or were merged into others.
    - `merged`: pairs (old user, new user) whose rows of `user_items` and `shown_items` become the
      new user's.
    - `forgotten`: users whose rows are all deleted.
    - `deleted_items`: items that are deleted for good.
    - `transfers`: rows of what other buckets get.
    - `progress` and `dead`: counters and dead letters, by stream.
    - `task_start`: the number of the task that writes it, 0 before there is one.
    """

    space_id: int
    epoch: int
    bucket: int
    users: Sequence[str] = ()
    folded: Folded | None = None
    user_item_rows: UserItemRows | None = None
    sequence_rows: SequenceRows | None = None
    shown: ShownRows | None = None
    click_rows: Sequence[ClickRows] = ()
    clicked_places: Mapping[tuple[str, str], int] = field(default_factory=dict)
    opted_out: Sequence[str] = ()
    merged: Sequence[tuple[str, str]] = ()
    forgotten: Sequence[str] = ()
    deleted_items: Sequence[str] = ()
    transfers: TransferRows = field(default_factory=TransferRows)
    progress: dict[str, Progress] = field(default_factory=dict)
    dead: dict[str, Sequence[DeadLetter]] = field(default_factory=dict)
    task_start: int = 0
