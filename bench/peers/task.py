"""The task of a peer, in a file that the benchmark writes."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """What a peer reads, computes and writes.

    `events` is the folder to watch, `state` the folder for the engine's snapshots. A batch is
    closed after `batch_ms`, or with `batch_events` events over all buckets (0: no limit).
    """

    dsn: str
    space_id: int
    events: Path
    state: Path
    batch_ms: int
    batch_events: int
    snapshot_ms: int
    half_life_ms: float
    buckets: int
    weights: dict[str, float]
    item_ids: list[str]
    vectors: NDArray[np.float32]
    """`(items, dim)`, in the order of `item_ids`."""


def read_task(file: Path) -> Task:
    """Read a task; the connection string is in the environment variable INTERESTREAM_DSN."""
    fields = json.loads(file.read_text())
    vectors = np.load(file.with_suffix(".npy")).astype(np.float32)
    fields |= {"events": Path(fields["events"]), "state": Path(fields["state"])}
    return Task(dsn=os.environ["INTERESTREAM_DSN"], vectors=vectors, **fields)
