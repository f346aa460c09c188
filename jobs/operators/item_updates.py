"""What the records of a batch change of the items that the item step knows."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

from jobs.core.parsing.parse_items import Item, Withdrawal, WithdrawAll

KNOWN_ITEMS = MapStateDescriptor("known-items-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
"""Item id -> (version, hash of the document, newest `updated_ms` or None)."""


@dataclass(frozen=True)
class ItemUpdates:
    """What is left to do after a batch, by item id; each item with its version.

    - `written`: items to write; `withdrawn`: others, of which only the availability is written.
    - `changed`: items whose document is a new one; `had_document`: those that had another before.
    - `excluded`: number of records of deleted items.
    - `stale`: number of records without effect: older than what is known, or the withdrawal of an
      item that is not known.
    """

    written: dict[str, tuple[Item, int]] = field(default_factory=dict)
    withdrawn: dict[str, tuple[Withdrawal, int]] = field(default_factory=dict)
    changed: dict[str, tuple[Item, int]] = field(default_factory=dict)
    had_document: set[str] = field(default_factory=set)
    excluded: int = 0
    stale: int = 0


def update_items(
    known_items: MapState,
    records: Iterable[Item | Withdrawal | WithdrawAll],
    deleted: Container[str],
) -> ItemUpdates:
    """Take the records of items that are not `deleted` over into the state `KNOWN_ITEMS`, in their
    order."""
    updates, excluded, stale = ItemUpdates(), 0, 0
    for record in _one_by_one(known_items, records):
        item_id = record.item_id
        if item_id in deleted:
            excluded += 1
            continue
        known: tuple[Any, ...] | None = known_items.get(item_id)
        if known is None and isinstance(record, Withdrawal):
            stale += 1
            continue
        version, text_hash, updated_ms = known or (0, b"", None)
        newest_ms = updated_ms if record.updated_ms is None else record.updated_ms
        if updated_ms is not None and newest_ms < updated_ms:
            stale += 1
            continue
        version += 1
        if isinstance(record, Withdrawal):
            known_items.put(item_id, (version, text_hash, newest_ms))
            if item_id in updates.written:
                item, _ = updates.written[item_id]
                item = replace(item, available=False, updated_ms=newest_ms)
                updates.written[item_id] = item, version
            else:
                updates.withdrawn[item_id] = Withdrawal(item_id, newest_ms), version
            continue
        known_items.put(item_id, (version, record.text_hash, newest_ms))
        updates.written[item_id] = replace(record, updated_ms=newest_ms), version
        updates.withdrawn.pop(item_id, None)
        if record.text_hash != text_hash:
            updates.changed[item_id] = record, version
            if known is not None:
                updates.had_document.add(item_id)
    return replace(updates, excluded=excluded, stale=stale)


def _one_by_one(
    known_items: MapState, records: Iterable[Item | Withdrawal | WithdrawAll]
) -> Iterator[Item | Withdrawal]:
    """The records, with a withdrawal of each item that is known by then for one of all."""
    for record in records:
        if isinstance(record, WithdrawAll):
            yield from [Withdrawal(item_id) for item_id in sorted(known_items.keys())]
        else:
            yield record
