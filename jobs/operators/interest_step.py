"""The interest step: a bucket's batch of events folded into its users."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pyflink.common import Row
from pyflink.datastream.functions import KeyedBroadcastProcessFunction, RuntimeContext

from jobs.core.interest.due_rows import Write
from jobs.core.interest.event_ids import known_ids, new_events, with_new_ids
from jobs.core.interest.user_state import UserEntry
from jobs.core.parsing.events import FORGOTTEN_USER, DeadLetter
from jobs.core.parsing.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.operators.accepted_events import AcceptedEvents, accept, must_wait, unreadable_texts
from jobs.operators.bucket_state import BUCKET_STATE, BucketState, read_bucket_state
from jobs.operators.claim_check import ClaimCheck, check_in
from jobs.operators.control_commands import apply_commands
from jobs.operators.fold_bucket import TurnResult, fold_bucket, rewrite_users
from jobs.operators.interest_context import BucketTurn, InterestContext
from jobs.operators.item_vectors import ITEM_VECTORS, ItemVectors, read_vector_rows
from jobs.operators.row_kinds import CONTROL, UNREADABLE_BUCKET
from jobs.operators.settings import OperatorSettings
from jobs.operators.user_batches import CountedBatch, store_name
from jobs.operators.user_store import FORGET
from jobs.operators.waiting_events import WaitingEvent, from_waiting, to_waiting

WAITING_CHECK_MS = 250
"""How often a bucket with waiting events looks for items that have arrived, in milliseconds."""

REWRITTEN_AT_ONCE = 500
"""Users whose deferred rows go into one transaction; events that arrive meanwhile wait for it."""


class InterestStep(KeyedBroadcastProcessFunction):
    """Keyed by bucket of users; one call per batch of raw lines; emits one batch of rows a call.

    State per bucket: the users (`UserStore`), waiting events (`WaitingEvents`, until their item
    arrives or the waiting TTL ends), users with deferred rows (`DeferredWrites`), and one record of
    counters (`BucketState`). Commands go to `control_commands`, folding to `fold_bucket`.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        # Raise the GC threshold for the whole process: batches allocate thousands of short-lived
        # tuples, and by default the collector would traverse all objects a dozen times a batch.
        gc.set_threshold(200_000, 20, 100)
        self._context = InterestContext.open(self._settings, runtime_context)
        self._layout = self._context.fold.layout.as_tuple()
        self._state = runtime_context.get_state(BUCKET_STATE)
        self._item_vectors = ItemVectors(self._settings.identity.dim)
        self._writer = store_name(self._settings, runtime_context)
        # How far into the arrivals each bucket has looked; without an entry it looks at all items.
        self._looked: dict[int, int] = {}

    def process_broadcast_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Iterator[CountedBatch]:
        """Take in new item vectors."""
        self._item_vectors.put(ctx.get_broadcast_state(ITEM_VECTORS), read_vector_rows(value))
        yield from ()

    def process_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        """Fold a batch `ROW<bucket, kind, lines, vectors>`, or carry out its commands."""
        bucket, kind, lines, vectors = value
        turn = self._turn(bucket, self._read_state(), ctx)
        if kind == CONTROL:
            result = apply_commands(self._context, turn, lines)
        else:
            result = self._on_events(turn, lines, vectors)
        self._state.update(self._with_timer(turn, result.state, ctx).pack())
        yield self._handed(turn, result)

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        """Release waiting events and write deferred rows whose time has come."""
        state = self._read_state()
        if timestamp >= state.timer_ms:
            state = replace(state, timer_ms=0)
        turn = self._turn(ctx.get_current_key(), state, ctx)
        batches = []
        for step in (self._release, self._write_deferred):
            state, result = step(turn)
            if result is not None:
                batches.append(self._handed(turn, result))
            turn = replace(turn, state=state)
        self._state.update(self._with_timer(turn, turn.state, ctx).pack())
        yield from batches

    def _turn(
        self,
        bucket: int,
        state: BucketState,
        ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
    ) -> BucketTurn:
        catalogue = self._item_vectors.catalogue(ctx.get_broadcast_state(ITEM_VECTORS))
        return BucketTurn(bucket, state, catalogue, ctx.timer_service().current_processing_time())

    def _handed(self, turn: BucketTurn, result: TurnResult) -> CountedBatch | ClaimCheck:
        batch = CountedBatch(result.batch, turn.state.events, result.trends)
        return check_in(self._writer, batch, batch.size)

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
        """The state with a timer for what comes next, unless the pending one is early enough."""
        due_ms = [turn.now_ms + WAITING_CHECK_MS] if state.events.waiting else []
        if deferred_ms := self._context.deferred.next_ms(turn.bucket):
            due_ms.append(max(deferred_ms, turn.now_ms + 1))
        if not due_ms or (state.timer_ms and state.timer_ms <= min(due_ms)):
            return state
        ctx.timer_service().register_processing_time_timer(min(due_ms))
        return replace(state, timer_ms=min(due_ms))

    def _on_events(
        self, turn: BucketTurn, lines: Sequence[bytes], vectors: Sequence[bytes]
    ) -> TurnResult:
        """Judge the lines, drop duplicates, set events aside whose item is unknown, fold the rest.

        `vectors` are the texts' vectors as float16 bytes, one per line or none at all.
        """
        context, bucket = self._context, turn.bucket
        retention = self._settings.config.retention
        parsed = parse_events(lines, context.rules, turn.now_ms)
        if bucket == UNREADABLE_BUCKET:
            dead = parsed.dead + [
                DeadLetter(lines[line], "unreadable_key") for line in parsed.events.line
            ]
            counted = Progress(records_in=len(lines))
            return fold_bucket(context, turn, self._returned([]), [], added=counted, dead=dead)
        dead = self._without_forgotten(bucket, parsed.dead)
        dim = context.fold.layout.dim
        events, missing = accept(lines, vectors, parsed.events, context.actions, dim)
        out = context.users.excluded(bucket, events.users)[events.user]
        dead += unreadable_texts(events, missing & ~out)
        valid = ~out & ~missing
        entries = context.users.read(events.users, turn.state.layouts, turn.now_ms)
        known = known_ids(entries, (turn.now_ms - retention.duplicate_ttl_s * 1000) // 60_000)
        new = valid.copy()
        new[valid] = new_events(events.key[valid], events.user[valid], known)
        fresh = events.take(new)
        entries = with_new_ids(
            entries,
            known,
            fresh.key,
            fresh.user,
            minute=turn.now_ms // 60_000,
            keep=retention.duplicate_last_n,
            layout=len(turn.state.layouts) - 1,
        )
        rows = turn.catalogue.rows(fresh.item_id)
        waits = must_wait(fresh, rows, context.actions)
        if waits.any():
            turn = self._wait(turn, fresh.take(waits), entries)
        added = Progress(
            records_in=len(lines),
            duplicates=int((valid & ~new).sum()),
            excluded=int(out.sum()),
            waiting=int(waits.sum()),
        )
        return fold_bucket(
            context, turn, fresh.take(~waits), entries, added=added, dead=dead, rows=rows[~waits]
        )

    def _wait(
        self, turn: BucketTurn, events: AcceptedEvents, entries: Sequence[UserEntry | None]
    ) -> BucketTurn:
        """Set the events aside until their items arrive; their ids are known from now on."""
        self._context.waiting.add(to_waiting(events, self._context.actions, turn.now_ms))
        users = dict.fromkeys(events.user.tolist())
        known = {events.users[user]: entry for user in users if (entry := entries[user])}
        self._context.users.put(known)
        expiry_ms = turn.now_ms + self._settings.config.retention.waiting_ttl_s * 1000
        state = replace(turn.state, expiry_ms=turn.state.expiry_ms or expiry_ms)
        return replace(turn, state=state)

    def _without_forgotten(self, bucket: int, dead: Sequence[DeadLetter]) -> list[DeadLetter]:
        """The dead letters; those of forgotten users are counted, and nothing else is kept."""
        reason = self._context.users.exclusion_reason
        return [
            DeadLetter(b"", FORGOTTEN_USER)
            if letter.user_id is not None and reason(bucket, letter.user_id) == FORGET
            else letter
            for letter in dead
        ]

    def _release(self, turn: BucketTurn) -> tuple[BucketState, TurnResult | None]:
        """Fold waiting events whose items are known by now; those that waited too long become
        dead letters."""
        context, bucket, state = self._context, turn.bucket, turn.state
        if not state.events.waiting:
            return state, None
        arrivals = self._item_vectors.arrivals
        looked = self._looked.get(bucket)
        arrived = None if looked is None else arrivals[looked:]
        if arrived is not None and len(arrived) > state.events.waiting:
            arrived = None
        self._looked[bucket] = len(arrivals)
        ready = context.waiting.take_known(arrived, turn.catalogue.knows)
        expired: list[WaitingEvent] = []
        if state.expiry_ms and turn.now_ms >= state.expiry_ms:
            ttl_ms = self._settings.config.retention.waiting_ttl_s * 1000
            expired, oldest_ms = context.waiting.take_expired(turn.now_ms - ttl_ms)
            state = replace(state, expiry_ms=oldest_ms + ttl_ms if oldest_ms else 0)
        if not ready and not expired:
            return state, None
        events = self._returned(ready)
        out = context.users.excluded(bucket, events.users)[events.user]
        result = fold_bucket(
            context,
            replace(turn, state=state),
            events.take(~out),
            context.users.read(events.users, state.layouts, turn.now_ms),
            added=Progress(waiting=-len(ready) - len(expired), excluded=int(out.sum())),
            dead=[
                DeadLetter(event.raw, "unknown_item", event.item_id, event.user_id)
                for event in expired
            ],
        )
        return result.state, result

    def _write_deferred(self, turn: BucketTurn) -> tuple[BucketState, TurnResult | None]:
        """Write rows that have been deferred long enough, without a further event."""
        users = sorted(self._context.deferred.take(turn.bucket, turn.now_ms, REWRITTEN_AT_ONCE))
        if not users:
            return turn.state, None
        result = rewrite_users(self._context, turn, users, Write.DEFERRED)
        return result.state, result

    def _returned(self, events: Sequence[WaitingEvent]) -> AcceptedEvents:
        return from_waiting(events, self._context.actions, self._context.fold.layout.dim)
