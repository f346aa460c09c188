"""Takes the transfers that have come to a bucket, in the order in which each sender sent them."""

from dataclasses import dataclass, field, replace

import orjson

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_control import MERGE, Command
from jobs.operators.control_commands import apply_command, forget
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.merge_state import move_in, send_events, send_transfer
from jobs.operators.transfer import COMMAND, EVENTS, FORGET_PART, STATE, Transfer
from jobs.operators.user_changes import UserChanges
from jobs.operators.waiting_events import WaitingEvent

MAX_TRANSFERS = 200
"""Most transfers that are taken at once: new events wait meanwhile."""


@dataclass(frozen=True)
class TakenTransfers:
    """Changes of users and, after them, events to fold, from `count` transfers."""

    changes: UserChanges = field(default_factory=UserChanges)
    events: list[WaitingEvent] = field(default_factory=list)
    count: int = 0


def take_transfers(context: InterestContext, turn: BucketTurn) -> TakenTransfers:
    """Take transfers to the bucket, up to events that something else follows.

    What came for a user who was merged itself is sent on, up to the user who was not.
    """
    taken = TakenTransfers()
    count = 0
    for address, transfer in context.transfers.arrived(turn.bucket)[:MAX_TRANSFERS]:
        if taken.events and transfer.kind != EVENTS:
            break
        context.transfers.take(turn.bucket, address)
        _take(context, turn, transfer, taken)
        count += 1
    return replace(taken, count=count)


def _take(
    context: InterestContext,
    turn: BucketTurn,
    transfer: Transfer,
    taken: TakenTransfers,
) -> None:
    user_id, changes = transfer.user_id, taken.changes
    if transfer.kind == FORGET_PART:
        forget(context, turn, user_id, changes)
        return
    into = _merged_into(context, turn, transfer, changes)
    if transfer.kind == EVENTS:
        rows = [WaitingEvent(*row) for row in transfer.payload]
        if into is None:
            taken.events.extend(rows)
        else:
            send_events(context, turn, into, (*transfer.via, user_id), rows)
    elif into is not None:
        send_transfer(context, turn, transfer.on_to(into))
    elif transfer.kind == STATE:
        move_in(context, turn, transfer, changes)
    else:
        assert transfer.kind == COMMAND
        apply_command(context, turn, Command(user_id, *transfer.payload), changes)


def _merged_into(
    context: InterestContext, turn: BucketTurn, transfer: Transfer, changes: UserChanges
) -> str | None:
    """The user whom the transfer's user was merged into; None for one who was not.

    Two merges that were read at the same time can make a cycle. Of its users the least becomes a
    user of its own again: the merge of it is refused, and all others end at it, whatever the order.
    """
    bucket, user_id = turn.bucket, transfer.user_id
    into = context.merged.into(bucket).get(user_id)
    if into is None or into not in transfer.via:
        return into
    cycle = (*transfer.via[transfer.via.index(into) :], user_id)
    if user_id != min(cycle):
        return into
    context.merged.part(bucket, user_id)
    line = orjson.dumps({"user_id": user_id, "command": MERGE, "into": into})
    detail = "a cycle: into a user who was merged into this one at the same time"
    changes.dead.append(DeadLetter(line, "bad_merge", detail, user_id))
    return None
