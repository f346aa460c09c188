"""The interest step: a bucket's batch of events folded into its users."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pyflink.common import Row
from pyflink.datastream.functions import KeyedBroadcastProcessFunction, RuntimeContext

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.event_ids import new_events
from jobs.core.interest.fold import Write, fold
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_state import UserEntry, known_ids, make_entry, make_ids
from jobs.core.parsing.events import FORGOTTEN_USER, DeadLetter
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.core.trends.counts import TrendCounts, count_interactions
from jobs.operators.accepted_events import AcceptedEvents, accept, must_wait, unreadable_texts
from jobs.operators.bucket_state import BUCKET_STATE, BucketState, read_bucket_state
from jobs.operators.claim_check import ClaimCheck, check_in
from jobs.operators.deferred_writes import DEFERRED, DeferredWrites
from jobs.operators.item_vectors import ITEM_VECTORS, ItemVectors, read_vector_rows
from jobs.operators.join_items import join_items, user_item_rows_of
from jobs.operators.row_kinds import CONTROL, UNREADABLE_BUCKET
from jobs.operators.settings import OperatorSettings
from jobs.operators.user_batches import CountedBatch, store_name
from jobs.operators.user_store import FORGET, OPT_OUT, UserStore
from jobs.operators.waiting_events import (
    WAITING,
    WaitingEvent,
    WaitingEvents,
    from_waiting,
    to_waiting,
)

WAITING_CHECK_MS = 250
"""How often a bucket with waiting events looks for items that have arrived."""

FLUSHED_AT_ONCE = 500
"""Users whose waiting rows go into one transaction; events that arrive meanwhile wait for it."""


class InterestStep(KeyedBroadcastProcessFunction):
    """Keyed by bucket of users; one call per batch of raw lines; emits one batch of rows a call.

    State per bucket: the users (`UserStore`), waiting events (until their item or the waiting
    TTL), users with unwritten rows (`DeferredWrites`), and one book of counters.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        # Every batch makes thousands of tuples that die with it: by default the collector would
        # look through all that lives a dozen times a batch.
        gc.set_threshold(200_000, 20, 100)
        config = self._settings.config
        self._rules = self._settings.rules
        self._fold_settings = self._settings.fold
        self._layout = self._fold_settings.layout.as_tuple()
        self._actions = self._settings.actions
        self._users = UserStore(
            runtime_context,
            self._fold_settings.layout,
            config.retention.user_ttl_s,
            config.batching.cache_mb,
        )
        self._waiting = WaitingEvents(runtime_context.get_map_state(WAITING))
        self._due = DeferredWrites(
            runtime_context.get_map_state(DEFERRED), round(config.interest.slow_delay_s * 1000)
        )
        self._book = runtime_context.get_state(BUCKET_STATE)
        self._item_vectors = ItemVectors(self._settings.identity.dim)
        self._writer = store_name(self._settings, runtime_context)
        # How far into the arrivals each bucket has looked; without an entry it looks at all items.
        self._looked: dict[int, int] = {}
        # Of the batch under way; handed over with it.
        self._trends: TrendCounts | None = None

    def process_broadcast_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Iterator[CountedBatch]:
        self._item_vectors.put(ctx.get_broadcast_state(ITEM_VECTORS), read_vector_rows(value))
        yield from ()

    def process_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        bucket, kind, lines, vectors = value
        book = self._read_state()
        catalogue = self._item_vectors.catalogue(ctx.get_broadcast_state(ITEM_VECTORS))
        now_ms = ctx.timer_service().current_processing_time()
        if kind == CONTROL:
            after, batch = self._on_control(bucket, lines, catalogue, book, now_ms)
        else:
            after, batch = self._on_events(bucket, lines, vectors, catalogue, book, now_ms)
        self._book.update(self._with_timer(bucket, after, ctx, now_ms).pack())
        yield self._handed(CountedBatch(batch, book.events, self._take_trends()))

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[CountedBatch | ClaimCheck]:
        bucket = ctx.get_current_key()
        book = self._read_state()
        if timestamp >= book.timer_ms:
            book = replace(book, timer_ms=0)
        catalogue = self._item_vectors.catalogue(ctx.get_broadcast_state(ITEM_VECTORS))
        now_ms = ctx.timer_service().current_processing_time()
        batches = []
        for step in (self._release, self._flush):
            before = book.events
            book, batch = step(bucket, catalogue, book, now_ms)
            if batch is not None:
                batches.append(CountedBatch(batch, before, self._take_trends()))
        self._book.update(self._with_timer(bucket, book, ctx, now_ms).pack())
        yield from map(self._handed, batches)

    def _handed(self, batch: CountedBatch) -> CountedBatch | ClaimCheck:
        return check_in(self._writer, batch, batch.size)

    def _take_trends(self) -> TrendCounts | None:
        counts, self._trends = self._trends, None
        return counts

    def _read_state(self) -> BucketState:
        identity = self._settings.identity
        return read_bucket_state(self._book, identity.epoch, identity.space_id, self._layout)

    def _with_timer(
        self,
        bucket: int,
        book: BucketState,
        ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
        now_ms: int,
    ) -> BucketState:
        """The book with a timer for what comes next, where there is none that is early enough."""
        wanted = [now_ms + WAITING_CHECK_MS] if book.events.waiting else []
        if due_ms := self._due.next_ms(bucket):
            wanted.append(max(due_ms, now_ms + 1))
        if not wanted or (book.timer_ms and book.timer_ms <= min(wanted)):
            return book
        ctx.timer_service().register_processing_time_timer(min(wanted))
        return replace(book, timer_ms=min(wanted))

    def _on_events(
        self,
        bucket: int,
        lines: Sequence[bytes],
        vectors: Sequence[bytes],
        catalogue: Catalogue,
        book: BucketState,
        now_ms: int,
    ) -> tuple[BucketState, UserBatch]:
        parsed = parse_events(lines, self._rules, now_ms)
        if bucket == UNREADABLE_BUCKET:
            dead = parsed.dead + [
                DeadLetter(lines[line], "unreadable_key") for line in parsed.events.line
            ]
            return self._emit(bucket, book, Progress(records_in=len(lines)), dead=dead)
        dead = self._without_forgotten(bucket, parsed.dead)
        events, missing = accept(
            lines, vectors, parsed.events, self._actions, self._fold_settings.layout.dim
        )
        out = self._users.excluded(bucket, events.users)[events.user]
        dead += unreadable_texts(events, missing & ~out)
        valid = ~out & ~missing
        entries = self._users.read(events.users, book.layouts, now_ms)
        ttl_ms = self._settings.config.retention.duplicate_ttl_s * 1000
        known = known_ids(entries, (now_ms - ttl_ms) // 60_000)
        new = valid.copy()
        new[valid] = new_events(events.key[valid], events.user[valid], known)
        fresh = events.take(new)
        entries = self._with_ids(entries, known.raw, fresh, now_ms, len(book.layouts) - 1)
        rows = catalogue.rows(fresh.item_id)
        waits = must_wait(fresh, rows, self._actions)
        waiting = fresh.take(waits) if waits.any() else None
        if waiting is not None:
            self._waiting.add(to_waiting(waiting, self._actions, now_ms))
            first = now_ms + self._settings.config.retention.waiting_ttl_s * 1000
            book = replace(book, expiry_ms=book.expiry_ms or first)
            # Their ids are known from now on, whether or not anything else of them counts.
            self._put_ids(waiting, entries)
        added = Progress(
            records_in=len(lines),
            duplicates=int((valid & ~new).sum()),
            excluded=int(out.sum()),
            waiting=int(waits.sum()),
        )
        return self._emit(
            bucket,
            book,
            added,
            dead=dead,
            events=fresh.take(~waits),
            rows=rows[~waits],
            entries=entries,
            catalogue=catalogue,
            now_ms=now_ms,
        )

    def _with_ids(
        self,
        entries: Sequence[UserEntry | None],
        known: Sequence[bytes],
        events: AcceptedEvents,
        now_ms: int,
        layout: int,
    ) -> list[UserEntry | None]:
        """The entries with the ids of new events, of which the newest are kept; `layout` is that
        of a new one."""
        by_user = np.argsort(events.user, kind="stable")
        ids = make_ids(events.key[by_user], now_ms // 60_000)
        size, raw = ids.itemsize, ids.tobytes()
        ends = np.searchsorted(events.user[by_user], np.arange(len(entries)), side="right")
        most = size * self._settings.config.retention.duplicate_last_n
        updated: list[UserEntry | None] = []
        nobody = UserEntry(b"", layout=layout)
        start = 0
        for entry, before, end in zip(entries, known, (ends * size).tolist(), strict=True):
            if end > start:
                record, _, texts, undo_log, number = entry or nobody
                mine = before + raw[start:end]
                if len(mine) > most:
                    mine = mine[-most:]
                updated.append(make_entry((record, mine, texts, undo_log, number)))
            else:
                updated.append(entry)
            start = end
        return updated

    def _put_ids(self, events: AcceptedEvents, entries: Sequence[UserEntry | None]) -> None:
        known = {
            events.users[index]: entry
            for index in np.unique(events.user).tolist()
            if (entry := entries[index]) is not None
        }
        self._users.put(known)

    def _without_forgotten(self, bucket: int, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Broken lines of forgotten users are counted, and nothing of them is kept."""
        return [
            DeadLetter(b"", FORGOTTEN_USER)
            if letter.user_id is not None
            and self._users.exclusion_reason(bucket, letter.user_id) == FORGET
            else letter
            for letter in letters
        ]

    def _release(
        self, bucket: int, catalogue: Catalogue, book: BucketState, now_ms: int
    ) -> tuple[BucketState, UserBatch | None]:
        """Join what waited for items that are known by now, and let go what waited too long."""
        if not book.events.waiting:
            return book, None
        arrivals = self._item_vectors.arrivals
        looked = self._looked.get(bucket)
        new = None if looked is None else arrivals[looked:]
        if new is not None and len(new) > book.events.waiting:
            new = None
        self._looked[bucket] = len(arrivals)
        ready = self._waiting.take_known(new, catalogue.knows)
        expired: list[WaitingEvent] = []
        if book.expiry_ms and now_ms >= book.expiry_ms:
            ttl_ms = self._settings.config.retention.waiting_ttl_s * 1000
            expired, oldest_ms = self._waiting.take_expired(now_ms - ttl_ms)
            book = replace(book, expiry_ms=oldest_ms + ttl_ms if oldest_ms else 0)
        if not ready and not expired:
            return book, None
        events = self._returned(ready)
        out = self._users.excluded(bucket, events.users)[events.user]
        return self._emit(
            bucket,
            book,
            Progress(waiting=-len(ready) - len(expired), excluded=int(out.sum())),
            dead=[
                DeadLetter(event.raw, "unknown_item", event.item_id, event.user_id)
                for event in expired
            ],
            events=events.take(~out),
            entries=self._users.read(events.users, book.layouts, now_ms),
            catalogue=catalogue,
            now_ms=now_ms,
        )

    def _flush(
        self, bucket: int, catalogue: Catalogue, book: BucketState, now_ms: int
    ) -> tuple[BucketState, UserBatch | None]:
        """Write what has waited long enough, without a further event."""
        users = sorted(self._due.take(bucket, now_ms, FLUSHED_AT_ONCE))
        if not users:
            return book, None
        return self._rewrite(bucket, users, catalogue, book, Write.DEFERRED, now_ms)

    def _rewrite(
        self,
        bucket: int,
        users: Sequence[str],
        catalogue: Catalogue,
        book: BucketState,
        write: Write,
        now_ms: int,
    ) -> tuple[BucketState, UserBatch]:
        """Write rows of users, as far as the state still knows them."""
        known = [
            (user_id, entry)
            for user_id, entry, out in zip(
                users,
                self._users.read(users, book.layouts, now_ms),
                self._users.excluded(bucket, users).tolist(),
                strict=True,
            )
            if entry is not None and entry.record and not out
        ]
        return self._emit(
            bucket,
            book,
            Progress(),
            events=self._nothing([user_id for user_id, _ in known]),
            entries=[entry for _, entry in known],
            catalogue=catalogue,
            now_ms=now_ms,
            write=write,
        )

    def _nothing(self, users: list[str]) -> AcceptedEvents:
        return replace(self._returned([]), users=users)

    def _returned(self, events: Sequence[WaitingEvent]) -> AcceptedEvents:
        return from_waiting(events, self._actions, self._fold_settings.layout.dim)

    def _on_control(
        self,
        bucket: int,
        lines: Sequence[bytes],
        catalogue: Catalogue,
        book: BucketState,
        now_ms: int,
    ) -> tuple[BucketState, UserBatch]:
        parsed = parse_control(lines, self._rules)
        dead = list(parsed.dead)
        if bucket == UNREADABLE_BUCKET:
            dead = []
            for line in lines:
                found = parse_control([line], self._rules).dead
                dead += found or [DeadLetter(line, "unreadable_key")]
        forgotten, changed = [], []
        gone = 0
        for command in parsed.commands if bucket != UNREADABLE_BUCKET else ():
            user_id = command.user_id
            why = self._users.exclusion_reason(bucket, user_id)
            if command.command == "forget":
                gone += len(self._waiting.take_user(user_id))
                self._due.remove(bucket, user_id)
                self._users.remove(user_id)
                self._users.exclude(bucket, user_id, FORGET)
                forgotten.append(user_id)
            elif why == FORGET:
                continue
            elif command.command == "opt_out":
                self._due.remove(bucket, user_id)
                self._users.exclude(bucket, user_id, OPT_OUT)
                changed.append(user_id)
            elif why is not None:
                self._users.readmit(bucket, user_id)
                changed.append(user_id)
        control = replace(
            book.control,
            records_in=book.control.records_in + len(lines),
            dead_letters=book.control.dead_letters + len(dead),
            applied=book.control.applied + len(lines) - len(dead),
        )
        changed = sorted(set(changed) - set(forgotten))
        out = self._users.excluded(bucket, changed).tolist()
        after, batch = self._rewrite(
            bucket, changed, catalogue, replace(book, control=control), Write.ALL, now_ms
        )
        progress = replace(
            after.events,
            waiting=after.events.waiting - gone,
            excluded=after.events.excluded + gone,
        )
        return replace(after, events=progress), replace(
            batch,
            forgotten=forgotten,
            withdrawn=[user_id for user_id, is_out in zip(changed, out, strict=True) if is_out],
            progress={"events": progress, "control": control},
            dead={**batch.dead, "control": dead},
        )

    def _emit(
        self,
        bucket: int,
        book: BucketState,
        added: Progress,
        *,
        dead: Sequence[DeadLetter] = (),
        events: AcceptedEvents | None = None,
        rows: NDArray[np.intp] | None = None,
        entries: Sequence[UserEntry | None] = (),
        catalogue: Catalogue | None = None,
        now_ms: int = 0,
        write: Write = Write.NOW,
    ) -> tuple[BucketState, UserBatch]:
        """Fold the events, put the users' entries, count, and say what is to be written.

        `entries` are those of the events' `users`, `rows` those of their items in the
        catalogue, looked up where they are not given; users without any of `events` are left
        alone, unless their rows are asked for by `write`.
        """
        batch = UserBatch(self._settings.identity.space_id, book.epoch, bucket)
        count = 0
        if events is not None and events.users and catalogue is not None:
            count = len(events)
            chosen = np.unique(events.user) if write is Write.NOW else np.arange(len(events.users))
            users = [events.users[index] for index in chosen.tolist()]
            if rows is None:
                rows = catalogue.rows(events.item_id)
            joined = join_items(
                events,
                np.searchsorted(chosen, events.user),
                rows,
                catalogue,
                self._actions,
                self._settings.sentiment,
            )
            folded = fold(
                [entries[index] for index in chosen.tolist()],
                joined,
                catalogue,
                self._fold_settings,
                write=write,
                version=now_ms * 1000,
            )
            self._users.put(dict(zip(users, folded.entries, strict=True)))
            self._due.add(bucket, [users[index] for index in folded.waiting.tolist()], now_ms)
            if self._settings.config.trends.enabled and count:
                slice_ms = self._settings.config.trends.update_s * 1000
                self._trends = count_interactions(
                    events.item_id, events.time_ms, joined.weight, slice_ms
                )
            batch = replace(
                batch,
                users=users,
                folded=replace(folded, entries=[]),
                user_item_rows=user_item_rows_of(events, joined, self._actions)
                if count and self._settings.config.interest.relations
                else None,
            )
        before = book.events
        progress = Progress(
            records_in=before.records_in + added.records_in,
            duplicates=before.duplicates + added.duplicates,
            dead_letters=before.dead_letters + len(dead),
            waiting=before.waiting + added.waiting,
            applied=before.applied + count,
            excluded=before.excluded + added.excluded,
            unwritten=self._due.size(bucket),
        )
        return replace(book, events=progress), replace(
            batch, progress={"events": progress}, dead={"events": dead}
        )
