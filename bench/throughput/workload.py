"""Makes the events and items of a benchmark: the same arguments give the same bytes."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jobs.simulator.catalogue import build_catalogue

Spread = Literal["uniform", "zipf"]
START_MS = 1_750_000_000_000
EVENTS_PER_S = 25_000
"""Rate of the events in event time: about the rate that is measured. With event time a thousand
times faster than the clock, every batch would close a window of the trends."""
FILE_LINES = 10_000
ACTIONS = ("view", "click", "like", "purchase", "skip", "dislike")
_SHARES = (0.70, 0.14, 0.07, 0.03, 0.04, 0.02)
_ZIPF_EXPONENT = 1.0
_FORMAT = 2


@dataclass(frozen=True)
class Workload:
    """`events` distinct events of `users` users on `items` items.

    They are in order of time, with a jitter of a minute. Items are drawn by Zipf's law, users
    uniformly or by Zipf's law (`spread`).
    """

    users: int
    events: int
    spread: Spread = "uniform"
    items: int = 5_000
    seed: int = 1

    @property
    def name(self) -> str:
        """All arguments in one word."""
        return f"{self.spread}-{self.users}-users-{self.events}-events-{self.items}-{self.seed}"

    def catalogue(self) -> list[dict[str, Any]]:
        """Item records with a title and no text, which are encoded quickly."""
        records = build_catalogue(self.seed, self.items, START_MS).items.values()
        return [{"item_id": record["item_id"], "title": record["title"]} for record in records]

    def lines(self) -> Iterator[bytes]:
        """The events as lines of about 150 bytes."""
        rng = np.random.default_rng(self.seed)
        item_ids = [record["item_id"] for record in self.catalogue()]
        item_cdf, user_cdf = zipf(self.items), zipf(self.users)
        names = rng.permutation(self.users)
        for first in range(0, self.events, FILE_LINES):
            count = min(FILE_LINES, self.events - first)
            drawn = (
                rng.integers(0, self.users, count)
                if self.spread == "uniform"
                else np.searchsorted(user_cdf, rng.random(count))
            )
            users = names[drawn].tolist()
            items = np.searchsorted(item_cdf, rng.random(count)).tolist()
            actions = rng.choice(len(ACTIONS), count, p=_SHARES).tolist()
            at = START_MS + np.arange(first, first + count) * 1000 // EVENTS_PER_S
            times = (at + rng.integers(0, 60_000, count)).tolist()
            for number, (user, item, action, time_ms) in enumerate(
                zip(users, items, actions, times, strict=True), start=first
            ):
                yield (
                    b'{"event_id":"event-%09d","user_id":"user-%07d","item_id":"%s","action":"%s",'
                    b'"event_time":%d,"context":{"surface":"home"}}'
                    % (number, user, item_ids[item].encode(), ACTIONS[action].encode(), time_ms)
                )

    def files(self, cache: Path) -> list[Path]:
        """The events in files of `FILE_LINES` lines, written once and kept in `cache`."""
        key = hashlib.sha256(f"{_FORMAT} {self}".encode()).hexdigest()[:8]
        return kept_files(self.lines(), cache / f"{self.name}-{key}")


def kept_files(lines: Iterable[bytes], folder: Path, file_lines: int = FILE_LINES) -> list[Path]:
    """Files of `file_lines` lines in `folder`, which are written only where it is not there."""
    if not folder.exists():
        hidden = folder.with_name(f".{folder.name}")
        _write(lines, file_lines, hidden)
        hidden.rename(folder)
    return sorted(folder.glob("*.ndjson"))


def zipf(count: int) -> NDArray[np.float64]:
    """Cumulative probabilities `(count,)` of the ranks 0, 1, ... by Zipf's law."""
    weights = np.arange(1, count + 1, dtype=np.float64) ** -_ZIPF_EXPONENT
    cdf: NDArray[np.float64] = np.cumsum(weights / weights.sum())
    cdf /= cdf[-1]
    return cdf


def resplit(files: Sequence[Path], lines: int, folder: Path) -> list[Path]:
    """Write the same lines in the same order to files of `lines` lines; `folder` is emptied."""
    return _write(lines_of(files), lines, folder)


def lines_of(files: Iterable[Path]) -> Iterator[bytes]:
    """All lines of files, in their order."""
    return chain.from_iterable(file.read_bytes().splitlines() for file in files)


def _write(lines: Iterable[bytes], file_lines: int, folder: Path) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    remaining = iter(lines)
    made: list[Path] = []
    while some := list(islice(remaining, file_lines)):
        made.append(folder / f"{len(made) + 1:08d}.ndjson")
        made[-1].write_bytes(b"\n".join(some) + b"\n")
    return made
