"""Where a batch's time goes: every step of the interest operator on its own, without Flink.

Synthetic events of 384 dimensions, uniform users, on a durable embedded Postgres; the figures are
medians over batches after a warm-up.
"""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from jobs.config import DEFAULT_ACTIONS, Config
from jobs.core.catalogue import Catalogue
from jobs.core.duplicates import new_events
from jobs.core.event_key import event_keys, reference
from jobs.core.fold import FoldSettings, JoinedEvents, fold
from jobs.core.parse_events import parse_events
from jobs.core.progress import Progress
from jobs.core.relation import relation_rows
from jobs.core.rules import Rules
from jobs.core.user_state import UserEntry
from jobs.core.weights import ActionTable, signed_weights
from jobs.embedded_postgres import temporary_postgres
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import UserBatch, write_user_batch
from sql.apply import apply

DIM = 384
ITEMS = 5_000
NOW_MS = 1_750_000_000_000
STEPS = ("parse", "keys and duplicates", "fold", "relation", "write and commit")
console = Console()


@dataclass
class Bench:
    """One bucket's operator without Flink: the same functions in the same order."""

    db: psycopg.Connection
    catalogue: Catalogue
    users: int
    rng: np.random.Generator
    entries: dict[str, UserEntry] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    touched: list[int] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.settings = FoldSettings.of(Config().interest, DIM)
        self.rules = Rules(frozenset(DEFAULT_ACTIONS))
        bits = {name: bit for bit, name in enumerate(DEFAULT_ACTIONS)}
        self.actions = ActionTable.of(DEFAULT_ACTIONS, bits)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[step].append(time.perf_counter() - started)

    def lines(self, count: int) -> list[bytes]:
        users = self.rng.integers(0, self.users, count).tolist()
        items = self.rng.integers(0, ITEMS, count).tolist()
        self.number += count
        return [
            orjson.dumps(
                {
                    "event_id": f"e{self.number + place}",
                    "user_id": f"u{user}",
                    "action": "view",
                    "item_id": f"i{item}",
                    "event_time": NOW_MS + self.number + place,
                }
            )
            for place, (user, item) in enumerate(zip(users, items, strict=True))
        ]

    def run(self, count: int) -> None:
        lines = self.lines(count)
        with self.timed("parse"):
            events = parse_events(lines, self.rules, NOW_MS + 10**9).events
        with self.timed("keys and duplicates"):
            keys = event_keys(events.user_id, events.event_id)
            new_events(keys, [])
        names = list(dict.fromkeys(events.user_id))
        place = {name: index for index, name in enumerate(names)}
        with self.timed("fold"):
            codes = self.actions.encode(events.action)
            weight = signed_weights(self.actions, codes, events.value)
            joined = JoinedEvents(
                user=np.array([place[name] for name in events.user_id], dtype=np.intp),
                time_ms=events.time_ms,
                key=keys,
                weight=weight,
                ref=np.array([reference(str(item)) for item in events.item_id], dtype=np.uint64),
                row=self.catalogue.rows(events.item_id),
                text_row=np.full(count, -1, dtype=np.intp),
                text_vectors=np.empty((0, DIM), dtype=np.float16),
            )
            known = [self.entries.get(name) for name in names]
            folded = fold(known, joined, self.catalogue, self.settings)
            self.entries.update(zip(names, folded.entries, strict=True))
        with self.timed("relation"):
            items = [str(item) for item in events.item_id]
            relation = relation_rows(
                events.user_id, items, self.actions.mask[codes], events.time_ms, keys, weight
            )
        batch = UserBatch(
            space_id=1,
            epoch=1,
            bucket=0,
            kinds=self.settings.kinds,
            users=names,
            folded=folded,
            relation=relation,
            progress={"events": Progress(records_in=self.number)},
        )
        with self.timed("write and commit"), self.db.transaction():
            write_user_batch(self.db, batch)
        self.touched.append(len(names))


def main(
    users: Annotated[int, typer.Option(help="distinct users")] = 20_000,
    sizes: Annotated[str, typer.Option(help="events per batch, by commas")] = "20,200,2000,10000",
) -> None:
    """Print microseconds per event, by step and batch size."""
    rng = np.random.default_rng(0)
    catalogue = Catalogue(DIM)
    vectors = rng.standard_normal((ITEMS, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for item in range(ITEMS):
        catalogue.put(f"i{item}", vectors[item].astype(np.float16))
    table = Table(title=f"microseconds per event ({platform.processor() or platform.machine()})")
    for name in ("events in batch", "users in batch", *STEPS, "all", "events/s, one thread"):
        table.add_column(name, justify="right")
    durable = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    with temporary_postgres(settings=durable) as server:
        apply(server.dsn)
        with psycopg.connect(server.dsn, autocommit=True) as db:
            db.execute(
                "SELECT interestream.create_space('bench', '1', 'x', %s, %s::real[], false)",
                (DIM, [0.0] * DIM),
            )
            register_halfvectors(db)
            for size in map(int, sizes.split(",")):
                bench = Bench(db, catalogue, users, rng)
                for _ in range(max(6, min(60, 40_000 // size))):
                    bench.run(size)
                costs = [np.median(bench.seconds[step][2:]) / size * 1e6 for step in STEPS]
                table.add_row(
                    f"{size:,}",
                    f"{np.median(bench.touched):,.0f}",
                    *(f"{cost:,.1f}" for cost in costs),
                    f"{sum(costs):,.1f}",
                    f"{1e6 / sum(costs):,.0f}",
                )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
