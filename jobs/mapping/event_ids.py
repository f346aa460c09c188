"""Ids of events that have none: the same at every pass, whatever stands around the row."""

from collections.abc import Sequence
from typing import Any

import orjson
import xxhash


class Repeats:
    """Counts how often the same content came before, so that equal rows differ.

    The ids do not depend on the order of the rows: an export that grows at its top, or is sorted
    anew, gives its old rows the ids that they had. About 100 bytes are held for each row.
    """

    def __init__(self) -> None:
        self._seen: dict[int | str, int] = {}

    def number(self, content: int | str) -> int:
        """How many of this content came so far, this one included."""
        number = self._seen[content] = self._seen.get(content, 0) + 1
        return number


class Unnumbered(Repeats):
    """Counts nothing: in a stream, which has no end, equal records are one."""

    def number(self, content: int | str) -> int:
        """Always 1."""
        return 1


def content_key(record: dict[str, Any]) -> int:
    """A hash of a record, 64 bits."""
    try:
        content = orjson.dumps(record, default=str)
    except TypeError:
        # Numbers beyond 64 bits, and halves of surrogate pairs.
        content = ascii(record).encode()
    return xxhash.xxh3_64_intdigest(content)


def derived_id(record: dict[str, Any], repeats: Repeats) -> str:
    """An id of the content of a record and of its number among equal ones.

    >>> seen = Repeats()
    >>> first, second = (derived_id({"user_id": "u"}, seen) for _ in range(2))
    >>> second == f"{first}-2"
    True
    """
    key = content_key(record)
    return str(numbered(f"{key:016x}", repeats.number(key)))


def combined_id(parts: Sequence[Any]) -> Any:
    """Several columns as one id, which differs wherever a column does; None without any.

    A part that is no id (an object, a list, a truth value) is returned as it is, so that the job
    makes the event a dead letter.

    >>> combined_id(["order-9", "k1"]), combined_id([None, None]), combined_id(["order-9", [1]])
    ('order-9:k1', None, [1])
    """
    if all(part is None for part in parts):
        return None
    for part in parts:
        if isinstance(part, dict | list | bool):
            return part
    texts = ("" if part is None else str(part) for part in parts)
    return ":".join(text.replace("\\", "\\\\").replace(":", "\\:") for text in texts)


def numbered(event_id: Any, number: int) -> Any:
    """An id of the event with this number among those that share it; what is no id stays.

    >>> numbered("m1", 1), numbered("m1", 2), numbered([1], 2)
    ('m1', 'm1-2', [1])
    """
    if number == 1 or type(event_id) not in (str, int):
        return event_id
    return f"{event_id}-{number}"
