"""A shop's own shape of events and items, its mapping, and a feed that writes it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from jobs.core.parsing.json_records import read_time_ms
from jobs.datasets.dataset import Line
from jobs.datasets.feed import Feed

MAPPING = """
name = "shop"

[items]
item_id = "product.sku"
title = "product.name"
text = "product.body"
categories = "product.shelves[].name"
language = "product.lang"
published_at = "product.released"
updated_at = "product.changed"
available = { column = "withdrawn", not = true }
attributes = "product.facts"
group_id = "product.family"

[events]
event_id = "message.id"
user_id = { first = ["customer.id", "visitor"] }
item_id = "lines[].sku"
text = "said"
value = { path = "stars", decimal = "," }
action = "what"
time = "at"
time_unit = "us"

[events.actions]
looked = "view"
bought = "purchase"
_other = "_same"
"""
"""Its table of actions is completed by `mapping`."""

_NAMES = {"view": "looked", "purchase": "bought"}


def mapping(actions: Iterable[str]) -> str:
    """The mapping, with all actions of the configuration."""
    names = "\n".join(f'"{name}" = "{name}"' for name in actions if name not in _NAMES)
    return MAPPING.replace('_other = "_same"', names)


class ForeignFeed:
    """Writes events and items in the shop's shape into another feed.

    Raw lines, which are broken ones, and commands stay as they are.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.written = feed.written

    def write_items(self, records: Iterable[Line]) -> int:
        """Write item records; returns how many."""
        return self._feed.write_items(_foreign(records, foreign_item))

    def write_events(self, records: Iterable[Line]) -> int:
        """Write event records; returns how many."""
        return self._feed.write_events(_foreign(records, foreign_event))

    def write_control(self, records: Iterable[Line]) -> int:
        """Write control records; returns how many."""
        return self._feed.write_control(records)


def _foreign(records: Iterable[Line], shape: Any) -> Iterator[Line]:
    for record in records:
        yield orjson.dumps(shape(record)) if isinstance(record, dict) else record


def foreign_event(event: dict[str, Any]) -> dict[str, Any]:
    """An event in the shop's shape; every other user is a visitor without an account."""
    who = event.get("user_id")
    by_account = isinstance(who, str) and len(who) % 2 == 0
    person = {"customer": {"id": who}} if by_account else {"visitor": who}
    row = {
        "message": {"id": event.get("event_id"), "version": 3},
        **person,
        "what": _NAMES.get(str(event.get("action")), event.get("action")),
        "at": _microseconds(event),
    }
    if "item_id" in event:
        row["lines"] = [{"sku": event["item_id"], "count": 1}]
    if "text" in event:
        row["said"] = event["text"]
    if "value" in event:
        row["stars"] = str(event["value"]).replace(".", ",")
    return row


def _microseconds(event: dict[str, Any]) -> Any:
    time_ms = read_time_ms(event, "event_time")
    return time_ms * 1000 if isinstance(time_ms, int) else event.get("event_time")


def foreign_item(item: dict[str, Any]) -> dict[str, Any]:
    """An item in the shop's shape."""
    names = {
        "item_id": "sku",
        "title": "name",
        "text": "body",
        "language": "lang",
        "published_at": "released",
        "updated_at": "changed",
        "attributes": "facts",
        "group_id": "family",
    }
    product = {names[name]: found for name, found in item.items() if name in names}
    product["shelves"] = [{"name": name} for name in item.get("categories", ())]
    return {"product": product, "withdrawn": not item.get("available", True)}


def foreign_settings(folder: Path, actions: Iterable[str]) -> list[str]:
    """Settings of a job that reads the shop's shape."""
    path = folder / "shop.toml"
    path.write_text(mapping(actions))
    return [
        f"sources.formats.events.mapping={path}",
        f"sources.formats.items.mapping={path}",
    ]
