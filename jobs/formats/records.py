"""A record as it comes, and what it is found to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Stream = Literal["items", "events", "control"]


class Record(NamedTuple):
    """A record of a topic, or a line of a file, which has a value alone."""

    value: bytes | None
    key: bytes | None = None
    headers: Mapping[str, bytes | None] | None = None


@dataclass(frozen=True, slots=True)
class Upsert:
    """A row that is new or changed: one to map, or a record of the contract."""

    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is known of a row that was deleted: the row, or its key alone."""

    row: dict[str, Any]
    told_before: bool = False
    """Whether a deletion in front of it has named the row: a key in which no item can be read is
    no fault then, but the tombstone behind a deletion."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """All rows of the table were deleted."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that says nothing about rows, such as a heartbeat; `reason` is a few words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A record that becomes a dead letter: a reason code, and a readable detail."""

    reason: str
    detail: str = ""


Decoded = Upsert | Withdrawal | Truncation | Ignored | Undecodable
