"""From input lines to expected rows, in the order of docs/design.md."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from bench.recompute.actions import ACTIONS, Action
from bench.recompute.relation import user_items
from bench.recompute.result import Counts, Expected, User
from bench.recompute.validation import (
    DAY_MS,
    Bounds,
    Control,
    Event,
    RejectedError,
    line_of,
    read_control,
    read_event,
    read_item,
)
from bench.recompute.windows import Column, windows

Record = Mapping[str, Any] | bytes
Vectors = Callable[[list[str], str], NDArray[np.floating[Any]]]
"""(texts, "document" or "query") -> vectors of the space, (texts, dim)."""
Parsed = TypeVar("Parsed")


def recompute(
    items: Iterable[Record],
    events: Iterable[Record],
    control: Iterable[Record] = (),
    *,
    vectors: Vectors,
    now_ms: int,
    actions: Mapping[str, Action] = ACTIONS,
    bounds: Bounds | None = None,
) -> Expected:
    """What the tables must hold once all of the input has been worked off.

    Of several lines of one item the last one counts. Commands count as if they came after all
    events: a forgotten user has no rows, an opted out user has none and is `excluded`.
    """
    bounds = Bounds(latest_ms=now_ms + DAY_MS) if bounds is None else bounds
    told = _Stream("items", lambda raw: read_item(raw, bounds))
    happened = _Stream("events", lambda raw: read_event(raw, actions, bounds))
    asked = _Stream("control", lambda raw: read_control(raw, bounds))

    documents = {item.item_id: item.document for item in told.read(items)}
    forgotten, opted_out = _commands(asked.read(control))
    accepted: list[tuple[Event, int]] = []
    keys: set[tuple[str, int]] = set()
    seen: Counter[str] = Counter()
    for event in happened.read(events):
        key = xxhash.xxh3_64_intdigest(f"{event.user_id}\0{event.event_id}".encode())
        if event.user_id in opted_out:
            seen["excluded"] += 1
        elif (event.user_id, key) in keys:
            seen["duplicates"] += 1
        else:
            keys.add((event.user_id, key))
            if (
                event.wanted is None
                and event.item_id is not None
                and (event.item_id not in documents)
            ):
                seen["waiting"] += 1
            else:
                seen["applied"] += 1
                accepted.append((event, key))

    accepted = _in_order([pair for pair in accepted if pair[0].user_id not in forgotten])
    names, column, table = _columns([event for event, _ in accepted], documents, vectors)
    return Expected(
        windows=windows(column, table, names),
        users=_users(event for event, _ in accepted),
        user_items=user_items(accepted),
        counts={
            "items": Counts(told.records_in, dead_letters=len(told.dead), applied=told.valid),
            "events": Counts(happened.records_in, dead_letters=len(happened.dead), **seen),
            "control": Counts(asked.records_in, dead_letters=len(asked.dead), applied=asked.valid),
        },
        dead_letters=Counter(
            (stream.name, reason)
            for stream in (told, happened, asked)
            for reason, user_id in stream.dead
            if user_id not in forgotten
        ),
        forgotten=forgotten,
        opted_out=opted_out,
    )


class _Stream(Generic[Parsed]):
    """Reads lines, and keeps count of them and of those that died."""

    def __init__(self, name: str, parse: Callable[[bytes], Parsed]) -> None:
        self.name = name
        self.parse = parse
        self.records_in = 0
        self.dead: list[tuple[str, str | None]] = []
        """(reason, user_id where it can be read) of each dead letter."""

    @property
    def valid(self) -> int:
        return self.records_in - len(self.dead)

    def read(self, records: Iterable[Record]) -> Iterator[Parsed]:
        for record in records:
            self.records_in += 1
            try:
                yield self.parse(line_of(record))
            except RejectedError as rejected:
                self.dead.append((rejected.reason, rejected.user_id))


def _commands(commands: Iterable[Control]) -> tuple[frozenset[str], frozenset[str]]:
    forgotten: set[str] = set()
    opted_out: dict[str, bool] = {}
    for command in commands:
        if command.command == "forget":
            forgotten.add(command.user_id)
        else:
            opted_out[command.user_id] = command.command == "opt_out"
    return frozenset(forgotten), frozenset(user for user, out in opted_out.items() if out)


def _in_order(accepted: Sequence[tuple[Event, int]]) -> list[tuple[Event, int]]:
    return sorted(accepted, key=lambda pair: (pair[0].user_id, pair[0].time_ms, pair[1]))


def _users(events: Iterable[Event]) -> dict[str, User]:
    """events: a user's oldest first."""
    counted: dict[str, User] = {}
    for event in events:
        before = counted.get(event.user_id)
        counted[event.user_id] = User(1 if before is None else before.events + 1, event.time_ms)
    return counted


def _columns(
    events: Sequence[Event], documents: Mapping[str, str], vectors: Vectors
) -> tuple[list[str], Column, NDArray[np.floating[Any]]]:
    """User names, the weighted events as arrays, and the vectors that they point to."""
    weighted = [event for event in events if event.weight != 0 and (event.item_id or event.wanted)]
    names = list(dict.fromkeys(event.user_id for event in weighted))
    numbers = {name: number for number, name in enumerate(names)}
    wants = [_text_of(event, documents) for event in weighted]
    texts = {
        kind: list(dict.fromkeys(text for of, text in wants if of == kind))
        for kind in ("document", "query")
    }
    tables = [vectors(of_kind, kind) for kind, of_kind in texts.items() if of_kind]
    place = {
        key: row
        for row, key in enumerate(
            (kind, text) for kind, of_kind in texts.items() for text in of_kind
        )
    }
    column = Column(
        user=np.array([numbers[event.user_id] for event in weighted], np.int64),
        time_ms=np.array([event.time_ms for event in weighted], np.int64),
        weight=np.array([event.weight for event in weighted], np.float64),
        vector=np.array([place[key] for key in wants], np.int64),
    )
    return names, column, np.concatenate(tables) if tables else np.zeros((0, 0), np.float32)


def _text_of(event: Event, documents: Mapping[str, str]) -> tuple[str, str]:
    if event.wanted is not None:
        return "query", event.wanted
    assert event.item_id is not None
    return "document", documents[event.item_id]
