"""Carries out commands: forget, opt out and opt in of users, and the deletion of items."""

from collections.abc import Sequence
from dataclasses import replace

from jobs.core.interest.due_rows import Write
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_control import DeleteItem, parse_control
from jobs.operators.fold_bucket import TurnResult, rewrite_users
from jobs.operators.forgotten_lines import without_forgotten
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from jobs.operators.user_store import FORGET, OPT_OUT


def apply_commands(
    context: InterestContext, turn: BucketTurn, lines: Sequence[bytes]
) -> TurnResult:
    """Carry out the commands in the `lines` of a bucket, in their order.

    `forget` removes a user's state, and the writer removes the rows. `opt_out` keeps the state, and
    the writer removes the vectors. `opt_in` writes the rows again, except for a forgotten user.
    `delete_item` names no user, so it may be in any bucket: the writer deletes the item's rows, and
    from the table of deleted items every step learns of it.
    """
    if turn.bucket == UNREADABLE_BUCKET:
        return _without_user(context, turn, lines)
    parsed = parse_control(lines, context.rules)
    bucket, users = turn.bucket, context.users
    forgotten: list[str] = []
    changed: set[str] = set()
    dropped = 0
    for command in parsed.commands:
        user_id = command.user_id
        reason = users.exclusion_reason(bucket, user_id)
        if command.command == "forget":
            dropped += len(context.waiting.take_user(user_id))
            context.deferred.remove(bucket, user_id)
            users.remove(user_id)
            context.pages.remove(bucket, user_id)
            users.exclude(bucket, user_id, FORGET)
            forgotten.append(user_id)
        elif reason == FORGET:
            continue
        elif command.command == "opt_out":
            context.deferred.remove(bucket, user_id)
            users.exclude(bucket, user_id, OPT_OUT)
            changed.add(user_id)
        elif reason is not None:
            users.readmit(bucket, user_id)
            changed.add(user_id)
    dead = without_forgotten(users, bucket, parsed.dead)
    counted = _counted(
        context, turn, lines, dead, sorted(changed.difference(forgotten)), forgotten, dropped
    )
    return _with_deletions(counted, parsed.deletions)


def _with_deletions(result: TurnResult, deletions: Sequence[DeleteItem]) -> TurnResult:
    items = [deletion.item_id for deletion in deletions]
    return replace(result, batch=replace(result.batch, deleted_items=items))


def _without_user(context: InterestContext, turn: BucketTurn, lines: Sequence[bytes]) -> TurnResult:
    """Delete items; a command about a user is a dead letter, since Java could not read its key."""
    dead: list[DeadLetter] = []
    deletions: list[DeleteItem] = []
    for line in lines:
        parsed = parse_control([line], context.rules)
        dead += parsed.dead
        deletions += parsed.deletions
        dead += [
            DeadLetter(line, "unreadable_key", user_id=command.user_id)
            for command in parsed.commands
        ]
    return _with_deletions(_counted(context, turn, lines, dead), deletions)


def _counted(
    context: InterestContext,
    turn: BucketTurn,
    lines: Sequence[bytes],
    dead: Sequence[DeadLetter],
    changed: Sequence[str] = (),
    forgotten: Sequence[str] = (),
    dropped: int = 0,
) -> TurnResult:
    """The result of a turn: rows of the `changed` users, and the counters after its commands.

    `dropped` is the number of waiting events of users who were forgotten.
    """
    before = turn.state.control
    control = replace(
        before,
        records_in=before.records_in + len(lines),
        dead_letters=before.dead_letters + len(dead),
        applied=before.applied + len(lines) - len(dead),
    )
    excluded = context.users.excluded(turn.bucket, changed).tolist()
    state = replace(turn.state, control=control)
    written = rewrite_users(context, replace(turn, state=state), changed, Write.ALL)
    progress = replace(
        written.state.events,
        waiting=written.state.events.waiting - dropped,
        excluded=written.state.events.excluded + dropped,
    )
    batch = replace(
        written.batch,
        forgotten=forgotten,
        opted_out=[
            user_id for user_id, is_excluded in zip(changed, excluded, strict=True) if is_excluded
        ],
        progress={"events": progress, "control": control},
        dead={**written.batch.dead, "control": dead},
    )
    return TurnResult(replace(written.state, events=progress), batch)
