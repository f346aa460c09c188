"""Carries out commands: forget, opt out, opt in and merge of users, and the deletion of items."""

from collections.abc import Sequence
from dataclasses import replace

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_control import MERGE, Command, DeleteItem, parse_control
from jobs.operators.fold_bucket import TurnResult
from jobs.operators.forgotten_lines import without_forgotten
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.merge_state import forget_parts, move_out, send_transfer
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from jobs.operators.transfer import COMMAND, Transfer
from jobs.operators.user_changes import UserChanges, write_changes
from jobs.operators.user_store import FORGET, OPT_OUT


def apply_commands(
    context: InterestContext, turn: BucketTurn, lines: Sequence[bytes]
) -> TurnResult:
    """Carry out the commands in the `lines` of a bucket, in their order.

    `forget` removes a user's state, and the writer removes the rows. `opt_out` keeps the state, and
    the writer removes the vectors. `opt_in` writes the rows again, except for a forgotten user.
    `merge` sends the state to the bucket of another user. A command about a user who was merged is
    sent to the user whose part this is now. `delete_item` names no user, so it may be in any
    bucket: the writer deletes the item's rows, and from the table of deleted items every step
    learns of it.
    """
    if turn.bucket == UNREADABLE_BUCKET:
        return _without_user(context, turn, lines)
    parsed = parse_control(lines, context.rules)
    changes = UserChanges()
    for command in parsed.commands:
        apply_command(context, turn, command, changes)
    dead = without_forgotten(context.users, turn.bucket, parsed.dead)
    written = write_changes(context, turn, changes, lines=len(lines), dead=dead)
    return _with_deletions(written, parsed.deletions)


def apply_command(
    context: InterestContext, turn: BucketTurn, command: Command, changes: UserChanges
) -> None:
    """Carry out one command, which is noted in the `changes`."""
    bucket, users, user_id = turn.bucket, context.users, command.user_id
    into = context.merged.into(bucket).get(user_id)
    if command.command == MERGE:
        _merge(context, turn, command, into, changes)
        return
    if into is not None:
        transfer = Transfer(COMMAND, into, (user_id,), (command.command,))
        send_transfer(context, turn, transfer)
        return
    reason = users.exclusion_reason(bucket, user_id)
    if command.command == "forget":
        forget_parts(context, turn, context.merged.take_parts(bucket, user_id))
        forget(context, turn, user_id, changes)
    elif reason == FORGET:
        return
    elif command.command == "opt_out":
        context.deferred.remove(bucket, user_id)
        users.exclude(bucket, user_id, OPT_OUT)
        changes.changed.add(user_id)
    elif reason is not None:
        users.readmit(bucket, user_id)
        changes.changed.add(user_id)


def forget(context: InterestContext, turn: BucketTurn, user_id: str, changes: UserChanges) -> None:
    """Forget a user of the bucket, who is nobody's part any more."""
    bucket = turn.bucket
    dropped = len(context.waiting.take_user(user_id))
    changes.waiting -= dropped
    changes.excluded += dropped
    context.deferred.remove(bucket, user_id)
    context.users.remove(user_id)
    if context.contributions is not None:
        context.contributions.remove(user_id)
    if context.clicks is not None:
        context.clicks.take(user_id)
    context.pages.remove(bucket, user_id)
    context.merged.part(bucket, user_id)
    context.users.exclude(bucket, user_id, FORGET)
    changes.forgotten.append(user_id)


def _merge(
    context: InterestContext,
    turn: BucketTurn,
    command: Command,
    into: str | None,
    changes: UserChanges,
) -> None:
    """Merge a user who was merged `into` another one already, None for a user who was not."""
    bucket, user_id = turn.bucket, command.user_id
    if into == command.into or context.users.exclusion_reason(bucket, user_id) == FORGET:
        return
    refusal = ""
    if not context.transfers.possible:
        refusal = "a job of several slots merges users only with checkpoints.directory"
    elif into is not None:
        refusal = "the user is part of another one already"
    elif command.into in context.merged.parts(bucket, user_id):
        refusal = "a cycle: into a user who is part of this one"
    if refusal:
        changes.dead.append(DeadLetter(command.line, "bad_merge", refusal, user_id))
    else:
        move_out(context, turn, user_id, command.into, changes)


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
    written = write_changes(context, turn, UserChanges(), lines=len(lines), dead=dead)
    return _with_deletions(written, deletions)
