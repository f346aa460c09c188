"""What a peer is asked to do, in a file that the benchmark writes."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """`events` is the folder to watch, `state` where the engine keeps what survives a restart.

    A batch is closed after `batch_ms`, or when it has `batch_events` events over all buckets
    (0: no limit).
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
    """`(items, dim)`"""


def read_task(file: Path) -> Task:
    """The task; the connection string comes from INTERESTREAM_DSN."""
    told = json.loads(file.read_text())
    vectors = np.load(file.with_suffix(".npy")).astype(np.float32)
    told |= {"events": Path(told["events"]), "state": Path(told["state"])}
    return Task(dsn=os.environ["INTERESTREAM_DSN"], vectors=vectors, **told)
