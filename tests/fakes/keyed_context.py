"""A fake of Flink around one operator: keyed state, broadcast state, timers, restores.

Like Flink it pickles values that are put into state, returns a copy at each read, refuses keyed
state without a current key, and refuses writes to broadcast state while a key is processed.
"""

import copy
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Cells = dict[Any, bytes]


class FakeMapState:
    """Map state over pickled cells; `cells` returns those of the current key."""

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


class FakeBroadcastState(FakeMapState):
    """Broadcast state, whose keys PyFlink does not list in thread mode."""

    def keys(self) -> Iterator[Any]:
        raise AttributeError("'pemja.PyJObject' object has no attribute 'keys'")


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
    """A metrics group; like Flink's, counters begin at 0 at each start.

    A metric below a group with a key and a value has the name `name{key=value}`.
    """

    def __init__(self, above: "FakeMetrics | None" = None, label: str = "") -> None:
        self._counters: dict[str, list[int]] = above._counters if above else defaultdict(list)
        self._values: dict[str, list[int]] = above._values if above else defaultdict(lambda: [0])
        self._label = label

    def add_group(self, name: str, value: str | None = None) -> "FakeMetrics":
        return FakeMetrics(self, self._label if value is None else f"{{{name}={value}}}")

    def counter(self, name: str) -> "_Counter":
        return _Counter(self._counters[f"{name}{self._label}"])

    def distribution(self, name: str) -> "_Distribution":
        return _Distribution(self._values[f"{name}{self._label}"])

    def read(self) -> dict[str, int]:
        """The values that a reporter would report now."""
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
    """Runs one operator, one element at a time, with a clock that the test advances.

    `snapshot` and `restore` are a checkpoint and a restart from it: the restored operator is a new
    object with the state and the timers of the snapshot.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        now_ms: int,
        sink: Callable[[Any], None] = lambda _: None,
        *,
        slots: int = 1,
        subtask: int = 0,
    ) -> None:
        """Start the operator that `make` returns; `sink` is called with every emitted element.

        It is one of `slots` subtasks.
        """
        self._slots, self._subtask = slots, subtask
        self._make = make
        self._sink = sink
        self._keyed: dict[tuple[str, Any], Cells] = defaultdict(dict)
        self._broadcast: dict[str, Cells] = defaultdict(dict)
        self._timers: set[tuple[int, Any]] = set()
        self.ttl_ms: dict[str, int] = {}
        """TTL of the states that have one, by name."""
        self.attempt = 0
        """Number of earlier starts, which is Flink's attempt number."""
        self._key: Any = None
        self.now_ms = now_ms
        self.timer_rows: list[Any] = []
        """Elements that were emitted by timers."""
        self.operator = self._start()

    def send(self, element: Any) -> list[Any]:
        """Process an element, keyed by its first field; returns the emitted elements."""
        self._key = element[0]
        try:
            out = list(self.operator.process_element(element, _Context(self, writable=False)))
        finally:
            self._key = None
        for emitted in out:
            self._sink(emitted)
        return out

    def broadcast(self, element: Any) -> None:
        """Process an element of the broadcast input."""
        list(self.operator.process_broadcast_element(element, _Context(self, writable=True)))

    def advance(self, by_ms: int) -> int:
        """Advance the clock and fire the timers that fall due; returns their number."""
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
        """A copy of all state and timers."""
        return copy.deepcopy((dict(self._keyed), dict(self._broadcast), self._timers))

    def restore(self, snapshot: Any) -> None:
        """Start the operator again from a snapshot; the clock is not reset."""
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
        """Number of entries of the keyed or broadcast state with this name, over all keys."""
        keyed = sum(len(cells) for (name, _), cells in self._keyed.items() if name == state)
        return keyed + len(self._broadcast.get(state, {}))

    def lose(self, state: str, entry: Any) -> None:
        """Remove an entry from a keyed map state, for every key, as an expired TTL does."""
        for (name, _), cells in self._keyed.items():
            if name == state:
                cells.pop(entry, None)

    def holding(self, word: str) -> set[str]:
        """Names of the keyed states whose entries contain the word in a key or value."""
        found = set()
        for (name, _), cells in self._keyed.items():
            for entry, packed in cells.items():
                if word.encode() in pickle.dumps(entry) + packed:
                    found.add(name)
        return found

    def sizes(self, state: str) -> list[int]:
        """Size in bytes of each entry of a keyed state."""
        kept = [cells for (name, _), cells in self._keyed.items() if name == state]
        return [len(packed) for cells in kept for packed in cells.values()]

    @property
    def timers(self) -> int:
        return len(self._timers)

    @property
    def _runtime_context(self) -> "_JavaContext":
        return _JavaContext(self.attempt, self._slots, self._subtask)

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
        # Flink sends a pickle of the operator to its workers.
        operator = pickle.loads(pickle.dumps(self._make()))
        self.metrics = FakeMetrics()
        operator.open(self)
        return operator

    def _cells(self, name: str) -> Cells:
        assert self._key is not None, f"state {name} was used outside of a key"
        return self._keyed[name, self._key]


@dataclass(frozen=True)
class _JavaContext:
    """The part of Java's runtime context that the steps use."""

    attempt: int
    slots: int = 1
    subtask: int = 0

    def getTaskInfo(self) -> "_JavaContext":  # noqa: N802
        return self

    def getIndexOfThisSubtask(self) -> int:  # noqa: N802
        return self.subtask

    def getNumberOfParallelSubtasks(self) -> int:  # noqa: N802
        return self.slots

    def getJobInfo(self) -> "_JavaContext":  # noqa: N802
        return self

    def getJobId(self) -> "_JavaContext":  # noqa: N802
        return self

    def toString(self) -> str:  # noqa: N802
        return "job"

    def getAttemptNumber(self) -> int:  # noqa: N802
        return self.attempt


class _Context:
    """Context of an element or a timer, and its timer service."""

    def __init__(self, flink: FakeFlink, *, writable: bool) -> None:
        self._flink = flink
        self._writable = writable

    def get_broadcast_state(self, descriptor: Any) -> FakeMapState:
        name = descriptor.get_name()
        return FakeBroadcastState(lambda: self._flink._broadcast[name], writable=self._writable)

    def get_current_key(self) -> Any:
        return self._flink._key

    def timer_service(self) -> "_Context":
        return self

    def current_processing_time(self) -> int:
        assert not self._writable, "PyFlink has no clock on the broadcast side in thread mode"
        return self._flink.now_ms

    def register_processing_time_timer(self, timestamp: int) -> None:
        assert self._flink._key is not None, "a timer needs a key"
        self._flink._timers.add((timestamp, self._flink._key))
