"""The interactions of a data set: what questions are asked about, and baselines learn from."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import orjson
import xxhash
from numpy.typing import NDArray

from jobs.action_settings import Action
from jobs.config import Config
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import Item, Withdrawal, parse_items
from jobs.core.parsing.rules import Rules
from jobs.datasets.dataset import Dataset, Line

_LINES_AT_ONCE = 5_000


@dataclass(frozen=True)
class Interactions:
    """The first interaction of each user with each item, in the order in which events are fed.

    The arrays are `(interactions,)`. `user` and `item` are indices into `user_ids` and
    `item_ids`; `time_ms` is in epoch milliseconds and never falls; `line` is the number of event
    lines that are fed before it; `before_user` and `before_item` count the earlier interactions of
    its user and of its item.
    """

    user_ids: list[str]
    item_ids: list[str]
    """The catalogue: the available items, in the order of the data set."""
    documents: list[str]
    """The text that is encoded, of each item."""
    event_ids: list[str]
    user: NDArray[np.int64]
    item: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    line: NDArray[np.int64]
    before_user: NDArray[np.int64]
    before_item: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user)

    @property
    def fingerprint(self) -> str:
        """A hash of the catalogue and of all interactions."""
        digest = xxhash.xxh3_64()
        for text in (*self.item_ids, *self.documents, *self.user_ids, *self.event_ids):
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        for column in (self.user, self.item, self.time_ms, self.line):
            digest.update(column.tobytes())
        return digest.hexdigest()


def is_positive(action: Action) -> bool:
    """Whether a first interaction of this kind is an answer: something that a user turned to.

    A rating is one whatever its value, since the user chose the item before rating it.

    >>> is_positive(Action(weight=1)), is_positive(Action(weight=1, sign=-1))
    (True, False)
    >>> is_positive(Action(weight=0, seen=False))
    False
    """
    return action.seen and action.weight > 0 and action.sign > 0


def read_interactions(dataset: Dataset, config: Config) -> Interactions:
    """Read the catalogue and the first interactions of a data set, as the job would accept them.

    Events of unknown or unavailable items, of actions that are no interest (`is_positive`), and
    later events of a user on an item are left out. An item that a user first met by a dislike or
    another action that counts as seen is never an answer for that user. The time of an event that
    arrives late is that of the newest one before it.
    """
    catalogue = dict(_documents(dataset.items(), config))
    number_of = {item_id: number for number, item_id in enumerate(catalogue)}
    positive = {name for name, action in config.actions.items() if is_positive(action)}
    seen = {name for name, action in config.actions.items() if action.seen}
    users: dict[str, int] = {}
    met: set[tuple[int, int]] = set()
    ids: list[str] = []
    rows: list[tuple[int, int, int, int]] = []
    for line, event_id, user_id, action, item_id, time_ms in _events(dataset.events(), config):
        item = number_of.get(item_id)
        if item is None or action not in seen:
            continue
        user = users.setdefault(user_id, len(users))
        if (user, item) in met:
            continue
        met.add((user, item))
        if action in positive:
            ids.append(event_id)
            rows.append((user, item, time_ms, line))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Interactions(
        user_ids=list(users),
        item_ids=list(catalogue),
        documents=list(catalogue.values()),
        event_ids=ids,
        user=columns[0],
        item=columns[1],
        time_ms=np.maximum.accumulate(columns[2]) if rows else columns[2],
        line=columns[3],
        before_user=earlier(columns[0]),
        before_item=earlier(columns[1]),
    )


def earlier(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each value stands before its own place; `(n,)` to `(n,)`.

    >>> earlier(np.array([7, 8, 7, 7])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=values[order][:1] - 1))
    lengths = np.diff(starts, append=len(values))
    counts = np.empty(len(values), dtype=np.int64)
    counts[order] = np.arange(len(values)) - np.repeat(starts, lengths)
    return counts


def _documents(lines: Iterable[Line], config: Config) -> Iterator[tuple[str, str]]:
    """Id and document of each available item, by its last record."""
    rules = Rules.of(config.limits, frozenset())
    newest: dict[str, Item] = {}
    for record in parse_items([_raw(line) for line in lines], rules).records:
        if isinstance(record, Item):
            newest[record.item_id] = record
        elif isinstance(record, Withdrawal):
            newest.pop(record.item_id, None)
    yield from ((item.item_id, item.document) for item in newest.values() if item.available)


def _events(lines: Iterable[Line], config: Config) -> Iterator[tuple[int, str, str, str, str, int]]:
    """Line number, event, user, action, item and time of each accepted event with an item."""
    rules = Rules.of(config.limits, frozenset(config.actions))
    now_ms = int(time.time() * 1000)
    remaining, start = iter(lines), 0
    while raw := [_raw(line) for line in islice(remaining, _LINES_AT_ONCE)]:
        events = parse_events(raw, rules, now_ms).events
        for line, event_id, user_id, action, item_id, time_ms in zip(
            events.line,
            events.event_id,
            events.user_id,
            events.action,
            events.item_id,
            events.time_ms.tolist(),
            strict=True,
        ):
            if item_id is not None:
                yield start + line, event_id, user_id, action, item_id, time_ms
        start += len(raw)


def _raw(line: Line) -> bytes:
    return line if isinstance(line, bytes) else orjson.dumps(line)
