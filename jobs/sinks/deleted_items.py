"""Which items are deleted for good, as a task that writes rows of items needs to know it."""

from collections.abc import Container

import psycopg

_SINCE = "SELECT number, item_id FROM interestream.deleted_items_since(%s)"


class DeletedItems(Container[str]):
    """The ids of the table `deleted_items` that this task has read, the oldest first.

    Memory: about 150 bytes an id, of which there are as many as were ever deleted.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._set: set[str] = set()
        self._number = 0

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._set

    def read(self, connection: psycopg.Connection) -> None:
        """Read what was deleted since the last call; the first statement of a transaction.

        Until the transaction ends no further item is deleted, so what it writes of other items
        is written before they are, and is deleted with them.
        """
        rows = connection.execute(_SINCE, (self._number,)).fetchall()
        for number, item_id in rows:
            self._number = number
            self._set.add(item_id)
            self.ids.append(item_id)
