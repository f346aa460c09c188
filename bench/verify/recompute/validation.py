"""One line in; a checked record out, or the reason for refusing it.

The reasons are tried in the order of docs/contract.md, so that a line with several faults is always
refused for the same one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.verify.recompute.actions import Action
from bench.verify.recompute.broken_user import id_of_broken
from bench.verify.recompute.fields import (
    epoch_ms,
    finite,
    optional,
    require,
    require_date,
    text_id,
    typed,
    typed_time,
)
from bench.verify.recompute.json_objects import read_object
from bench.verify.recompute.recommendation import Recommendation, read_recommendation
from bench.verify.recompute.rejection import RejectedError

__all__ = [
    "Bounds",
    "Control",
    "Deletion",
    "Event",
    "Item",
    "RejectedError",
    "Withdrawal",
    "read_control",
    "read_event",
    "read_item",
]

DAY_MS = 86_400_000
COMMANDS = frozenset({"forget", "opt_out", "opt_in", "merge"})
"""Commands about users."""


@dataclass(frozen=True)
class Bounds:
    """What a record may hold; times in epoch milliseconds."""

    latest_ms: int
    """Newest event time that is accepted."""
    earliest_ms: int = 631_152_000_000
    """Oldest event time that is accepted: 1990-01-01."""
    max_text_chars: int = 8192
    """Longest text of a record."""
    max_line_bytes: int = 65_536
    """Longest line."""
    max_id_chars: int = 256
    """Longest id."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event line that passed every check."""

    event_id: str
    user_id: str
    action: str
    time_ms: int
    item_id: str | None
    query: str | None
    """Text that describes what the user wants; its vector replaces the item's."""
    weight: float
    """Signed. Where the sentiment of a comment decides, the weight of the most positive one."""
    comment: str | None = None
    """Text that the user wrote about the item, or about no item."""
    judged: bool = False
    """Whether the sentiment of the comment scales the weight."""
    engagement: float = 0.0
    """Weight of the comment in `topics`, 0 without one."""
    recommendation: Recommendation | None = None
    """What the event says of the recommendation that it belongs to."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item line that passed every check; `document` is the text that is encoded."""

    item_id: str
    document: str
    available: bool = True
    group: tuple[str, ...] = ()
    """What names the group of the item: its `group_id`, or its title and text."""
    updated_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An item line without a title: the item stays as it is, and is no longer available."""

    item_id: str
    updated_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A control line that passed every check; `command` is one of COMMANDS."""

    user_id: str
    command: str
    into: str = ""
    """Of a merge, the user who gets what the other one had."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A control line that deletes an item for good."""

    item_id: str


def read_event(raw: bytes, actions: Mapping[str, Action], bounds: Bounds) -> Event:
    """The event in a line.

    Raises RejectedError, with the user's id where it can be read.
    """
    with _naming(raw, "user_id", bounds):
        return _event(read_object(raw), len(raw), actions, bounds)


def _event(
    record: dict[str, Any], size: int, actions: Mapping[str, Action], bounds: Bounds
) -> Event:
    require(record, "event_id", "user_id", "action", "event_time")
    event_id = text_id(record["event_id"])
    user_id = text_id(record["user_id"])
    item_id = text_id(record["item_id"]) if record.get("item_id") is not None else None
    action = typed(record["action"], str)
    time = typed_time(record["event_time"])
    text = optional(record, "text", str)
    value = record.get("value")

    ids = [an_id for an_id in (event_id, user_id, item_id) if an_id is not None]
    if any(len(an_id) > bounds.max_id_chars for an_id in ids):
        raise RejectedError("too_long")
    if text is not None and len(text) > bounds.max_text_chars:
        raise RejectedError("too_long")
    configured = actions.get(action)
    if configured is None:
        raise RejectedError("unknown_action")
    time_ms = epoch_ms(time)
    if not bounds.earliest_ms <= time_ms <= bounds.latest_ms:
        raise RejectedError("time_out_of_bounds")
    number = finite(value)
    if item_id is None and not text:
        raise RejectedError("missing_target")
    _check_size(size, bounds)
    comment = text if text and configured.text_is_comment else None
    return Event(
        event_id,
        user_id,
        action,
        time_ms,
        item_id,
        query=text if text and configured.text_is_query else None,
        weight=configured.signed_weight(number),
        comment=comment,
        judged=comment is not None and not configured.scaled_by(number),
        engagement=configured.weight if comment is not None else 0.0,
        recommendation=read_recommendation(record.get("context")),
    )


def read_item(raw: bytes, bounds: Bounds) -> Item | Withdrawal:
    """The item in a line.

    Raises RejectedError, with the item's id where it can be read.
    """
    with _naming(raw, "item_id", bounds):
        return _item(raw, bounds)


def _item(raw: bytes, bounds: Bounds) -> Item | Withdrawal:
    record = read_object(raw)
    withdraws = record.get("available") is False and record.get("title") in (None, "")
    require(record, "item_id", *(() if withdraws else ("title",)))
    item_id = text_id(record["item_id"])
    group_id = text_id(record["group_id"]) if record.get("group_id") not in (None, "") else ""
    title = "" if withdraws else typed(record["title"], str)
    text = optional(record, "text", str)
    language = optional(record, "language", str)
    categories = optional(record, "categories", list) or []
    for category in categories:
        typed(category, str)
    available = optional(record, "available", bool)
    optional(record, "attributes", dict)
    times = [
        typed_time(record[name])
        for name in ("published_at", "updated_at")
        if record.get(name) is not None
    ]
    texts = [title, text or "", language or "", *categories]
    if max(len(item_id), len(group_id)) > bounds.max_id_chars or any(
        len(t) > bounds.max_text_chars for t in texts
    ):
        raise RejectedError("too_long")
    for time in times:
        require_date(epoch_ms(time))
    _check_size(len(raw), bounds)
    updated = record.get("updated_at")
    updated_ms = None if updated is None else epoch_ms(updated)
    if withdraws:
        return Withdrawal(item_id, updated_ms)
    return Item(
        item_id,
        f"{title}. {text}" if text else title,
        available is not False,
        ("group", group_id) if group_id else ("text", title, text or ""),
        updated_ms,
    )


def read_control(raw: bytes, bounds: Bounds) -> Control | Deletion:
    """The command in a line.

    Raises RejectedError, with the user's id where it can be read.
    """
    with _naming(raw, "user_id", bounds):
        return _control(read_object(raw), len(raw), bounds)


def _control(record: dict[str, Any], size: int, bounds: Bounds) -> Control | Deletion:
    if record.get("command") == "delete_item":
        require(record, "item_id")
        item_id = text_id(record["item_id"])
        if len(item_id) > bounds.max_id_chars:
            raise RejectedError("too_long")
        _check_size(size, bounds)
        return Deletion(item_id)
    require(record, "user_id", "command")
    user_id = text_id(record["user_id"])
    command = typed(record["command"], str)
    if len(user_id) > bounds.max_id_chars:
        raise RejectedError("too_long")
    if command not in COMMANDS:
        raise RejectedError("unknown_action")
    if command != "merge":
        _check_size(size, bounds)
        return Control(user_id, command)
    require(record, "into")
    into = text_id(record["into"])
    if len(into) > bounds.max_id_chars:
        raise RejectedError("too_long")
    if into == user_id:
        raise RejectedError("bad_merge")
    _check_size(size, bounds)
    return Control(user_id, command, into)


@contextmanager
def _naming(raw: bytes, key: str, bounds: Bounds) -> Iterator[None]:
    """Let a RejectedError carry the id that stands in the line under `user_id` or `item_id`."""
    try:
        yield
    except RejectedError as rejected:
        found = id_of_broken(raw, key, bounds.max_line_bytes, bounds.max_id_chars)
        setattr(rejected, key, found)
        raise


def _check_size(size: int, bounds: Bounds) -> None:
    if size > bounds.max_line_bytes:
        raise RejectedError("too_large")
