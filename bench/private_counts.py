"""What differential privacy of popularity costs: `python -m bench.private_counts DATA`.

Sampled events of the last fifth of a data set's days are predicted by the most popular items of the
days before, without those that the user has met: from exact counts, from counts that are bounded by
user and day, and from these with the noise of `privacy.epsilon`. Every event on an item counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from jobs.core.parsing.json_records import read_time_ms
from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.day_marks import count_first
from jobs.datasets.dataset import Dataset
from jobs.datasets.detect import open_dataset

TOP = 10
WINDOWS = (1, 7, 30)
"""Lengths of the windows, in days."""
LAST_PART = 0.8
"""The first part of the days, as a share: their events are only learned from, none is predicted."""

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Events:
    """Events on items by time; `day` counts from the first, `user` and `item` are numbers, each
    `(events,)`."""

    day: NDArray[np.int64]
    user: NDArray[np.int64]
    item: NDArray[np.int64]

    @classmethod
    def of(cls, dataset: Dataset) -> "Events":
        """The events of a data set that can be read."""
        rows = sorted(_rows(dataset), key=lambda row: row[0])
        times, users, items = zip(*rows, strict=True)
        day = np.array(times) // DAY_MS
        return cls(
            day - day[0],
            np.unique(users, return_inverse=True)[1],
            np.unique(items, return_inverse=True)[1],
        )


def _rows(dataset: Dataset) -> Iterator[tuple[int, str, str]]:
    for event in dataset.events():
        if not isinstance(event, dict) or "item_id" not in event:
            continue
        time_ms = read_time_ms(event, "event_time")
        if isinstance(time_ms, int):
            yield time_ms, str(event["user_id"]), str(event["item_id"])


def counts_of_days(events: Events, most: int | None) -> Counts:
    """`(days, items)`: how often each item was met; of a user's day the first `most` events."""
    counted = np.ones(len(events.day), dtype=bool)
    if most is not None:
        of_user: defaultdict[int, list[int]] = defaultdict(list)
        for index, user in enumerate(events.user.tolist()):
            of_user[user].append(index)
        for indices in of_user.values():
            # What the job remembers of a user is 64 days, which come in their order here.
            counted[indices] = count_first({}, events.day[indices].tolist(), most)[1]
    counts = np.zeros((int(events.day.max()) + 1, int(events.item.max()) + 1))
    np.add.at(counts, (events.day[counted], events.item[counted]), 1)
    return counts


def with_noise(counts: Counts, scale: float, rng: np.random.Generator) -> Counts:
    """The counts with discrete Laplace noise: the difference of two geometric numbers.

    For an experiment, by numpy's generator; the job draws by OpenDP.
    """
    chance = 1 - np.exp(-1 / scale)
    noisy: Counts = (
        counts + rng.geometric(chance, counts.shape) - rng.geometric(chance, counts.shape)
    )
    return noisy


def hit_rates(counts: Counts, events: Events, questions: NDArray[np.intp]) -> dict[int, float]:
    """HR@10 by length of the window."""
    seen: defaultdict[int, set[int]] = defaultdict(set)
    asked = set(questions.tolist())
    sums = np.vstack([np.zeros(counts.shape[1]), np.cumsum(counts, axis=0)])
    hits: Counter[int] = Counter()
    answered = 0
    for index, (day, user, item) in enumerate(
        zip(events.day.tolist(), events.user.tolist(), events.item.tolist(), strict=True)
    ):
        if index in asked and item not in seen[user]:
            answered += 1
            for window in WINDOWS:
                scores = sums[day] - sums[max(0, day - window)]
                scores[list(seen[user])] = -np.inf
                hits[window] += int(item in np.argpartition(-scores, TOP)[:TOP])
        seen[user].add(item)
    return {window: hits[window] / max(1, answered) for window in WINDOWS}


def main(
    data: Annotated[Path, typer.Argument(help="a data set's folder")],
    questions: Annotated[int, typer.Option(help="events that are predicted")] = 3_000,
    seed: Annotated[int, typer.Option(help="of the sample and of the noise")] = 1,
) -> None:
    """Print HR@10 of popularity by bound, budget and window."""
    events = Events.of(open_dataset(data))
    rng = np.random.default_rng(seed)
    late = np.flatnonzero(events.day >= LAST_PART * (events.day.max() + 1))
    asked = rng.choice(late, min(questions, len(late)), replace=False)
    console = Console()
    console.print(f"{len(events.day):,} events; windows of {WINDOWS} days")
    for most in (None, 1, 3, 5):
        counts = counts_of_days(events, most)
        budgets = (None,) if most is None else (None, 8.0, 3.0, 1.0, 0.5)
        for epsilon in budgets:
            released = counts
            if epsilon is not None and most is not None:
                released = with_noise(counts, most / epsilon, rng)
            rates = hit_rates(released, events, asked)
            told = "  ".join(f"{rate:.3f}" for rate in rates.values())
            console.print(f"per_user_day {most or 'all'}, epsilon {epsilon or 'none'}: {told}")


if __name__ == "__main__":
    typer.run(main)
