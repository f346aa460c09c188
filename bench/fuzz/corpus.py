"""The lines to feed, each with what must become of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from bench.fuzz import kinds_bytes, kinds_fields, kinds_json
from bench.fuzz.fuzzed import STREAMS, Fuzzed, Kind, lines_of
from bench.fuzz.good import Maker, catalogue, good_event
from bench.verify.recompute import ACTIONS, Bounds
from bench.verify.recompute.broken_user import KEPT_LINES
from bench.verify.recompute.validation import (
    Event,
    Item,
    RejectedError,
    read_control,
    read_event,
    read_item,
)

GOOD = "good"
SHARE = {"events": 0.7, "items": 0.2, "control": 0.1}
"""Share of the fuzzed records by stream."""
GOOD_EVENTS = 0.2
"""Good events for each fuzzed record."""


class ContradictionError(Exception):
    """A record was made to be broken and the oracle accepts it, or made to be good and refused."""


@dataclass(frozen=True)
class Line:
    """One line as the job reads it; `reason` and `allowed_reason` are those of `Fuzzed`."""

    stream: str
    kind: str
    raw: bytes
    broken: bool
    reason: str | None = None
    allowed_reason: str | None = None
    owner: str | None = None
    """The user of a broken line, of one of items its item, where it can be read."""

    @property
    def stored(self) -> bytes:
        """The bytes of its dead letter: a long line goes into the job as its beginning."""
        return self.raw[: KEPT_LINES * Bounds.max_line_bytes]


@dataclass(frozen=True)
class Corpus:
    """Everything that is fed."""

    records: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in STREAMS})
    """Records by stream, as they are written; one may hold line feeds."""
    lines: list[Line] = field(default_factory=list)
    """The lines of all records."""

    def of(self, stream: str) -> Sequence[Line]:
        """The lines of one stream."""
        return [line for line in self.lines if line.stream == stream]


def build(seed: int, broken: int, bounds: Bounds) -> Corpus:
    """At least `broken` broken lines over all streams, with good ones between them.

    The same seed gives the same bytes. Raises ContradictionError.
    """
    maker = Maker(seed)
    writer = _Writer(bounds)
    items = iter(catalogue(maker))
    per_item = max(1, round(broken * SHARE["items"] / 200))
    forgets = [{"user_id": f"gone-{number}", "command": "forget"} for number in range(20)]
    fuzzed = 0
    while writer.broken < broken:
        fuzzed += 1
        stream = maker.rng.choices(STREAMS, [SHARE[name] for name in STREAMS])[0]
        kind, make = _draw(maker, stream)
        while not writer.add(stream, kind, make(maker, stream)):
            pass
        if maker.rng.random() < GOOD_EVENTS:
            writer.add("events", GOOD, Fuzzed(orjson.dumps(good_event(maker)), False))
        if stream == "items" and fuzzed % per_item == 0 and (item := next(items, None)):
            writer.add("items", GOOD, Fuzzed(orjson.dumps(item), False))
        if stream == "control" and forgets and maker.rng.random() < 0.2:
            writer.add("control", GOOD, Fuzzed(orjson.dumps(forgets.pop()), False))
    for item in items:
        writer.add("items", GOOD, Fuzzed(orjson.dumps(item), False))
    for command in forgets:
        writer.add("control", GOOD, Fuzzed(orjson.dumps(command), False))
    return writer.corpus


def _draw(maker: Maker, stream: str) -> tuple[str, Kind]:
    kinds = {**kinds_bytes.KINDS, **kinds_json.KINDS, **kinds_fields.KINDS[stream]}
    name = maker.rng.choices(list(kinds), [weight for _, weight in kinds.values()])[0]
    return name, kinds[name][0]


class _Writer:
    def __init__(self, bounds: Bounds) -> None:
        self.corpus = Corpus()
        self.broken = 0
        self._bounds = bounds
        self._used_ids: set[tuple[str, ...]] = set()

    def add(self, stream: str, kind: str, fuzzed: Fuzzed) -> bool:
        """Add a record; False, and nothing is added, where a good line repeats an id.

        Which of two lines with one id counts depends on their order, which the job does not keep.
        """
        lines: list[Line] = []
        ids: list[tuple[str, ...]] = []
        for raw in lines_of(fuzzed.raw):
            read = self._read(stream, raw)
            dead = isinstance(read, RejectedError)
            if fuzzed.broken is not None and fuzzed.broken != dead:
                raise ContradictionError(
                    f"{stream}, {kind}: made to be {'broken' if fuzzed.broken else 'good'}, the"
                    f" oracle says {read if dead else 'it is good'}: {raw[:200]!r}"
                )
            if isinstance(read, Event):
                ids.append(("event", read.user_id, read.event_id))
            elif isinstance(read, Item):
                ids.append(("item", read.item_id))
            owner = read.user_id or read.item_id if isinstance(read, RejectedError) else None
            lines.append(Line(stream, kind, raw, dead, fuzzed.reason, fuzzed.allowed_reason, owner))
        if len(set(ids)) < len(ids) or not self._used_ids.isdisjoint(ids):
            return False
        self._used_ids.update(ids)
        self.broken += sum(line.broken for line in lines)
        self.corpus.records[stream].append(fuzzed.raw)
        self.corpus.lines.extend(lines)
        return True

    def _read(self, stream: str, raw: bytes) -> object:
        try:
            if stream == "events":
                return read_event(raw, ACTIONS, self._bounds)
            return (read_item if stream == "items" else read_control)(raw, self._bounds)
        except RejectedError as rejected:
            return rejected
