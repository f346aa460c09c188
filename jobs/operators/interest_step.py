"""The interest step: folds a bucket's batch of events into the states of its users."""

import gc
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pyflink.common import Row
from pyflink.datastream.functions import KeyedBroadcastProcessFunction, RuntimeContext

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.due_rows import Write
from jobs.core.interest.event_ids import known_ids, new_events, with_new_ids, without_room
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_state import UserEntry
from jobs.core.interest.warm_up import warm_up
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.metrics.catalogue import INTEREST
from jobs.metrics.measures import Measures
from jobs.operators.accepted_events import (
    AcceptedEvents,
    accept,
    must_wait,
    unreadable_texts,
    without_deleted,
)
from jobs.operators.bucket_state import BUCKET_STATE, BucketState, read_bucket_state
from jobs.operators.claim_check import ClaimCheck, check_in
from jobs.operators.control_commands import apply_commands
from jobs.operators.fold_bucket import TurnResult, fold_bucket, rewrite_users
from jobs.operators.forgotten_lines import without_forgotten
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.item_vectors import (
    LIVING_BUCKETS,
    ItemVectors,
    living_bucket,
    read_vector_rows,
    removed_items,
    vector_states,
)
from jobs.operators.loaded_code import check_code
from jobs.operators.merge_state import send_merged
from jobs.operators.row_kinds import CONTROL, UNREADABLE_BUCKET, WAKE, unpacked
from jobs.operators.sequence_users import CHECK_MS
from jobs.operators.settings import OperatorSettings
from jobs.operators.start_hold import StartHold
from jobs.operators.take_transfers import take_transfers
from jobs.operators.user_batches import CountedBatch, store_name
from jobs.operators.user_changes import write_changes
from jobs.operators.waiting_events import WaitingEvent, from_waiting, to_waiting

WAITING_CHECK_MS = 250
"""How often a bucket with waiting events looks for items that have arrived, in milliseconds."""

TRANSFER_CHECK_MS = 500
"""How often a bucket that has to do with merged users looks for transfers, in milliseconds."""

MAX_REWRITTEN_USERS = 500
"""Most users whose deferred rows go into one batch: new events wait while it is computed."""

_log = logging.getLogger(__name__)


class InterestStep(KeyedBroadcastProcessFunction):
    """Keyed by bucket of users; a call takes a batch of raw lines and emits a batch of rows.

    State per bucket: the users (`UserStore`), waiting events (`WaitingEvents`, until their item
    arrives or the waiting TTL ends), users with deferred rows (`DeferredWrites`), which users were
    merged (`MergedUsers`) and what is on its way because of that (`Transfers`), and one record of
    counters (`BucketState`). `control_commands` carries out commands, `take_transfers` takes what
    other buckets send, `fold_bucket` folds events.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state, and the name of the writer's store in this process."""
        check_code(self._settings.code)
        # Raise the GC threshold for the whole process: batches allocate thousands of short-lived
        # tuples, and by default the collector would traverse all objects a dozen times a batch.
        gc.set_threshold(200_000, 20, 100)
        self._context = InterestContext.open(self._settings, runtime_context)
        if not warm_up(self._context.fold):
            _log.warning(
                "numba is missing or switched off (NUMBA_DISABLE_JIT): users are folded by numpy"
                " alone, which takes several times the processor time"
            )
        self._layout = self._context.fold.layout.as_tuple()
        self._state = runtime_context.get_state(BUCKET_STATE)
        self._item_vectors = ItemVectors(self._settings.identity.dim)
        self._hold: StartHold | None = None
        self._measures = Measures(runtime_context.get_metrics_group(), INTEREST)
        self._writer_store = store_name(self._settings, runtime_context)
        # Number of arrivals that each bucket has checked against its waiting events; a bucket
        # without a number checks all items that events wait for.
        self._checked: dict[int, int] = {}

    def close(self) -> None:
        """Close the connections to Postgres by which merged users and models come."""
        self._context.close()

    def process_broadcast_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Iterator[CountedBatch]:
        """Add the item vectors of a row `ROW<bucket, heads, vectors>`, or remove those of deleted
        items; emits no batch."""
        self._catalogue(ctx)
        bucket = living_bucket(value)
        if bucket is not None:
            living = ctx.get_broadcast_state(LIVING_BUCKETS)
            if not living.contains(bucket):
                living.put(bucket, True)
            if self._hold is not None:
                self._hold.bucket_lives(bucket)
            return
        states = vector_states(ctx.get_broadcast_state)
        if (deleted := removed_items(value)) is not None:
            self._item_vectors.delete(states, deleted)
            return
        rows = read_vector_rows(value)
        if self._hold is not None and not any(row.vector for row in rows):
            self._hold.items_came()
        self._item_vectors.put(states, rows)
        yield from ()

    def process_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        """Fold the events of a row `ROW<bucket, kind, lines, vectors>`, or carry out its commands.

        Emits one batch of rows to write, none for a row that wakes the bucket. Raises
        StateSchemaError for state that does not fit this job's space.
        """
        started_s = time.perf_counter()
        bucket, kind, lines, vectors = value
        lines = unpacked(kind, lines)
        turn = self._turn(bucket, self._read_state(), ctx)
        if kind == WAKE:
            self._context.transfers.wake(bucket)
            self._state.update(self._with_timer(turn, turn.state, ctx).pack())
            return
        if kind == CONTROL:
            result = apply_commands(self._context, turn, lines)
        else:
            result = self._on_events(turn, lines, vectors)
        self._state.update(self._with_timer(turn, result.state, ctx).pack())
        batch = self._check_in(turn, result)
        self._measures.count("batches")
        self._measures.count("lines", len(lines))
        self._report(started_s)
        yield batch

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        """Fold waiting events whose items have arrived, write deferred rows that are due, and take
        transfers.

        Emits up to five batches of rows to write.
        """
        started_s = time.perf_counter()
        state = self._read_state()
        if timestamp >= state.timer_ms:
            state = replace(state, timer_ms=0)
        turn = self._turn(ctx.get_current_key(), state, ctx)
        batches = []
        for step in (self._release, self._write_deferred, self._write_sequences):
            state, result = step(turn)
            if result is not None:
                batches.append(self._check_in(turn, result))
            turn = replace(turn, state=state)
        if self._context.transfers.looks(turn.bucket):
            for result in self._take_transfers(turn):
                batches.append(self._check_in(turn, result))
                turn = replace(turn, state=result.state)
        self._state.update(self._with_timer(turn, turn.state, ctx).pack())
        self._report(started_s)
        yield from batches

    def _report(self, started_s: float) -> None:
        """Report the time and the users of a call that began at `started_s`."""
        self._measures.count_time("fold_time_ms", time.perf_counter() - started_s)
        for name, added in self._context.users.counts.take().items():
            self._measures.count(name, added)

    def _turn(
        self,
        bucket: int,
        state: BucketState,
        ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
    ) -> BucketTurn:
        catalogue = self._catalogue(ctx)
        return BucketTurn(bucket, state, catalogue, ctx.timer_service().current_processing_time())

    def _catalogue(
        self,
        ctx: KeyedBroadcastProcessFunction.Context
        | KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
    ) -> Catalogue:
        """The current catalogue; the first call after a restart with vectors begins the hold."""
        first = not self._item_vectors.loaded
        catalogue = self._item_vectors.catalogue(vector_states(ctx.get_broadcast_state))
        if first and len(catalogue) and self._settings.config.sources.items_first:
            living = ctx.get_broadcast_state(LIVING_BUCKETS)
            self._hold = StartHold(bucket for bucket, _ in living.items())
        return catalogue

    def _check_in(self, turn: BucketTurn, result: TurnResult) -> CountedBatch | ClaimCheck:
        batch = CountedBatch(
            result.batch,
            turn.state.events,
            result.trends,
            result.pairs,
            result.events,
            turn.now_ms,
        )
        return check_in(self._writer_store, batch, batch.size)

    def _read_state(self) -> BucketState:
        identity = self._settings.identity
        return read_bucket_state(self._state, identity.epoch, identity.space_id, self._layout)

    def _with_timer(
        self,
        turn: BucketTurn,
        state: BucketState,
        ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
    ) -> BucketState:
        """The state with a timer for the next check or write, unless a pending one is earlier."""
        due_ms = [turn.now_ms + WAITING_CHECK_MS] if state.events.waiting else []
        if self._context.transfers.looks(turn.bucket):
            more = self._context.transfers.arrived(turn.bucket)
            due_ms.append(turn.now_ms + (1 if more else TRANSFER_CHECK_MS))
        sequence = self._context.sequence
        if sequence is not None and sequence.waits(turn.bucket):
            due_ms.append(turn.now_ms + CHECK_MS)
        if deferred_ms := self._context.deferred.next_ms(turn.bucket):
            latest_ms = self._context.deferred.latest_ms(turn.now_ms)
            due_ms.append(min(max(deferred_ms, turn.now_ms + 1), latest_ms))
        if not due_ms or (state.timer_ms and state.timer_ms <= min(due_ms)):
            return state
        ctx.timer_service().register_processing_time_timer(min(due_ms))
        return replace(state, timer_ms=min(due_ms))

    def _on_events(
        self, turn: BucketTurn, lines: Sequence[bytes], vectors: Sequence[bytes]
    ) -> TurnResult:
        """Validate the lines, drop duplicates, keep events of unknown items waiting, fold the rest.

        `vectors` are float16 bytes of the texts' vectors, one per line, or another number of
        elements if no line has a text.
        """
        context, bucket = self._context, turn.bucket
        retention = self._settings.config.retention
        parsed = parse_events(lines, context.rules, turn.now_ms)
        if bucket == UNREADABLE_BUCKET:
            dead = parsed.dead + [
                DeadLetter(lines[line], "unreadable_key", user_id=user_id)
                for line, user_id in zip(parsed.events.line, parsed.events.user_id, strict=True)
            ]
            counted = Progress(records_in=len(lines))
            return fold_bucket(context, turn, self._accepted([]), [], added=counted, dead=dead)
        dead = without_forgotten(context.users, bucket, parsed.dead)
        dim = context.fold.layout.dim
        events, missing = accept(lines, vectors, parsed.events, context.actions, dim)
        excluded = context.users.excluded(bucket, events.users)[events.user]
        events, gone = without_deleted(events, turn.catalogue.deleted, context.actions)
        excluded = excluded | gone
        dead += unreadable_texts(events, missing & ~excluded)
        valid = ~excluded & ~missing
        entries = context.users.read(events.users, turn.state.layouts, turn.now_ms)
        minute = turn.now_ms // 60_000
        oldest_minute = (turn.now_ms - retention.duplicate_ttl_s * 1000) // 60_000
        known = known_ids(entries, oldest_minute)
        new = valid.copy()
        new[valid] = new_events(events.key[valid], events.user[valid], known)
        new &= ~context.pages.seen(bucket, events, new, oldest_minute)
        events = events.take(new)
        beyond = without_room(known, events.user, retention.duplicate_last_n)
        if beyond.any():
            context.pages.add(bucket, events, beyond, minute, oldest_minute)
        entries = with_new_ids(
            entries,
            known,
            events.key[~beyond],
            events.user[~beyond],
            minute=minute,
            layout=len(turn.state.layouts) - 1,
        )
        events, moved = send_merged(context, turn, events, entries)
        added = Progress(
            records_in=len(lines),
            duplicates=int((valid & ~new).sum()),
            excluded=int(excluded.sum()),
            moved=moved,
        )
        return self._fold_known(turn, events, entries, added, dead)

    def _fold_known(
        self,
        turn: BucketTurn,
        events: AcceptedEvents,
        entries: Sequence[UserEntry | None],
        added: Progress,
        dead: Sequence[DeadLetter] = (),
    ) -> TurnResult:
        """Keep events of unknown items waiting, and fold the rest; `entries` are their users'."""
        rows = turn.catalogue.rows(events.item_id)
        current = turn.catalogue.current(events.item_id, rows)
        if self._hold is not None and self._hold.holds(turn.now_ms):
            current &= False
        waits = must_wait(events, current, self._context.actions)
        if waits.any():
            turn = self._wait(turn, events.take(waits), entries)
        return fold_bucket(
            self._context,
            turn,
            events.take(~waits),
            entries,
            added=replace(added, waiting=int(waits.sum())),
            dead=dead,
            rows=rows[~waits],
        )

    def _take_transfers(self, turn: BucketTurn) -> Iterator[TurnResult]:
        """Carry out what other buckets have sent: changes of users, and then events to fold."""
        context, bucket = self._context, turn.bucket
        context.transfers.look(turn.now_ms)
        dropped = context.transfers.drop_taken(bucket)
        taken = take_transfers(context, turn)
        rows = context.transfers.rows(bucket)
        if not (taken.count or dropped or len(rows)):
            return
        result = write_changes(context, turn, taken.changes)
        yield replace(result, batch=replace(result.batch, transfers=rows))
        if not taken.events:
            return
        turn = replace(turn, state=result.state)
        events = self._accepted(taken.events)
        excluded = context.users.excluded(bucket, events.users)[events.user]
        entries = context.users.read(events.users, turn.state.layouts, turn.now_ms)
        added = Progress(moved=-len(events), excluded=int(excluded.sum()))
        yield self._fold_known(turn, events.take(~excluded), entries, added)

    def _wait(
        self, turn: BucketTurn, events: AcceptedEvents, entries: Sequence[UserEntry | None]
    ) -> BucketTurn:
        """Keep the events until their items arrive; returns the turn with its state updated.

        Their users' entries are kept, too, since these hold the ids that detect duplicates.
        """
        self._context.waiting.add(to_waiting(events, self._context.actions, turn.now_ms))
        users = dict.fromkeys(events.user.tolist())
        with_ids = {events.users[user]: entry for user in users if (entry := entries[user])}
        self._context.users.put(with_ids)
        expiry_ms = turn.now_ms + self._settings.config.retention.waiting_ttl_s * 1000
        state = replace(turn.state, expiry_ms=turn.state.expiry_ms or expiry_ms)
        return replace(turn, state=state)

    def _release(self, turn: BucketTurn) -> tuple[BucketState, TurnResult | None]:
        """Fold waiting events whose items are known now; expired ones become dead letters."""
        context, bucket, state = self._context, turn.bucket, turn.state
        if not state.events.waiting or (self._hold and self._hold.holds(turn.now_ms)):
            return state, None
        arrivals = self._item_vectors.arrivals
        checked = self._checked.get(bucket)
        arrived = None if checked is None else arrivals[checked:]
        # With more arrivals than waiting events it is faster to check the items of the latter.
        if arrived is not None and len(arrived) > state.events.waiting:
            arrived = None
        self._checked[bucket] = len(arrivals)
        ready = context.waiting.take_known(arrived, turn.catalogue.decides)
        expired: list[WaitingEvent] = []
        if state.expiry_ms and turn.now_ms >= state.expiry_ms:
            ttl_ms = self._settings.config.retention.waiting_ttl_s * 1000
            expired, oldest_ms = context.waiting.take_expired(turn.now_ms - ttl_ms)
            state = replace(state, expiry_ms=oldest_ms + ttl_ms if oldest_ms else 0)
            # An event that waited for a new vector counts with the old one rather than never.
            ready += [event for event in expired if turn.catalogue.has_vector(event.item_id)]
            expired = [event for event in expired if not turn.catalogue.has_vector(event.item_id)]
        if not ready and not expired:
            return state, None
        events = self._accepted(ready)
        excluded = context.users.excluded(bucket, events.users)[events.user]
        events, gone = without_deleted(events, turn.catalogue.deleted, context.actions)
        excluded = excluded | gone
        result = fold_bucket(
            context,
            replace(turn, state=state),
            events.take(~excluded),
            context.users.read(events.users, state.layouts, turn.now_ms),
            added=Progress(waiting=-len(ready) - len(expired), excluded=int(excluded.sum())),
            dead=[
                DeadLetter(event.raw, "unknown_item", event.item_id, event.user_id)
                for event in expired
            ],
        )
        return result.state, result

    def _write_deferred(self, turn: BucketTurn) -> tuple[BucketState, TurnResult | None]:
        """Write deferred rows that are due, without new events."""
        users = sorted(self._context.deferred.take(turn.bucket, turn.now_ms, MAX_REWRITTEN_USERS))
        if not users:
            return turn.state, None
        result = rewrite_users(self._context, turn, users, Write.DEFERRED)
        return result.state, result

    def _write_sequences(self, turn: BucketTurn) -> tuple[BucketState, TurnResult | None]:
        """Write vectors of users that have waited for theirs."""
        sequence = self._context.sequence
        if sequence is None or not sequence.waits(turn.bucket):
            return turn.state, None
        rows = sequence.rows(turn.bucket, [], None, turn.catalogue)
        if rows is None:
            return turn.state, None
        identity = self._settings.identity
        batch = UserBatch(
            identity.space_id,
            turn.state.epoch,
            turn.bucket,
            sequence_rows=rows,
            progress={"events": turn.state.events},
            dead={"events": ()},
        )
        return turn.state, TurnResult(turn.state, batch)

    def _accepted(self, events: Sequence[WaitingEvent]) -> AcceptedEvents:
        return from_waiting(events, self._context.actions, self._context.fold.layout.dim)
