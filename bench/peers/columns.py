"""Turns lines into columns, a whole chunk in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import orjson
from numpy.typing import NDArray


@dataclass(frozen=True)
class Columns:
    """Columns of events, all of the same length."""

    user_id: list[str]
    row: NDArray[np.intp]
    """Row of the item's vector."""
    weight: NDArray[np.float64]
    """0 for an event that the window does not count."""
    time_ms: NDArray[np.int64]
    """Epoch milliseconds."""

    def __len__(self) -> int:
        return len(self.user_id)


class LineReader:
    """Parses events of known items and actions; `weights` is by action."""

    def __init__(self, item_ids: Sequence[str], weights: dict[str, float]) -> None:
        self._row = {item_id: row for row, item_id in enumerate(item_ids)}
        self._weight = weights

    def read(self, lines: Sequence[bytes | str]) -> Columns:
        """The events of some lines. Raises KeyError for an unknown item or action."""
        if lines and isinstance(lines[0], str):
            joined = ",".join(lines).encode()  # type: ignore[arg-type]
        else:
            joined = b",".join(lines)  # type: ignore[arg-type]
        events: list[dict[str, Any]] = orjson.loads(b"[" + joined + b"]")
        row, weight = self._row, self._weight
        return Columns(
            user_id=[event["user_id"] for event in events],
            row=np.array([row[event["item_id"]] for event in events], dtype=np.intp),
            weight=np.array([weight[event["action"]] for event in events]),
            time_ms=np.array([event["event_time"] for event in events], dtype=np.int64),
        )


def join(parts: Sequence[Columns]) -> Columns:
    """All events of the parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    return Columns(
        user_id=[user_id for part in parts for user_id in part.user_id],
        row=np.concatenate([part.row for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        time_ms=np.concatenate([part.time_ms for part in parts]),
    )


def split(columns: Columns, buckets: int) -> list[tuple[int, Columns]]:
    """(bucket, its events) for each bucket with events; every process splits users alike."""
    if buckets == 1:
        return [(0, columns)]
    bucket = np.array([crc32(user_id.encode()) for user_id in columns.user_id]) % buckets
    parts = []
    for number in range(buckets):
        chosen = np.flatnonzero(bucket == number)
        if chosen.size:
            user_id = [columns.user_id[index] for index in chosen.tolist()]
            parts.append(
                (
                    number,
                    Columns(
                        user_id,
                        columns.row[chosen],
                        columns.weight[chosen],
                        columns.time_ms[chosen],
                    ),
                )
            )
    return parts
