"""64-bit keys and references that stand for events, items and texts inside the state."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

KEY_OFFSET = 1 << 63
"""`event_key - KEY_OFFSET` fits a signed bigint column and keeps the order."""


def event_keys(user_ids: Sequence[str], event_ids: Sequence[str]) -> NDArray[np.uint64]:
    """`(events,)` uint64 keys: equal for equal (user, event id), the same in every process."""
    return np.array(
        [
            xxh3_64_intdigest(f"{user}\0{event}".encode())
            for user, event in zip(user_ids, event_ids, strict=True)
        ],
        dtype=np.uint64,
    )


def reference(text: str) -> int:
    """The 64-bit reference of an item id, the same in every process.

    >>> reference("i1") == reference("i1") != reference("i2")
    True
    """
    return xxh3_64_intdigest(text.encode())


def text_reference(text: str, *, comment: bool = False) -> int:
    """The 64-bit reference of a query text, or of a comment text if `comment`.

    No id holds a null character, so a search for "300" never has the reference of the item 300. A
    comment of the same words has a reference of its own, since its vector is made with another
    prompt.

    >>> len({reference("i1"), text_reference("i1"), text_reference("i1", comment=True)})
    3
    """
    return reference(("\0\0" if comment else "\0") + text)
