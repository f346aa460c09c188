"""What one call of the interest step has to say to Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.core.interest.folded import Folded
from jobs.core.interest.user_item_rows import UserItemRows
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress


@dataclass(frozen=True)
class UserBatch:
    """Everything one call of the operator has to say to Postgres."""

    space_id: int
    epoch: int
    bucket: int
    users: Sequence[str] = ()
    folded: Folded | None = None
    user_item_rows: UserItemRows | None = None
    withdrawn: Sequence[str] = ()
    forgotten: Sequence[str] = ()
    progress: dict[str, Progress] = field(default_factory=dict)
    dead: dict[str, Sequence[DeadLetter]] = field(default_factory=dict)
