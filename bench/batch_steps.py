"""Where a batch's time goes: every step of the interest operator on its own, without Flink.

Synthetic events of 384 dimensions (views, and now and then a like, a dislike, an unlike), uniform
users with a history, on a durable embedded Postgres; the figures are medians over batches after a
warm-up, of this process's time on the processor: other work on the machine counts little. Times
are up to `--late-s` seconds out of order. What the job leaves for later is written three batches
later: sooner than a job does it, so that less is saved by waiting. Flink's own part, states and
exchanges, is not in it. `NUMBA_DISABLE_JIT=1` leaves the compiled kernels out.
"""

import gc
import platform
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated

import numpy as np
import orjson
import psycopg
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.throughput.profiles import PROFILES
from jobs.config import Config, load_config
from jobs.core.event_key import event_keys
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.due_rows import Write
from jobs.core.interest.event_ids import known_ids, new_events, with_new_ids
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.folded import Folded
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import user_item_rows
from jobs.core.interest.user_state import UserEntry
from jobs.core.interest.weights import ActionTable, signed_weights
from jobs.core.parsing.events import EventColumns
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.rules import Rules
from jobs.core.progress import Progress
from jobs.local.postgres import temporary_postgres
from jobs.operators.accepted_events import user_index
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import write_user_batch
from sql.apply import apply

DIM = 384
ITEMS = 5_000
NOW_MS = 1_750_000_000_000
MIX = {"view": 0.85, "like": 0.10, "dislike": 0.03, "unlike": 0.02}
STEPS = (
    "parse",
    "keys and duplicates",
    "fold",
    "relation",
    "write and commit",
    "rows that waited",
)
PORTION = 10_000
"""Events of the history at a time."""

LATER = 3
"""Batches after which the rows that waited are written."""
console = Console()


@dataclass
class Bench:
    """One bucket's operator without Flink: the same functions in the same order."""

    catalogue: Catalogue
    config: Config
    users: int
    rng: np.random.Generator
    entries: dict[str, UserEntry] = field(default_factory=dict)
    late: deque[list[str]] = field(default_factory=deque)
    late_s: float = 0
    number: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    touched: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = FoldSettings.of(self.config.interest, DIM, self.config.neighbors)
        self.rules = Rules(frozenset(self.config.actions))
        bits = {name: bit for bit, name in enumerate(self.config.actions)}
        self.actions = ActionTable.of(self.config.actions, bits)
        none = parse_events([], self.rules, NOW_MS).events
        self.no_events = self._joined(none, event_keys([], []), np.empty(0, dtype=np.intp))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the seconds of the block to those of the step."""
        started = time.process_time()
        yield
        self.seconds[step].append(time.process_time() - started)

    def lines(self, count: int) -> list[bytes]:
        """So many new events as raw lines."""
        users = self.rng.integers(0, self.users, count).tolist()
        items = self.rng.integers(0, ITEMS, count).tolist()
        actions = self.rng.choice(list(MIX), count, p=list(MIX.values())).tolist()
        self.number += count
        late_ms = self.rng.integers(0, round(self.late_s * 1000) + 1, count).tolist()
        return [
            orjson.dumps(
                {
                    "event_id": f"e{self.number + place}",
                    "user_id": f"u{user}",
                    "action": action,
                    "item_id": f"i{item}",
                    "event_time": NOW_MS + self.number + place - late_ms[place],
                }
            )
            for place, (user, item, action) in enumerate(zip(users, items, actions, strict=True))
        ]

    def remember(self, count: int) -> None:
        """Fold events of before, whose rows are taken for written."""
        events = parse_events(self.lines(count), self.rules, NOW_MS + 10**9).events
        names, user = user_index(events.user_id)
        joined = self._joined(events, event_keys(events.user_id, events.event_id), user)
        known = [self.entries.get(name) for name in names]
        folded = fold(known, joined, self.catalogue, self.settings, write=Write.DEFERRED, version=1)
        self.entries.update(zip(names, folded.entries, strict=True))

    def run(self, db: psycopg.Connection, count: int) -> None:
        """One batch of `count` events through all steps, each of them timed."""
        lines = self.lines(count)
        with self.timed("parse"):
            events = parse_events(lines, self.rules, NOW_MS + 10**9).events
        names, user = user_index(events.user_id)
        with self.timed("keys and duplicates"):
            keys = event_keys(events.user_id, events.event_id)
            known = [self.entries.get(name) for name in names]
            ids = known_ids(known, 0)
            assert new_events(keys, user, ids).all()
            known = with_new_ids(known, ids, keys, user, minute=NOW_MS // 60_000)
        with self.timed("fold"):
            joined = self._joined(events, keys, user)
            folded = fold(known, joined, self.catalogue, self.settings, version=1)
            self.entries.update(zip(names, folded.entries, strict=True))
        batch = self._batch(names, folded)
        with self.timed("relation"):
            if self.config.interest.relations:
                mask = self.actions.mask[self.actions.encode(events.action)]
                rows = user_item_rows(
                    events.user_id,
                    [str(item) for item in events.item_id],
                    mask,
                    events.time_ms,
                    keys,
                    joined.weight,
                    joined.undoes,
                )
                batch = replace(batch, user_item_rows=rows)
        with self.timed("write and commit"), db.transaction():
            write_user_batch(db, batch)
        self.late.append([names[index] for index in folded.deferred.tolist()])
        with self.timed("rows that waited"):
            self._write_late(db)
        self.touched.append(len(names))

    def _joined(
        self, events: EventColumns, keys: NDArray[np.uint64], user: NDArray[np.intp]
    ) -> JoinedEvents:
        codes = self.actions.encode(events.action)
        row = self.catalogue.rows(events.item_id)
        count = len(events)
        return JoinedEvents(
            user=user,
            time_ms=events.time_ms,
            key=keys,
            weight=signed_weights(self.actions, codes, events.value),
            row=row,
            ref=self.catalogue.references(row),
            text_row=np.full(count, -1, dtype=np.intp),
            text_ref=np.zeros(count, dtype=np.uint64),
            comment=self.actions.comment[codes],
            engagement=np.abs(self.actions.signed_weight[codes]),
            undo_bit=self.actions.undo_bit[codes],
            undoes=self.actions.undoes[codes],
            text_vectors=np.empty((0, DIM), dtype=np.float16),
        )

    def _write_late(self, db: psycopg.Connection) -> None:
        if len(self.late) <= LATER:
            return
        names = sorted(set(self.late.popleft()))
        if not names:
            return
        folded = fold(
            [self.entries[name] for name in names],
            self.no_events,
            self.catalogue,
            self.settings,
            write=Write.DEFERRED,
        )
        self.entries.update(zip(names, folded.entries, strict=True))
        with db.transaction():
            write_user_batch(db, self._batch(names, folded))

    def _batch(self, names: list[str], folded: Folded) -> UserBatch:
        return UserBatch(
            space_id=1,
            epoch=1,
            bucket=0,
            users=names,
            folded=folded,
            progress={"events": Progress(records_in=self.number)},
        )


def measured(bench: Bench, db: psycopg.Connection, size: int) -> list[str]:
    """A row of the table: medians over batches of `size` events."""
    for _ in range(max(8, min(60, 40_000 // size))):
        bench.run(db, size)
    costs = [np.median(bench.seconds[step][LATER + 1 :]) / size * 1e6 for step in STEPS]
    return [
        f"{size:,}",
        f"{np.median(bench.touched):,.0f}",
        *(f"{cost:,.1f}" for cost in costs),
        f"{sum(costs):,.1f}",
        f"{1e6 / sum(costs):,.0f}",
    ]


def catalogue_of(rng: np.random.Generator) -> Catalogue:
    """A catalogue of ITEMS random unit vectors."""
    catalogue = Catalogue(DIM)
    vectors = rng.standard_normal((ITEMS, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for item in range(ITEMS):
        catalogue.put(f"i{item}", vectors[item].astype(np.float16))
    return catalogue


def main(
    users: Annotated[int, typer.Option(help="distinct users")] = 20_000,
    history: Annotated[int, typer.Option(help="events per user from before")] = 10,
    sizes: Annotated[str, typer.Option(help="events per batch, by commas")] = "20,200,2000,10000",
    late_s: Annotated[float, typer.Option(help="how far times are out of order, seconds")] = 60,
    profiles: Annotated[
        str, typer.Option(help="what of the job is switched on, by commas")
    ] = ",".join(PROFILES),
) -> None:
    """Print microseconds per event, by profile, step and batch size."""
    rng = np.random.default_rng(0)
    # As in the job, whose tuples Python's collector would look through all the time.
    gc.set_threshold(200_000, 20, 100)
    catalogue = catalogue_of(rng)
    durable = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    for profile in profiles.split(","):
        machine = platform.processor() or platform.machine()
        table = Table(title=f"{profile}: microseconds per event ({machine})")
        for name in ("events in batch", "users in batch", *STEPS, "all", "events/s, one thread"):
            table.add_column(name, justify="right")
        config = load_config(overrides=PROFILES[profile])
        before = Bench(catalogue, config, users, rng, late_s=late_s)
        for _ in track(
            range(-(-users * history // PORTION)), f"{profile}: history", console=console
        ):
            before.remember(PORTION)
        with temporary_postgres(settings=durable) as server:
            apply(server.dsn)
            with psycopg.connect(server.dsn, autocommit=True) as db:
                db.execute(
                    "SELECT interestream.create_space('bench', '1', 'x', %s, %s::real[], false)",
                    (DIM, [0.0] * DIM),
                )
                register_arrays(db)
                register_halfvectors(db)
                for size in map(int, sizes.split(",")):
                    # What an earlier size has left would hold off the rows of this one.
                    db.execute("TRUNCATE interestream.users, interestream.user_windows")
                    bench = Bench(
                        catalogue, config, users, rng, dict(before.entries), late_s=late_s
                    )
                    table.add_row(*measured(bench, db, size))
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
