"""A record that was made to hurt, and what is known of it by the way it was made."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from bench.fuzz.good import Maker

STREAMS = ("events", "items", "control")


@dataclass(frozen=True)
class Fuzzed:
    """`raw` may hold line feeds: each of its lines is then a record.

    `broken` says whether every line of it must be a dead letter; None leaves it to the oracle.
    `reason` is given where there is one fault only. `or_dead_of` is a reason for which a good
    record may die all the same, since Java cannot read what it needs (see docs/contract.md).
    """

    raw: bytes
    broken: bool | None = None
    reason: str | None = None
    or_dead_of: str | None = None


def dead(raw: bytes, reason: str | None = None) -> Fuzzed:
    return Fuzzed(raw, True, reason)


def fine(raw: bytes) -> Fuzzed:
    return Fuzzed(raw, False)


Kind = Callable[[Maker, str], Fuzzed]
"""(maker, stream) -> one record of that kind."""


def splice(maker: Maker, stream: str, member: bytes) -> bytes:
    """A good record with `member` (`"name":value`) put somewhere among its own."""
    members = [
        orjson.dumps(name) + b":" + orjson.dumps(value)
        for name, value in maker.record(stream).items()
    ]
    members.insert(maker.rng.randrange(len(members) + 1), member)
    return b"{" + b",".join(members) + b"}"


def lines_of(raw: bytes) -> list[bytes]:
    """What the line source makes of it: a line feed ends a line, and a carriage return before it
    belongs to the end."""
    return [line.removesuffix(b"\r") for line in raw.split(b"\n")]
