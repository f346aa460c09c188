"""Changes of pairs, packed for the buckets of the items whose rows they change."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.neighbors.pair_updates import PairUpdates
from jobs.core.neighbors.rules import BACKWARD, PairRules

_HEAD = np.dtype("<i8")


@dataclass(frozen=True)
class RowUpdates:
    """Changes of rows, as they were at `as_of_ms` (epoch milliseconds).

    - `refs` `(items,)`: references of all items of the message; the other columns are indices.
    - `row`, `neighbor`, `strength` `(changes,)`: what a neighbor of an item gains.
    - `liked`, `count` `(counts,)`: what an item's interactions gain.
    - `new_ids` `(new,)`: items whose ids `ids` were not sent before.
    """

    as_of_ms: int
    refs: NDArray[np.uint64]
    row: NDArray[np.int32]
    neighbor: NDArray[np.int32]
    strength: NDArray[np.float32]
    liked: NDArray[np.int32]
    count: NDArray[np.float32]
    new_ids: NDArray[np.int32]
    ids: list[str]

    COLUMNS = (
        ("refs", "<u8"),
        ("row", "<i4"),
        ("neighbor", "<i4"),
        ("strength", "<f4"),
        ("liked", "<i4"),
        ("count", "<f4"),
        ("new_ids", "<i4"),
    )


def pack(updates: RowUpdates) -> bytes:
    """The changes as bytes: time, lengths of the columns, columns, ids separated by nulls."""
    columns = [getattr(updates, name).astype(kind) for name, kind in RowUpdates.COLUMNS]
    head = np.array([updates.as_of_ms, *map(len, columns)], dtype=_HEAD)
    parts = [head.tobytes(), *(column.tobytes() for column in columns)]
    return b"".join([*parts, "\0".join(updates.ids).encode()])


def unpack(packed: bytes) -> RowUpdates:
    """The changes that `pack` has packed."""
    as_of_ms, *lengths = np.frombuffer(packed, _HEAD, 1 + len(RowUpdates.COLUMNS)).tolist()
    start = _HEAD.itemsize * (1 + len(lengths))
    columns: dict[str, Any] = {}
    for length, (name, kind) in zip(lengths, RowUpdates.COLUMNS, strict=True):
        columns[name] = np.frombuffer(packed, kind, length, start)
        start += length * np.dtype(kind).itemsize
    ids = packed[start:].decode().split("\0") if lengths[-1] else []
    return RowUpdates(as_of_ms, ids=ids, **columns)


class PairSender:
    """Packs changes for buckets; an item's id is sent to each bucket once.

    What was sent is remembered in this process only: after a failure all steps start again, and
    ids are sent again.
    """

    def __init__(self, buckets: int, rules: PairRules) -> None:
        self._buckets = buckets
        self._rules = rules
        self._sent = np.zeros((buckets, 1024), dtype=bool)

    def pack(self, updates: PairUpdates, catalogue: Catalogue) -> list[tuple[int, bytes]]:
        """Packed messages by the bucket of the items whose rows they change."""
        if not len(updates):
            return []
        as_of_ms = int(max(updates.pair_ms.max(initial=0), updates.liked_ms.max(initial=0)))
        half_life_ms = self._rules.half_life_ms
        strength = updates.strength * np.exp2((updates.pair_ms - as_of_ms) / half_life_ms)
        count = updates.count * np.exp2((updates.liked_ms - as_of_ms) / half_life_ms)
        row = np.concatenate([updates.older, updates.newer])
        neighbor = np.concatenate([updates.newer, updates.older])
        both = np.concatenate([strength, BACKWARD * strength]).astype(np.float32)
        items = len(catalogue)
        refs = catalogue.references(np.arange(items))
        bucket = (refs % np.uint64(self._buckets)).astype(np.intp)
        if items > self._sent.shape[1]:
            grown = np.zeros((self._buckets, 2 * items), dtype=bool)
            grown[:, : self._sent.shape[1]] = self._sent
            self._sent = grown
        index = np.empty(items, dtype=np.int32)
        messages = []
        row_bucket, liked_bucket = bucket[row], bucket[updates.liked]
        for number in range(self._buckets):
            chosen = np.flatnonzero(row_bucket == number)
            counted = np.flatnonzero(liked_bucket == number)
            if not (chosen.size or counted.size):
                continue
            rows, neighbors, liked = row[chosen], neighbor[chosen], updates.liked[counted]
            used = np.zeros(items, dtype=bool)
            for column in (rows, neighbors, liked):
                used[column] = True
            table = np.flatnonzero(used)
            index[table] = np.arange(len(table))
            new = np.flatnonzero(~self._sent[number, table])
            self._sent[number, table] = True
            ids = catalogue.ids
            message = RowUpdates(
                as_of_ms,
                refs[table],
                index[rows],
                index[neighbors],
                both[chosen],
                index[liked],
                count[counted].astype(np.float32),
                new.astype(np.int32),
                [ids[item] for item in table[new].tolist()],
            )
            messages.append((number, pack(message)))
        return messages
