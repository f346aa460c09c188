"""A fuzzed record, and what follows from how it was made."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from bench.fuzz.good import Maker

STREAMS = ("events", "items", "control")


@dataclass(frozen=True)
class Fuzzed:
    """A record and what must become of its lines."""

    raw: bytes
    """It may hold line feeds: each of its lines is then a record."""
    broken: bool | None = None
    """Whether every line must become a dead letter; None leaves the decision to the oracle."""
    reason: str | None = None
    """The reason of the dead letter, where the record has one fault only."""
    allowed_reason: str | None = None
    """A reason for which a good record may be a dead letter all the same, because Java cannot
    read a field that it needs (docs/contract.md)."""


def dead(raw: bytes, reason: str | None = None) -> Fuzzed:
    """A record that must become a dead letter."""
    return Fuzzed(raw, True, reason)


def fine(raw: bytes) -> Fuzzed:
    """A record that must be accepted."""
    return Fuzzed(raw, False)


Kind = Callable[[Maker, str], Fuzzed]
"""(maker, stream) -> one record of a kind."""


def splice(maker: Maker, stream: str, member: bytes) -> bytes:
    """A good record with `member` (`"name":value`) at a random position among its own members."""
    members = [
        orjson.dumps(name) + b":" + orjson.dumps(value)
        for name, value in maker.record(stream).items()
    ]
    members.insert(maker.rng.randrange(len(members) + 1), member)
    return b"{" + b",".join(members) + b"}"


def lines_of(raw: bytes) -> list[bytes]:
    """The lines that the job's source reads: they end with a line feed, or a carriage return and
    a line feed."""
    return [line.removesuffix(b"\r") for line in raw.split(b"\n")]
