"""The records of another shape to feed, each with the lines that must become of it."""

from collections.abc import Iterator

import orjson

from bench.fuzz.corpus import GOOD, Corpus, Line
from bench.fuzz.foreign.kinds import BOUNDS, WRAPPED, draw
from bench.fuzz.foreign.made import Good, Made, accepted, dumped
from bench.fuzz.foreign.shop import good
from bench.fuzz.good import Maker, catalogue
from bench.verify.recompute import ACTIONS
from bench.verify.recompute.broken_user import id_of_broken
from bench.verify.recompute.validation import Event, read_event, read_item

SHARE_OF_EVENTS = 0.75
GOOD_RECORDS = 0.2
"""Good records for each fuzzed one."""


def build_foreign(seed: int, broken: int) -> Corpus:
    """At least `broken` dead letters of events and items in the shop's shape, good ones between.

    The same seed gives the same bytes.
    """
    maker = Maker(seed)
    writer = _Writer()
    for item in catalogue(maker):
        value = orjson.dumps(item)
        writer.add("items", GOOD, Made(WRAPPED % value, good=(Good(item),)))
    while writer.broken < broken:
        stream = "events" if maker.rng.random() < SHARE_OF_EVENTS else "items"
        writer.add(stream, *draw(maker, stream))
        if maker.rng.random() < GOOD_RECORDS:
            record, contract = good(maker, stream)
            writer.add(stream, GOOD, accepted(dumped(record), contract))
    return writer.corpus


class _Writer:
    def __init__(self) -> None:
        self.corpus = Corpus()
        self.broken = 0
        self._used_ids: set[tuple[str, ...]] = set()

    def add(self, stream: str, kind: str, made: Made) -> None:
        """Add a record, unless it repeats an id, lacks one, or cannot be a line of a file.

        Which of two records with one id counts depends on their order, which the job does not
        keep. An id that the job derives is part of `user_items.signal_key`, and its own business:
        such records are checked without a job.
        """
        if made.value is None or b"\n" in made.value or made.value.endswith(b"\r"):
            return
        if stream == "events" and any(one.record.get("event_id") is None for one in made.good):
            return
        lines = list(self._lines(stream, kind, made))
        ids = [_id(line) for line in lines if not line.broken]
        if len(set(ids)) < len(ids) or not self._used_ids.isdisjoint(ids):
            return
        self._used_ids.update(ids)
        self.broken += sum(line.broken for line in lines)
        self.corpus.records[stream].append(made.value)
        self.corpus.lines.extend(lines)

    def _lines(self, stream: str, kind: str, made: Made) -> Iterator[Line]:
        for one in made.good:
            yield Line(stream, kind, dumped(one.record), False)
        for letter in made.dead:
            owner = letter.owner or _named_in(letter.raw, stream)
            yield Line(stream, kind, letter.raw, True, letter.reason, owner=owner)


def _named_in(raw: bytes, stream: str) -> str | None:
    """The user or item that a dead letter names as a record of the contract would."""
    key = "user_id" if stream == "events" else "item_id"
    return id_of_broken(raw, key, BOUNDS.max_line_bytes, BOUNDS.max_id_chars)


def _id(line: Line) -> tuple[str, ...]:
    if line.stream == "events":
        event: Event = read_event(line.raw, ACTIONS, BOUNDS)
        return "event", event.user_id, event.event_id
    return "item", read_item(line.raw, BOUNDS).item_id
