"""Makes lines of items of the rows of a stream."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.core.parsing.judges import Judge
from jobs.decoding.checked_rows import checked_lines, item_ids
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.counts import MappingCounts
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import ItemMapping


class MappedItems:
    """Maps rows of items one by one: each costs far less than the text of one that changed."""

    def __init__(self, mapping: ItemMapping, judge: Judge) -> None:
        self._mapper = ItemMapper(mapping, endless=True)
        self._judge = judge

    def __call__(
        self, rows: Sequence[Mapping[str, Any]], raw: Sequence[bytes], counts: StreamCounts
    ) -> list[bytes]:
        """The lines of rows, whose records came as the bytes `raw`."""
        lines: list[bytes] = []
        self._mapper.counts = MappingCounts()
        for row, record in zip(rows, raw, strict=True):
            lines += checked_lines(self._mapper([row]), record, self._judge, counts)
        counts.add(self._mapper.counts)
        return lines

    def withdrawn(self, row: Mapping[str, Any]) -> list[Any]:
        """The ids of the items of a row that was deleted, of which its key alone may be known."""
        return self._mapper.ids(row) or item_ids(row)
