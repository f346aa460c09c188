"""What commands change: the rows of their users, and the counters of their bucket."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jobs.core.feedback.click_rows import ClickRows
from jobs.core.interest.due_rows import Write
from jobs.core.parsing.events import DeadLetter
from jobs.operators.fold_bucket import TurnResult, rewrite_users
from jobs.operators.interest_context import BucketTurn, InterestContext


@dataclass
class UserChanges:
    """The changes of one turn.

    - `changed`: users whose rows are written anew, or deleted if they are excluded.
    - `forgotten`: users whose rows are all deleted.
    - `merged`: pairs (old user, new user) whose rows of `user_items` and `shown_items` become the
      new user's.
    - `gone`: users who were merged into others, whose vectors are deleted.
    - `click_rows`: rows of `click_counts`.
    - `dead`: dead letters of control.
    - `waiting`, `excluded`, `moved`: what is added to these counters of events.
    """

    changed: set[str] = field(default_factory=set)
    forgotten: list[str] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    click_rows: list[ClickRows] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    waiting: int = 0
    excluded: int = 0
    moved: int = 0


def write_changes(
    context: InterestContext,
    turn: BucketTurn,
    changes: UserChanges,
    *,
    lines: int = 0,
    dead: Sequence[DeadLetter] = (),
) -> TurnResult:
    """The rows of the changed users, and the counters after the changes.

    `lines` of control were read in this turn; `dead` are those that are no commands.
    """
    dead = [*dead, *changes.dead]
    before = turn.state.control
    control = replace(
        before,
        records_in=before.records_in + lines,
        dead_letters=before.dead_letters + len(dead),
        applied=before.applied + lines - len(dead),
    )
    changed = sorted(changes.changed.difference(changes.forgotten))
    excluded = context.users.excluded(turn.bucket, changed).tolist()
    state = replace(turn.state, control=control)
    written = rewrite_users(context, replace(turn, state=state), changed, Write.ALL)
    events = written.state.events
    events = replace(
        events,
        waiting=events.waiting + changes.waiting,
        excluded=events.excluded + changes.excluded,
        moved=events.moved + changes.moved,
    )
    opted_out = [
        user_id for user_id, is_excluded in zip(changed, excluded, strict=True) if is_excluded
    ]
    if context.sequence is not None:
        gone = [*changes.forgotten, *opted_out, *changes.gone]
        context.sequence.drop(turn.bucket, gone)
    batch = replace(
        written.batch,
        forgotten=changes.forgotten,
        opted_out=[*opted_out, *changes.gone],
        merged=changes.merged,
        click_rows=changes.click_rows,
        progress={"events": events, "control": control},
        dead={**written.batch.dead, "control": dead},
    )
    return TurnResult(replace(written.state, events=events), batch)
