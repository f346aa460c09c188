"""Folds events into the users of one bucket, counts them, and makes the batch of rows to write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jobs.core.feedback.click_join import ClickSums
from jobs.core.interest.due_rows import Write
from jobs.core.interest.fold import fold
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_state import UserEntry
from jobs.core.neighbors.pair_updates import PairUpdates
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.core.trends.counts import TrendCounts, count_interactions
from jobs.operators.accepted_events import AcceptedEvents
from jobs.operators.bucket_state import BucketState
from jobs.operators.feedback_events import feedback_of, shown_rows_of
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.join_items import join_items, user_item_rows_of
from jobs.operators.user_batches import AppliedEvents
from jobs.operators.waiting_events import from_waiting


@dataclass(frozen=True)
class TurnResult:
    """The bucket's state after a turn, and the rows to write.

    `trends`, `pairs` and `events` are what `CountedBatch` says.
    """

    state: BucketState
    batch: UserBatch
    trends: TrendCounts | None = None
    pairs: Sequence[tuple[int, bytes]] = ()
    events: AppliedEvents | None = None


def fold_bucket(
    context: InterestContext,
    turn: BucketTurn,
    events: AcceptedEvents,
    entries: Sequence[UserEntry | None],
    *,
    added: Progress | None = None,
    dead: Sequence[DeadLetter] = (),
    rows: NDArray[np.intp] | None = None,
    write: Write = Write.NOW,
) -> TurnResult:
    """Fold the events, keep the users' new entries, and update the bucket's counters.

    `entries` are the entries of `events.users`. `rows` `(events,)` are the rows of the events'
    items in the catalogue, looked up here if they are None. Users without an event are left out
    unless `write` is DEFERRED or ALL. `added` and `dead` are counted in addition to the events.
    """
    before = turn.state.events
    batch = UserBatch(context.settings.identity.space_id, turn.state.epoch, turn.bucket)
    trends = None
    pairs: Sequence[tuple[int, bytes]] = ()
    if events.users:
        batch, trends, pairs = _fold(context, turn, events, entries, batch, rows, write)
    added = added or Progress()
    progress = Progress(
        records_in=before.records_in + added.records_in,
        duplicates=before.duplicates + added.duplicates,
        dead_letters=before.dead_letters + len(dead),
        waiting=before.waiting + added.waiting,
        applied=before.applied + len(events),
        excluded=before.excluded + added.excluded,
        unwritten=context.deferred.size(turn.bucket) + context.transfers.on_way(turn.bucket),
        moved=before.moved + added.moved,
    )
    return TurnResult(
        replace(turn.state, events=progress),
        replace(batch, progress={"events": progress}, dead={"events": dead}),
        trends,
        pairs,
        AppliedEvents(events.time_ms, events.code) if len(events) else None,
    )


def _fold(
    context: InterestContext,
    turn: BucketTurn,
    events: AcceptedEvents,
    entries: Sequence[UserEntry | None],
    batch: UserBatch,
    rows: NDArray[np.intp] | None,
    write: Write,
) -> tuple[UserBatch, TrendCounts | None, Sequence[tuple[int, bytes]]]:
    """The rows of the events' users, added to `batch`, and what to add to trends and pairs."""
    config = context.settings.config
    all_users = write is not Write.NOW
    chosen = np.arange(len(events.users)) if all_users else np.unique(events.user)
    users = [events.users[index] for index in chosen.tolist()]
    if rows is None:
        rows = turn.catalogue.rows(events.item_id)
    joined = join_items(
        events,
        np.searchsorted(chosen, events.user),
        rows,
        turn.catalogue,
        context.actions,
        context.settings.sentiment,
    )
    folded = fold(
        [entries[index] for index in chosen.tolist()],
        joined,
        turn.catalogue,
        context.fold,
        write=write,
        version=turn.now_ms * 1000,
    )
    context.users.put(dict(zip(users, folded.entries, strict=True)))
    deferred = [users[index] for index in folded.deferred.tolist()]
    context.deferred.add(turn.bucket, deferred, turn.now_ms)
    trends = None
    if config.trends.enabled and len(events):
        slice_ms = config.trends.update_s * 1000
        weight = joined.weight
        if context.contributions is not None:
            weight = context.contributions.weights(
                events.users, events.user, events.item_id, events.time_ms, weight
            )
        trends = count_interactions(events.item_id, events.time_ms, weight, slice_ms)
    user_items = None
    if config.interest.relations and len(events):
        user_items = user_item_rows_of(events, joined, context.actions)
    pairs = context.pairs.pack(folded.pairs, turn.catalogue) if context.pairs else ()
    sequence_rows = None
    if context.sequence is not None:
        sequence_rows = context.sequence.rows(turn.bucket, users, folded, turn.catalogue)
    folded = replace(folded, entries=[], pairs=PairUpdates.none(), histories=None)
    batch = replace(
        batch,
        users=users,
        folded=folded,
        user_item_rows=user_items,
        sequence_rows=sequence_rows,
    )
    if config.feedback.enabled and len(events):
        batch = _with_feedback(context, turn, events, joined.weight, batch)
    return batch, trends, pairs


def _with_feedback(
    context: InterestContext,
    turn: BucketTurn,
    events: AcceptedEvents,
    weight: NDArray[np.float64],
    batch: UserBatch,
) -> UserBatch:
    """The batch with what users were shown and clicked; `weight` `(events,)` is signed."""
    impression = context.actions.codes.get(context.settings.config.feedback.action, -1)
    is_impression = events.code == impression
    if is_impression.any():
        batch = replace(batch, shown=shown_rows_of(events, is_impression))
    if context.clicks is None:
        return batch
    feedback = feedback_of(events, is_impression, weight)
    if not feedback:
        return batch
    sums = ClickSums()
    rows = context.clicks.add(turn.bucket, feedback, sums)
    return replace(batch, click_rows=[rows], clicked_places=sums.places)


def rewrite_users(
    context: InterestContext, turn: BucketTurn, users: Sequence[str], write: Write
) -> TurnResult:
    """Write rows of `users` without new events.

    Users without state and excluded users are left out.
    """
    known = [
        (user_id, entry)
        for user_id, entry, is_excluded in zip(
            users,
            context.users.read(users, turn.state.layouts, turn.now_ms),
            context.users.excluded(turn.bucket, users).tolist(),
            strict=True,
        )
        if entry is not None and entry.record and not is_excluded
    ]
    no_events = from_waiting([], context.actions, context.fold.layout.dim)
    events = replace(no_events, users=[user_id for user_id, _ in known])
    return fold_bucket(context, turn, events, [entry for _, entry in known], write=write)
