"""What earlier rows of a table have said of an item, so that a later one adds to it."""

import tempfile
from typing import Any

import orjson
import xxhash

from jobs.mapping.errors import NoRoomError

Record = dict[str, Any]

IN_MEMORY = 64_000_000
"""Bytes of items that are held in memory; more of them lie in a temporary file."""
_LENGTH_BITS = 32


class EarlierRows:
    """The newest form of every item of a pass, outside of memory where there are many.

    About 150 bytes an item are held in memory, and its content up to IN_MEMORY bytes in all.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        # It is gone with its last reference, as a pass may end anywhere.
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._end = 0
        self._is_at_end = True

    def complete(self, record: Record) -> Record | None:
        """The item with what earlier rows said and this one leaves out, or None if nothing is new.

        What the row has replaces what was said; of attributes this holds name by name. An item
        without an id, or that JSON cannot hold, is returned as it is. Raises NoRoomError.

        >>> rows = EarlierRows()
        >>> rows.complete({"item_id": 7, "title": "Mug", "text": "Blue."})
        {'item_id': 7, 'title': 'Mug', 'text': 'Blue.'}
        >>> rows.complete({"item_id": "7", "title": "The mug"})
        {'item_id': '7', 'title': 'The mug', 'text': 'Blue.'}
        >>> rows.complete({"item_id": "7", "title": "The mug"}) is None
        True
        """
        if "item_id" not in record:
            return record
        try:
            return self._complete(record)
        except orjson.JSONEncodeError:
            # Numbers beyond 64 bits, and halves of surrogate pairs: a dead letter.
            return record
        except OSError as error:
            raise NoRoomError(
                f"cannot keep what earlier rows say of items in {tempfile.gettempdir()}: {error};"
                " set TMPDIR to a folder with room"
            ) from error

    def _complete(self, record: Record) -> Record | None:
        item_id = str(record["item_id"])
        key = xxhash.xxh3_64_intdigest(item_id.encode(errors="surrogatepass"))
        before = self._read(key)
        earlier: Record = {} if before is None else orjson.loads(before)
        if str(earlier.get("item_id")) != item_id:
            earlier = {}
        # The keys of the earlier form come first, so that equal items are equal as bytes.
        merged = {**earlier, **record}
        before_them, given = earlier.get("attributes"), record.get("attributes")
        if isinstance(before_them, dict) and isinstance(given, dict):
            merged["attributes"] = {**before_them, **given}
        content = orjson.dumps(merged, default=str)
        if content == before:
            return None
        self._write(key, content)
        return merged

    def _read(self, key: int) -> bytes | None:
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place >> _LENGTH_BITS)
        self._is_at_end = False
        return self._file.read(place & (1 << _LENGTH_BITS) - 1)

    def _write(self, key: int, content: bytes) -> None:
        # Seeking writes out what the file has gathered, and most items come once.
        if not self._is_at_end:
            self._file.seek(self._end)
            self._is_at_end = True
        self._file.write(content)
        self._places[key] = self._end << _LENGTH_BITS | len(content)
        self._end += len(content)
