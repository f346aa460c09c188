"""Flink around one operator, in memory: keyed state, broadcast state, timers, restores.

Like Flink, it pickles what is put into state, hands out a fresh copy at each read, knows no keyed
state outside of a key, and does not let broadcast state be written while a key is processed.
"""

import copy
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Cells = dict[Any, bytes]


class FakeMapState:
    """Map state over pickled cells; keyed state finds the cells of the current key."""

    def __init__(self, cells: Callable[[], Cells], *, writable: bool = True) -> None:
        self._cells = cells
        self._writable = writable

    def get(self, key: Any) -> Any:
        found = self._cells().get(key)
        return None if found is None else pickle.loads(found)

    def put_all(self, values: dict[Any, Any]) -> None:
        for key, value in values.items():
            self.put(key, value)

    def put(self, key: Any, value: Any) -> None:
        assert self._writable, "broadcast state is read-only while a key is processed"
        self._cells()[key] = pickle.dumps(value)

    def remove(self, key: Any) -> None:
        assert self._writable, "broadcast state is read-only while a key is processed"
        self._cells().pop(key, None)

    def contains(self, key: Any) -> bool:
        return key in self._cells()

    def keys(self) -> Iterator[Any]:
        yield from self._cells()

    def values(self) -> Iterator[Any]:
        for _, value in self.items():
            yield value

    def items(self) -> Iterator[tuple[Any, Any]]:
        for key, packed in self._cells().items():
            yield key, pickle.loads(packed)

    def is_empty(self) -> bool:
        return not self._cells()


class FakeValueState:
    """One pickled cell per key."""

    def __init__(self, cells: Callable[[], Cells]) -> None:
        self._map = FakeMapState(cells)

    def value(self) -> Any:
        return self._map.get("")

    def update(self, value: Any) -> None:
        self._map.put("", value)

    def clear(self) -> None:
        self._map.remove("")


class FakeMetrics:
    """A metrics group and everything below it; Flink's counters begin anew with each start."""

    def __init__(self) -> None:
        self._counters: dict[str, list[int]] = defaultdict(list)
        self._values: dict[str, list[int]] = defaultdict(lambda: [0])

    def add_group(self, *_: str) -> "FakeMetrics":
        return self

    def counter(self, name: str) -> "_Counter":
        return _Counter(self._counters[name])

    def distribution(self, name: str) -> "_Distribution":
        return _Distribution(self._values[name])

    def read(self) -> dict[str, int]:
        """What a reporter would report now."""
        counted = {name: sum(added) for name, added in self._counters.items()}
        return {**counted, **{name: values[-1] for name, values in self._values.items()}}


class _Distribution:
    def __init__(self, values: list[int]) -> None:
        self._values = values

    def update(self, value: int) -> None:
        self._values.append(value)


class _Counter:
    def __init__(self, added: list[int]) -> None:
        self._added = added

    def inc(self, by: int = 1) -> None:
        assert by >= 0, "a counter only grows"
        self._added.append(by)


class FakeFlink:
    """Runs one operator, one element at a time, on a clock that the test moves.

    `snapshot` and `restore` are a checkpoint and the restart from it: a restored operator is a
    new object that knows nothing but its state and its timers.
    """

    def __init__(
        self, make: Callable[[], Any], now_ms: int, sink: Callable[[Any], None] = lambda _: None
    ) -> None:
        """`sink` is called with everything that comes out of the operator."""
        self._make = make
        self._sink = sink
        self._keyed: dict[tuple[str, Any], Cells] = defaultdict(dict)
        self._broadcast: dict[str, Cells] = defaultdict(dict)
        self._timers: set[tuple[int, Any]] = set()
        self.ttl_ms: dict[str, int] = {}
        """Time to live of the states that have one, by name."""
        self.attempt = 0
        """How often the operator was started before, as Flink tells it."""
        self._key: Any = None
        self.now_ms = now_ms
        self.timer_rows: list[Any] = []
        """What came out of timers."""
        self.operator = self._start()

    def send(self, element: Any) -> list[Any]:
        """An element of the keyed input, keyed by its first field; what comes out of it."""
        self._key = element[0]
        try:
            out = list(self.operator.process_element(element, _Context(self, writable=False)))
        finally:
            self._key = None
        for emitted in out:
            self._sink(emitted)
        return out

    def broadcast(self, element: Any) -> None:
        list(self.operator.process_broadcast_element(element, _Context(self, writable=True)))

    def advance(self, by_ms: int) -> int:
        """Move the clock, firing what falls due on the way; how many timers fired."""
        end_ms, fired = self.now_ms + by_ms, 0
        while due := [timer for timer in self._timers if timer[0] <= end_ms]:
            timer = min(due)
            self._timers.remove(timer)
            self.now_ms, self._key = max(self.now_ms, timer[0]), timer[1]
            try:
                out = list(self.operator.on_timer(timer[0], _Context(self, writable=False)))
                self.timer_rows += out
            finally:
                self._key = None
            for emitted in out:
                self._sink(emitted)
            fired += 1
        self.now_ms = end_ms
        return fired

    def snapshot(self) -> Any:
        return copy.deepcopy((dict(self._keyed), dict(self._broadcast), self._timers))

    def restore(self, snapshot: Any) -> None:
        """Start again from a snapshot; the clock goes on."""
        self.operator.close()
        self.attempt += 1
        keyed, broadcast, timers = copy.deepcopy(snapshot)
        self._keyed = defaultdict(dict, keyed)
        self._broadcast = defaultdict(dict, broadcast)
        self._timers = timers
        self.operator = self._start()

    def close(self) -> None:
        self.operator.close()

    def entries(self, state: str) -> int:
        """Entries of a keyed or broadcast state by its descriptor's name, over all keys."""
        keyed = sum(len(cells) for (name, _), cells in self._keyed.items() if name == state)
        return keyed + len(self._broadcast.get(state, {}))

    def lose(self, state: str, entry: Any) -> None:
        """Take an entry out of a keyed map state, of whichever key, as its time to live does."""
        for (name, _), cells in self._keyed.items():
            if name == state:
                cells.pop(entry, None)

    def holding(self, word: str) -> set[str]:
        """Names of keyed states in whose keys, entries or values the word stands."""
        found = set()
        for (name, _), cells in self._keyed.items():
            for entry, packed in cells.items():
                if word.encode() in pickle.dumps(entry) + packed:
                    found.add(name)
        return found

    def sizes(self, state: str) -> list[int]:
        """Bytes of each entry of a keyed state."""
        kept = [cells for (name, _), cells in self._keyed.items() if name == state]
        return [len(packed) for cells in kept for packed in cells.values()]

    @property
    def timers(self) -> int:
        return len(self._timers)

    @property
    def _runtime_context(self) -> "_JavaContext":
        return _JavaContext(self.attempt)

    def get_metrics_group(self) -> "FakeMetrics":
        return self.metrics

    def get_map_state(self, descriptor: Any) -> FakeMapState:
        ttl = descriptor._ttl_config
        if ttl is not None and ttl.is_enabled():
            self.ttl_ms[descriptor.get_name()] = ttl.get_ttl().to_milliseconds()
        return FakeMapState(lambda: self._cells(descriptor.get_name()))

    def get_state(self, descriptor: Any) -> FakeValueState:
        return FakeValueState(lambda: self._cells(descriptor.get_name()))

    def _start(self) -> Any:
        # What the job ships to a worker is a pickle of the operator.
        operator = pickle.loads(pickle.dumps(self._make()))
        self.metrics = FakeMetrics()
        operator.open(self)
        return operator

    def _cells(self, name: str) -> Cells:
        assert self._key is not None, f"state {name} was used outside of a key"
        return self._keyed[name, self._key]


@dataclass(frozen=True)
class _JavaContext:
    """What a step asks Java for itself."""

    attempt: int

    def getTaskInfo(self) -> "_JavaContext":  # noqa: N802
        return self

    def getIndexOfThisSubtask(self) -> int:  # noqa: N802
        return 0

    def getAttemptNumber(self) -> int:  # noqa: N802
        return self.attempt


class _Context:
    """Context of an element or a timer, and its timer service."""

    def __init__(self, flink: FakeFlink, *, writable: bool) -> None:
        self._flink = flink
        self._writable = writable

    def get_broadcast_state(self, descriptor: Any) -> FakeMapState:
        name = descriptor.get_name()
        return FakeMapState(lambda: self._flink._broadcast[name], writable=self._writable)

    def get_current_key(self) -> Any:
        return self._flink._key

    def timer_service(self) -> "_Context":
        return self

    def current_processing_time(self) -> int:
        return self._flink.now_ms

    def register_processing_time_timer(self, timestamp: int) -> None:
        assert self._flink._key is not None, "a timer needs a key"
        self._flink._timers.add((timestamp, self._flink._key))
