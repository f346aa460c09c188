"""Which item stands for each group of items that are one for a reader."""

from collections.abc import Mapping

from bench.verify.recompute.validation import Item


def representatives(items: Mapping[str, Item]) -> dict[str, str | None]:
    """By item the representative of its group; None for an item that is alone.

    A group is the items of one `group_id`, or without one those of one title and text. An available
    item stands for it, if there is one, and of several the one whose id is the lowest.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for item_id, item in items.items():
        groups.setdefault(item.group, []).append(item_id)
    found: dict[str, str | None] = {}
    for members in groups.values():
        first = min(members, key=lambda item_id: (not items[item_id].available, item_id))
        found |= dict.fromkeys(members, first if len(members) > 1 else None)
    return found
