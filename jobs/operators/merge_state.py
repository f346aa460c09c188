"""Moves the state of a user who is merged into another one: out of its bucket, and into the other.

The ids by which duplicates of its events are known stay in its own bucket, where its lines arrive.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from jobs.core.interest.merge_users import merge_users
from jobs.core.interest.state_migration import migrate_entry
from jobs.core.interest.user_state import Layout, UserEntry
from jobs.core.user_bucket import bucket_of
from jobs.operators.accepted_events import AcceptedEvents
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.transfer import EVENTS, FORGET_PART, STATE, Transfer
from jobs.operators.user_changes import UserChanges
from jobs.operators.user_store import FORGET, OPT_OUT
from jobs.operators.waiting_events import WaitingEvent, to_waiting


@dataclass(frozen=True)
class MovedState:
    """What is known of a user who is merged, without the ids of its events.

    - `record`, `texts`, `undo_log`: as in a `UserEntry`; `layout`: the layout of the record.
    - `opted_out`: whether the user has opted out.
    - `parts`: ids that were merged into the user before.
    - `clicks`: what the user was recommended and clicked (`click_join.pack_log`).
    """

    record: bytes
    texts: bytes
    undo_log: bytes
    layout: tuple[object, ...]
    opted_out: bool
    parts: tuple[str, ...]
    clicks: bytes = b""


def send_transfer(context: InterestContext, turn: BucketTurn, transfer: Transfer) -> None:
    """Hand a transfer to the bucket of its user."""
    to = bucket_of(transfer.user_id, context.settings.config.batching.buckets)
    context.transfers.send(turn.bucket, to, transfer)


def move_out(
    context: InterestContext, turn: BucketTurn, user_id: str, into: str, changes: UserChanges
) -> None:
    """Send all that is known of a user to the one that it is merged into."""
    bucket, users = turn.bucket, context.users
    opted_out = users.exclusion_reason(bucket, user_id) == OPT_OUT
    users.readmit(bucket, user_id)
    context.deferred.remove(bucket, user_id)
    (entry,) = users.read([user_id], turn.state.layouts, turn.now_ms)
    entry = entry or UserEntry(b"")
    if entry.ids:
        users.put({user_id: UserEntry(b"", entry.ids, layout=entry.layout)})
    else:
        users.remove(user_id)
    if context.contributions is not None:
        context.contributions.remove(user_id)
    moved = MovedState(
        entry.record,
        entry.texts,
        entry.undo_log,
        turn.state.layouts[-1],
        opted_out,
        context.merged.take_parts(bucket, user_id),
        b"" if context.clicks is None else context.clicks.take(user_id),
    )
    context.merged.merge(bucket, user_id, into)
    send_transfer(context, turn, Transfer(STATE, into, (user_id,), astuple(moved)))
    if waiting := context.waiting.take_user(user_id):
        send_events(context, turn, into, (user_id,), waiting)
    changes.waiting -= len(waiting)
    changes.moved += len(waiting)
    changes.gone.append(user_id)


def send_events(
    context: InterestContext,
    turn: BucketTurn,
    user_id: str,
    via: tuple[str, ...],
    events: list[WaitingEvent],
) -> None:
    """Send events, which had the ids `via`, to the bucket of the user `user_id`."""
    rows = tuple(astuple(replace(event, user_id=user_id)) for event in events)
    send_transfer(context, turn, Transfer(EVENTS, user_id, via, rows))


def move_in(
    context: InterestContext, turn: BucketTurn, transfer: Transfer, changes: UserChanges
) -> None:
    """Add what is known of a user to the one that it was merged into.

    Nothing of it is kept where that user is forgotten, and its own bucket forgets it, too. Either
    of the two having opted out, both have.
    """
    bucket, user_id, old = turn.bucket, transfer.user_id, transfer.via[0]
    moved = MovedState(*transfer.payload)
    reason = context.users.exclusion_reason(bucket, user_id)
    parts = (old, *moved.parts)
    if reason == FORGET:
        forget_parts(context, turn, parts)
        return
    context.merged.add_parts(bucket, user_id, parts)
    if moved.opted_out and reason is None:
        context.deferred.remove(bucket, user_id)
        context.users.exclude(bucket, user_id, OPT_OUT)
    changes.merged.append((old, user_id))
    changes.changed.add(user_id)
    if moved.clicks and context.clicks is not None:
        changes.click_rows.append(context.clicks.merge(bucket, user_id, moved.clicks))
    if not moved.record:
        return
    layout = len(turn.state.layouts) - 1
    entry = UserEntry(moved.record, b"", moved.texts, moved.undo_log, layout)
    if moved.layout != turn.state.layouts[-1]:
        before = Layout(*moved.layout)  # type: ignore[arg-type]
        entry = migrate_entry(entry, before, context.fold.layout, layout)
    (into,) = context.users.read([user_id], turn.state.layouts, turn.now_ms)
    merged = merge_users(
        entry, into, turn.catalogue, context.fold, version=turn.now_ms * 1000, layout=layout
    )
    context.users.put({user_id: merged})


def send_merged(
    context: InterestContext,
    turn: BucketTurn,
    events: AcceptedEvents,
    entries: Sequence[UserEntry | None],
) -> tuple[AcceptedEvents, int]:
    """Send new events of users who were merged; returns the others, and how many were sent.

    `entries`, which hold the ids of the events, are kept for those users.
    """
    merged = context.merged.into(turn.bucket)
    if not merged:
        return events, 0
    is_merged = np.array([user_id in merged for user_id in events.users], dtype=bool)
    sent = is_merged[events.user]
    if not sent.any():
        return events, 0
    by_user: dict[str, list[WaitingEvent]] = {}
    for event in to_waiting(events.take(sent), context.actions, turn.now_ms):
        by_user.setdefault(event.user_id, []).append(event)
    for user_id, theirs in by_user.items():
        send_events(context, turn, merged[user_id], (user_id,), theirs)
    with_ids = {
        user_id: entry
        for user_id, entry in zip(events.users, entries, strict=True)
        if user_id in by_user and entry is not None
    }
    context.users.put(with_ids)
    return events.take(~sent), int(sent.sum())


def forget_parts(context: InterestContext, turn: BucketTurn, parts: tuple[str, ...]) -> None:
    """Let the buckets of users who were merged into a forgotten one forget them."""
    for part in parts:
        send_transfer(context, turn, Transfer(FORGET_PART, part, ()))
