"""`python -m bench.distil DATA BUNDLE BUNDLE ...`: recommendations with the vectors of bundles.

Each user's last liked item is left out. The recent window over the liked items before it
(half-life of three events, the last 32) is compared with every item that is new to the user.
Text alone decides, so that hit rates are low: only their differences between bundles count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Annotated, Any

import numpy as np
import orjson
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.detect import open_dataset
from jobs.errors import InterestreamError
from udfs.encoder import Encoder
from udfs.errors import UdfError

LAST = 32
HALF_LIFE_EVENTS = 3.0
TOP = (10, 50)
FEWEST_EVENTS = 3
NEUTRAL = 2.5
"""An item is liked when its rating is above this, or when the action is not a rating."""
_USERS_AT_ONCE = 256


@dataclass(frozen=True)
class Case:
    """A user with the last liked item left out; items are positions in the catalogue."""

    history: tuple[int, ...]
    """Liked items before it, the newest first."""
    had: tuple[int, ...]
    """Every item of the user's events before it."""
    left_out: int


@dataclass(frozen=True)
class Outcome:
    """The results of one bundle."""

    bundle: str
    texts_per_s: float
    """Documents encoded for each second of processor time."""
    hit_rate: Mapping[int, float]
    """Share of users whose item is among the first `top`, by `top`."""
    mean_reciprocal_rank: float


def cases_of(events: Iterable[Line], positions: Mapping[str, int], most: int) -> list[Case]:
    """A case for each user with at least three liked items; at most `most`, by user id.

    `positions` is the position in the catalogue by item id; events of other items are left out.
    """
    by_user: dict[str, list[tuple[int, str, int, bool]]] = {}
    for event in events:
        if isinstance(event, bytes) or str(event.get("item_id")) not in positions:
            continue
        liked = event.get("action") != "rating" or float(event.get("value") or 0) > NEUTRAL
        time_ms, key = int(event["event_time"]), str(event["event_id"])
        item = positions[str(event["item_id"])]
        by_user.setdefault(str(event["user_id"]), []).append((time_ms, key, item, liked))
    cases = []
    for user in sorted(by_user):
        rows = sorted(by_user[user])
        liked_rows = [n for n, row in enumerate(rows) if row[3]]
        if len(liked_rows) < FEWEST_EVENTS:
            continue
        last = liked_rows[-1]
        before = rows[:last]
        history = [item for *_, item, liked in reversed(before) if liked][:LAST]
        had = {item for *_, item, _ in before}
        if rows[last][2] not in had:
            cases.append(Case(tuple(history), tuple(had), rows[last][2]))
    return cases[:most]


def ranks(cases: list[Case], vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Rank `(cases,)` of each left-out item among the items that are new to its user, 0 the best.

    `vectors` `(items, dim)` are vectors of a space: without the mean, rows of norm 1.
    """
    found = []
    for begin in range(0, len(cases), _USERS_AT_ONCE):
        some = cases[begin : begin + _USERS_AT_ONCE]
        interests = np.stack(
            [
                0.5 ** (np.arange(len(case.history)) / HALF_LIFE_EVENTS)
                @ vectors[list(case.history)]
                for case in some
            ]
        )
        similarity = interests @ vectors.T
        for row, case in zip(similarity, some, strict=True):
            row[list(case.had)] = -np.inf
            found.append(int(np.sum(row > row[case.left_out])))
    return np.asarray(found, np.int64)


def measure(name: str, encoder: Encoder, documents: list[str], cases: list[Case]) -> Outcome:
    """Encode the documents, rank the cases with their vectors, and compute the rates."""
    begin = process_time()
    raw = encoder.encode(documents, "document")
    spent = process_time() - begin
    centred = raw - raw.mean(axis=0)
    found = ranks(cases, centred / np.linalg.norm(centred, axis=1, keepdims=True))
    return Outcome(
        name,
        len(documents) / spent,
        {top: float(np.mean(found < top)) for top in TOP},
        float(np.mean(1 / (found + 1))),
    )


def catalogue_of(dataset: Dataset) -> tuple[list[str], dict[str, int]]:
    """Documents, and their positions by item id."""
    rules = Rules(frozenset())
    documents: list[str] = []
    positions: dict[str, int] = {}
    for line in dataset.items():
        raw = line if isinstance(line, bytes) else orjson.dumps(line)
        for item in parse_items([raw], rules).items:
            positions[item.item_id] = len(documents)
            documents.append(item.document)
    return documents, positions


def main(
    data: Annotated[Path, typer.Argument(help="A data set's folder.")],
    bundles: Annotated[list[Path], typer.Argument(help="Bundles, the first one is the teacher.")],
    users: Annotated[int, typer.Option(min=1, help="Largest number of users.")] = 5000,
) -> None:
    """Print the hit rates of each bundle. Exit codes: 0 measured, 1 failed."""
    progress = Console(stderr=True)
    try:
        dataset = open_dataset(data)
        documents, positions = catalogue_of(dataset)
        cases = cases_of(dataset.events(), positions, users)
        outcomes = [
            measure("/".join(path.parts[-2:]), Encoder.open(path, threads=1), documents, cases)
            for path in track(bundles, "Encoding the catalogue", console=progress)
        ]
    except (InterestreamError, UdfError) as error:
        progress.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    Console().print(as_table(dataset.name, len(documents), len(cases), outcomes))


def as_table(name: str, items: int, users: int, outcomes: list[Outcome]) -> Table:
    """A table with a line for each bundle."""
    tops = [f"hit@{top}" for top in TOP]
    columns: list[Any] = ["bundle", "texts/s of one core", *tops, "mean reciprocal rank"]
    table = Table(*columns, title=f"{name}: {items:,} items, {users:,} users", title_justify="left")
    for one in outcomes:
        rates = [f"{one.hit_rate[top]:.4f}" for top in TOP]
        rank = f"{one.mean_reciprocal_rank:.4f}"
        table.add_row(one.bundle, f"{one.texts_per_s:,.0f}", *rates, rank)
    return table


if __name__ == "__main__":
    typer.run(main)
