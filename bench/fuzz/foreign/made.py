"""A record of another shape, and what must become of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.fuzz.good import Maker

Record = dict[str, Any]


@dataclass(frozen=True)
class Good:
    """A record of the contract.

    Of an event without an id of its own (`event_id` None) any id will do.
    """

    record: Record


@dataclass(frozen=True)
class Dead:
    """A dead letter: its reason, its bytes, and the user or item that it carries.

    Of a record with several faults any reason will do (None).
    """

    reason: str | None
    raw: bytes
    owner: str | None = None


@dataclass(frozen=True)
class Made:
    """A record as it is written, and what must become of it.

    A record of neither good nor dead is left out on purpose, and `ignored` times counted.
    """

    value: bytes | None
    good: tuple[Good, ...] = ()
    dead: tuple[Dead, ...] = ()
    ignored: int = 0
    key: bytes | None = None
    headers: Mapping[str, bytes | None] | None = None

    @property
    def passed(self) -> bytes | None:
        """The value as the source passes it on: of a very long one the beginning, with a note."""
        if self.value is None or len(self.value) <= KEPT_BYTES:
            return self.value
        return self.value[:KEPT_BYTES] + b"\n%d %%2Fx" % len(self.value)


KEPT_BYTES = 4 * 65_536
"""How much of a record goes into the job."""
Kind = Callable[[Maker], Made]


def broken(value: bytes | None, reason: str, owner: str | None = None, **more: Any) -> Made:
    """A record that must become one dead letter with its own bytes."""
    kept = (value or b"")[:KEPT_BYTES]
    return Made(value, dead=(Dead(reason, kept, owner),), **more)


def accepted(value: bytes | None, *records: Record, **more: Any) -> Made:
    """A record that must become these records of the contract."""
    return Made(value, good=tuple(map(Good, records)), **more)


def with_dead(made: Made, reason: str, owner: str | None) -> Made:
    """The record with a dead letter beside its good records."""
    return replace(made, dead=(Dead(reason, made.value or b"", owner),))


def dumped(record: Any) -> bytes:
    """JSON in UTF-8, with integers of any size."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


class Absent:
    """In place of a value: the member is not there."""


ABSENT = Absent()


def changed(record: Record, changes: Mapping[str, Any]) -> Record:
    """A record with other values at dotted paths; ABSENT takes a member away."""
    found: Record = json.loads(json.dumps(record))
    for path, value in changes.items():
        *parents, name = path.split(".")
        into = found
        for parent in parents:
            into = into.setdefault(parent, {})
        if isinstance(value, Absent):
            into.pop(name, None)
        else:
            into[name] = value
    return found


Case = tuple[Mapping[str, Any], str | Mapping[str, Any]]
"""Changes to a good record, and what follows: a reason, or changes to the contract's record."""


def cases(values: Sequence[Any], path: str, outcome: str | Mapping[str, Any]) -> list[Case]:
    """The same outcome for each of several values at a path."""
    return [({path: value}, outcome) for value in values]
