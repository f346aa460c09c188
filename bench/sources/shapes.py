"""The same events as records of other shapes, and the settings with which the job reads them.

Each shape has the event's id, user, item, action and time. What the job carries and does not use,
the context, is mapped by none of them; a track call has more around it than the others, as it has
where it comes from.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.throughput.workload import Workload, kept_files

FILE_LINES = 100_000
"""Lines of a file: the folder is listed every 20 ms, and every listing costs time by file."""
FLAT_MAPPING = Path(__file__).parent / "flat.toml"
TRACK_CALLS = {
    "view": "Product Viewed",
    "click": "Product Clicked",
    "like": "Product Added to Wishlist",
    "purchase": "Order Completed",
    "skip": "Product Removed",
    "dislike": "Product Removed from Wishlist",
}
"""Names of the e-commerce spec by action. It has no word for `skip` and `dislike`, one event in 17:
what stands here is read as `uncart` and `unlike`."""
_FORMAT = 1

Event = Mapping[str, Any]


def flat(event: Event) -> dict[str, Any]:
    """A row of a table with columns of its own."""
    return {
        "id": event["event_id"],
        "customer": event["user_id"],
        "sku": event["item_id"],
        "kind": event["action"],
        "at": event["event_time"] / 1000,
        "surface": event["context"]["surface"],
    }


def segment(event: Event) -> dict[str, Any]:
    """A track call of the e-commerce spec; an order has a list of one product."""
    product = {"product_id": event["item_id"], "name": "A product", "price": 19.99, "quantity": 1}
    is_order = event["action"] == "purchase"
    order = {"order_id": event["event_id"], "currency": "EUR", "products": [product]}
    return {
        "type": "track",
        "event": TRACK_CALLS[event["action"]],
        "messageId": event["event_id"],
        "userId": event["user_id"],
        "timestamp": _rfc3339(event["event_time"]),
        "properties": order if is_order else product,
        "context": {
            "ip": "203.0.113.7",
            "locale": "en-GB",
            "page": {"path": "/products", "url": "https://shop.example/products"},
            "library": {"name": "analytics.js", "version": "2.1.0"},
        },
    }


def debezium(event: Event) -> dict[str, Any]:
    """A change of Debezium's that creates a row with the columns of the contract, without schema.

    A table has no object in a column, so it has no context.
    """
    at_ms = event["event_time"]
    return {
        "before": None,
        "after": {name: value for name, value in event.items() if name != "context"},
        "source": {
            "version": "3.0.8.Final",
            "connector": "postgresql",
            "name": "shop",
            "ts_ms": at_ms,
            "snapshot": "false",
            "db": "shop",
            "schema": "public",
            "table": "events",
            "txId": 768,
            "lsn": 24_023_128,
        },
        "op": "c",
        "ts_ms": at_ms,
    }


SHAPES: dict[str, Callable[[Event], dict[str, Any]]] = {
    "flat": flat,
    "segment": segment,
    "debezium": debezium,
}
"""The shapes by name; each makes a record of an event of the contract."""
SETTINGS: dict[str, tuple[str, ...]] = {
    "flat": (f"sources.formats.events.mapping={FLAT_MAPPING}",),
    "segment": ("sources.formats.events.mapping=segment",),
    "debezium": ("sources.formats.events.envelope=debezium",),
}
"""Settings of a job that reads a shape; all other sources have lines of the contract."""


def shaped(lines: Iterable[bytes], source: str) -> Iterator[bytes]:
    """Lines of the contract as the records of a source."""
    shape = SHAPES.get(source)
    if shape is None:
        yield from lines
        return
    for line in lines:
        yield orjson.dumps(shape(orjson.loads(line)))


def shaped_files(workload: Workload, source: str, cache: Path) -> list[Path]:
    """The records of a workload in files of `FILE_LINES` lines, kept in `cache` by their shape."""
    name = source if source in SHAPES else "contract"
    key = hashlib.sha256(f"{_FORMAT} {FILE_LINES} {workload}".encode()).hexdigest()[:8]
    folder = cache / f"{name}-{workload.name}-{key}"
    return kept_files(shaped(workload.lines(), source), folder, FILE_LINES)


def _rfc3339(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
