"""The interest step: a bucket's batch of events folded into its users, and written."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedBroadcastProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.core.catalogue import Catalogue
from jobs.core.duplicates import new_events
from jobs.core.event_key import event_keys, reference, text_reference
from jobs.core.events import FORGOTTEN_USER, DeadLetter, EventColumns
from jobs.core.fold import JoinedEvents, fold
from jobs.core.parse_control import parse_control
from jobs.core.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.core.relation import relation_rows
from jobs.core.trend_counts import TrendCounts, count_interactions, pack
from jobs.core.user_state import FORGOTTEN, UserEntry, fresh_ids, make_ids
from jobs.core.weights import signed_weights
from jobs.operators.accepted import NO_TEXT, Accepted
from jobs.operators.bucket_book import BOOK, Book, read_book
from jobs.operators.item_vectors import ITEM_VECTORS, ItemVectors, read_vector_rows
from jobs.operators.metrics import StepMetrics
from jobs.operators.row_kinds import CONTROL, UNREADABLE_BUCKET
from jobs.operators.settings import OperatorSettings
from jobs.operators.waiting_room import WAITING, WaitingEvent, WaitingRoom
from jobs.sinks.connection import PatientConnection
from jobs.sinks.user_rows import UserBatch, write_user_batch

TREND_COUNTS_TYPE = Types.ROW_NAMED(
    ["bucket", "counts"], [Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE())]
)

USERS = MapStateDescriptor("users-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())

WAITING_CHECK_MS = 250
"""How often a bucket with waiting events looks for items that have arrived."""


class InterestStep(KeyedBroadcastProcessFunction):
    """Keyed by bucket of users; one call per batch of raw lines, one transaction per call.

    State per user: the record and tail of ``jobs.core.user_state`` (5.6 kB, 12 bytes per event id
    within the duplicate TTL, 2 * dim + 8 bytes per wanted text among the last interactions);
    a forgotten user leaves a tombstone of a few bytes for good, so that late events stay out.
    Per bucket: waiting events (until their item or the waiting TTL) and one book of counters.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        self._users = runtime_context.get_map_state(USERS)
        self._waiting = WaitingRoom(runtime_context.get_map_state(WAITING))
        self._book = runtime_context.get_state(BOOK)
        self._rules = self._settings.rules
        self._fold_settings = self._settings.fold
        self._actions = self._settings.actions
        self._item_vectors = ItemVectors(self._settings.identity.dim)
        # How far into the arrivals each bucket has looked; without an entry it looks at all items.
        self._looked: dict[int, int] = {}
        self._postgres = PatientConnection(self._settings.config.database)
        self._metrics = StepMetrics(runtime_context)
        # Of the call under way; sent on at its end.
        self._trends: TrendCounts | None = None

    def close(self) -> None:
        self._postgres.close()

    def process_broadcast_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Iterator[Row]:
        self._item_vectors.put(ctx.get_broadcast_state(ITEM_VECTORS), read_vector_rows(value))
        yield from ()

    def process_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[Row]:
        bucket, kind, lines, vectors = value
        book = read_book(self._book, self._settings.identity.epoch)
        catalogue = self._item_vectors.catalogue(ctx.get_broadcast_state(ITEM_VECTORS))
        now_ms = ctx.timer_service().current_processing_time()
        if kind == CONTROL:
            book = self._on_control(bucket, lines, catalogue, book)
        else:
            book = self._on_events(bucket, lines, vectors, catalogue, book, now_ms)
        if book.events.waiting and not book.timer_ms:
            book = self._set_timer(book, ctx, now_ms)
        self._book.update(book.pack())
        yield from self._take_trends(bucket)

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[Row]:
        bucket = ctx.get_current_key()
        book = replace(read_book(self._book, self._settings.identity.epoch), timer_ms=0)
        catalogue = self._item_vectors.catalogue(ctx.get_broadcast_state(ITEM_VECTORS))
        now_ms = ctx.timer_service().current_processing_time()
        book = self._release(bucket, catalogue, book, now_ms)
        if book.events.waiting:
            book = self._set_timer(book, ctx, now_ms)
        self._book.update(book.pack())
        yield from self._take_trends(bucket)

    def _take_trends(self, bucket: int) -> Iterator[Row]:
        counts, self._trends = self._trends, None
        if counts is not None and len(counts):
            yield Row(bucket, pack(counts))

    def _set_timer(
        self,
        book: Book,
        ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
        | KeyedBroadcastProcessFunction.OnTimerContext,
        now_ms: int,
    ) -> Book:
        due_ms = now_ms + WAITING_CHECK_MS
        ctx.timer_service().register_processing_time_timer(due_ms)
        return replace(book, timer_ms=due_ms)

    def _on_events(
        self,
        bucket: int,
        lines: Sequence[bytes],
        vectors: Sequence[bytes],
        catalogue: Catalogue,
        book: Book,
        now_ms: int,
    ) -> Book:
        parsed = parse_events(lines, self._rules, now_ms)
        dead, events = self._without_forgotten(parsed.dead), parsed.events
        if bucket == UNREADABLE_BUCKET:
            dead += [DeadLetter(lines[line], "unreadable_key") for line in events.line]
            return self._write(bucket, book, records_in=len(lines), dead=dead)
        accepted, missing = self._with_texts(lines, vectors, events)
        users = list(
            dict.fromkeys([*accepted.user_id, *(event.user_id or "" for event in missing)])
        )
        entries = self._read(users)
        place = {user_id: index for index, user_id in enumerate(users)}
        user = np.array([place[user_id] for user_id in accepted.user_id], dtype=np.intp)
        excluded = np.array([bool(entry and entry.excluded) for entry in entries], dtype=bool)
        out = excluded[user] if users else np.zeros(0, dtype=bool)
        unread = [letter for letter in missing if not excluded[place[letter.user_id or ""]]]
        dead += unread
        ttl_ms = self._settings.config.retention.duplicate_ttl_s * 1000
        oldest_minute = (now_ms - ttl_ms) // 60_000
        known = [fresh_ids(entry, oldest_minute) for entry in entries]
        new = new_events(accepted.key, known) & ~out
        by_user = np.flatnonzero(new)[np.argsort(user[new], kind="stable")]
        owners, starts = np.unique(user[by_user], return_index=True)
        ids = make_ids(accepted.key[by_user], now_ms // 60_000)
        for index, mine in zip(owners.tolist(), np.split(ids, starts[1:]), strict=False):
            entries[index] = replace(
                entries[index] or UserEntry(b""), ids=known[index].tobytes() + mine.tobytes()
            )
        fresh = accepted.take(new)
        rows = catalogue.rows(fresh.item_id)
        waits = (
            (rows < 0)
            & (fresh.text_row == NO_TEXT)
            & np.array([item is not None for item in fresh.item_id], dtype=bool)
        )
        waiting = fresh.take(waits)
        self._wait(waiting, now_ms)
        if len(waiting):
            first = now_ms + self._settings.config.retention.waiting_ttl_s * 1000
            book = replace(book, expiry_ms=book.expiry_ms or first)
        return self._write(
            bucket,
            book,
            records_in=len(lines),
            duplicates=int((~new & ~out).sum()),
            excluded=int(out.sum()) + len(missing) - len(unread),
            waiting=len(waiting),
            dead=dead,
            events=fresh.take(~waits),
            entries=dict(zip(users, entries, strict=True)),
            catalogue=catalogue,
        )

    def _without_forgotten(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Broken lines of forgotten users are counted, and nothing of them is kept."""
        users = list({letter.user_id for letter in letters if letter.user_id is not None})
        gone = {
            user_id
            for user_id, entry in zip(users, self._read(users), strict=True)
            if entry is not None and entry.excluded == "forget"
        }
        return [
            DeadLetter(b"", FORGOTTEN_USER) if letter.user_id in gone else letter
            for letter in letters
        ]

    def _with_texts(
        self, lines: Sequence[bytes], vectors: Sequence[bytes], events: EventColumns
    ) -> tuple[Accepted, list[DeadLetter]]:
        """Pair events with the vectors of their wanted texts; an event that should have one and
        has none is a dead letter."""
        codes = self._actions.encode(events.action)
        wanted = self._actions.wanted[codes]
        dim = self._fold_settings.layout.dim
        found: list[bytes] = []
        text_row = np.full(len(events), NO_TEXT, dtype=np.intp)
        missing = np.zeros(len(events), dtype=bool)
        for index in np.flatnonzero(wanted).tolist():
            if events.text[index] is None:
                continue
            vector = vectors[events.line[index]] if len(vectors) == len(lines) else b""
            if vector:
                text_row[index] = len(found)
                found.append(vector)
            else:
                missing[index] = True
        accepted = Accepted(
            raw=[lines[line] for line in events.line],
            user_id=events.user_id,
            item_id=events.item_id,
            action=events.action,
            time_ms=events.time_ms,
            key=event_keys(events.user_id, events.event_id),
            value=events.value,
            text=events.text,
            text_row=text_row,
            text_vectors=np.frombuffer(b"".join(found), dtype=np.float16).reshape(-1, dim),
        )
        if not missing.any():
            return accepted, []
        letters = [
            DeadLetter(accepted.raw[index], "unreadable_text", "", accepted.user_id[index])
            for index in np.flatnonzero(missing).tolist()
        ]
        return accepted.take(~missing), letters

    def _wait(self, events: Accepted, now_ms: int) -> None:
        self._waiting.add(
            WaitingEvent(raw, user_id, item_id or "", action, time_ms, key, value, now_ms)
            for raw, user_id, item_id, action, time_ms, key, value in zip(
                events.raw,
                events.user_id,
                events.item_id,
                events.action,
                events.time_ms.tolist(),
                events.key.tolist(),
                events.value.tolist(),
                strict=True,
            )
        )

    def _release(self, bucket: int, catalogue: Catalogue, book: Book, now_ms: int) -> Book:
        """Join what waited for items that are known by now, and let go what waited too long."""
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
            return book
        users = list(dict.fromkeys(event.user_id for event in ready))
        entries = dict(zip(users, self._read(users), strict=True))
        out = {user_id for user_id, entry in entries.items() if entry and entry.excluded}
        joining = [event for event in ready if event.user_id not in out]
        return self._write(
            bucket,
            book,
            waiting=-len(ready) - len(expired),
            excluded=len(ready) - len(joining),
            dead=[
                DeadLetter(event.raw, "unknown_item", event.item_id, event.user_id)
                for event in expired
            ],
            events=self._returned(joining),
            entries=entries,
            catalogue=catalogue,
        )

    def _returned(self, events: Sequence[WaitingEvent]) -> Accepted:
        count = len(events)
        return Accepted(
            raw=[event.raw for event in events],
            user_id=[event.user_id for event in events],
            item_id=[event.item_id for event in events],
            action=[event.action for event in events],
            time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
            key=np.array([event.key for event in events], dtype=np.uint64),
            value=np.array([event.value for event in events], dtype=np.float64),
            text=[None] * count,
            text_row=np.full(count, NO_TEXT, dtype=np.intp),
            text_vectors=np.empty((0, self._fold_settings.layout.dim), dtype=np.float16),
        )

    def _on_control(
        self, bucket: int, lines: Sequence[bytes], catalogue: Catalogue, book: Book
    ) -> Book:
        parsed = parse_control(lines, self._rules)
        dead = list(parsed.dead)
        if bucket == UNREADABLE_BUCKET:
            dead = []
            for line in lines:
                found = parse_control([line], self._rules).dead
                dead += found or [DeadLetter(line, "unreadable_key")]
        forgotten, withdrawn, returned = [], [], []
        gone = 0
        for command in parsed.commands if bucket != UNREADABLE_BUCKET else ():
            user_id = command.user_id
            (entry,) = self._read([user_id])
            if command.command == "forget":
                gone += len(self._waiting.take_user(user_id))
                self._users.put(user_id, FORGOTTEN.pack())
                forgotten.append(user_id)
            elif entry is not None and entry.excluded == "forget":
                continue
            elif command.command == "opt_out":
                self._users.put(user_id, (entry or UserEntry(b"")).with_excluded("opt_out").pack())
                withdrawn.append(user_id)
            elif entry is not None and entry.excluded:
                self._users.put(user_id, entry.with_excluded("").pack())
                returned.append(user_id)
        control = replace(
            book.control,
            records_in=book.control.records_in + len(lines),
            dead_letters=book.control.dead_letters + len(dead),
            applied=book.control.applied + len(lines) - len(dead),
        )
        still_in = [user_id for user_id in dict.fromkeys(returned) if self._is_in(user_id)]
        entries = dict(zip(still_in, self._read(still_in), strict=True))
        return self._write(
            bucket,
            replace(book, control=control),
            waiting=-gone,
            excluded=gone,
            control_dead=dead,
            forgotten=forgotten,
            withdrawn=[user_id for user_id in withdrawn if not self._is_in(user_id)],
            entries=entries,
            # Who opted out before any event was counted has nothing to come back to.
            rewritten=[user_id for user_id, entry in entries.items() if entry and entry.record],
            catalogue=catalogue,
        )

    def _is_in(self, user_id: str) -> bool:
        (entry,) = self._read([user_id])
        return entry is not None and not entry.excluded

    def _read(self, users: Sequence[str]) -> list[UserEntry | None]:
        packed = [self._users.get(user_id) for user_id in users]
        return [None if value is None else UserEntry.unpack(value) for value in packed]

    def _write(
        self,
        bucket: int,
        book: Book,
        *,
        records_in: int = 0,
        duplicates: int = 0,
        waiting: int = 0,
        excluded: int = 0,
        dead: Sequence[DeadLetter] = (),
        control_dead: Sequence[DeadLetter] | None = None,
        forgotten: Sequence[str] = (),
        withdrawn: Sequence[str] = (),
        events: Accepted | None = None,
        entries: dict[str, UserEntry | None] | None = None,
        rewritten: Sequence[str] = (),
        catalogue: Catalogue | None = None,
    ) -> Book:
        """Fold the events, put the users' entries, commit everything, and count it."""
        count = len(events) if events is not None else 0
        before = book.events
        book = replace(
            book,
            events=Progress(
                records_in=book.events.records_in + records_in,
                duplicates=book.events.duplicates + duplicates,
                dead_letters=book.events.dead_letters + len(dead),
                waiting=book.events.waiting + waiting,
                applied=book.events.applied + count,
                excluded=book.events.excluded + excluded,
            ),
        )
        batch = UserBatch(
            space_id=self._settings.identity.space_id,
            epoch=book.epoch,
            bucket=bucket,
            kinds=self._fold_settings.kinds,
            progress={
                "events": book.events,
                **({} if control_dead is None else {"control": book.control}),
            },
            dead={
                "events": dead,
                **({} if control_dead is None else {"control": control_dead}),
            },
            forgotten=forgotten,
            withdrawn=withdrawn,
        )
        entries = entries or {}
        touched = list(dict.fromkeys([*(events.user_id if events else ()), *rewritten]))
        if touched and catalogue is not None:
            batch = self._fold(batch, touched, entries, events or self._returned([]), catalogue)
        for user_id, entry in entries.items():
            if entry is not None and not entry.excluded:
                self._users.put(user_id, entry.pack())
        started = time.perf_counter()
        self._postgres.run(lambda connection: write_user_batch(connection, batch))
        self._metrics.committed(bucket, before, book.events, time.perf_counter() - started)
        return book

    def _fold(
        self,
        batch: UserBatch,
        touched: list[str],
        entries: dict[str, UserEntry | None],
        events: Accepted,
        catalogue: Catalogue,
    ) -> UserBatch:
        """The batch with its users folded; ``entries`` are brought up to date."""
        place = {user_id: index for index, user_id in enumerate(touched)}
        codes = self._actions.encode(events.action)
        weight = signed_weights(self._actions, codes, events.value)
        # An event with neither has a reference that nothing looks at.
        refs = [
            reference(item or "") if row == NO_TEXT else text_reference(text or "")
            for text, item, row in zip(
                events.text, events.item_id, events.text_row.tolist(), strict=True
            )
        ]
        joined = JoinedEvents(
            user=np.array([place[user_id] for user_id in events.user_id], dtype=np.intp),
            time_ms=events.time_ms,
            key=events.key,
            weight=weight,
            ref=np.array(refs, dtype=np.uint64),
            row=catalogue.rows(events.item_id),
            text_row=events.text_row,
            text_vectors=events.text_vectors,
        )
        folded = fold(
            [entries.get(user_id) for user_id in touched], joined, catalogue, self._fold_settings
        )
        entries.update(zip(touched, folded.entries, strict=True))
        if self._settings.config.trends.enabled:
            slice_ms = self._settings.config.trends.update_s * 1000
            self._trends = count_interactions(events.item_id, events.time_ms, weight, slice_ms)
        related = np.array([item is not None for item in events.item_id], dtype=bool)
        about = events.take(related)
        relation = relation_rows(
            about.user_id,
            [item for item in about.item_id if item is not None],
            self._actions.mask[codes[related]],
            about.time_ms,
            about.key,
            weight[related],
        )
        return replace(batch, users=touched, folded=folded, relation=relation)
