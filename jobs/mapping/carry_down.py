"""Fills what a row leaves empty because the row before it, of the same group, has said it."""

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.mapping.errors import MappingError

_KEYS = ("by", "columns")


class CarryDown:
    """Takes absent columns of a row from the first rows of its group that have them.

    The rows of a group stand one after the other and are equal in the column `by`.

    >>> fill = CarryDown({"by": "order", "columns": ["email"]}, "events")
    >>> fill([{"order": "1", "email": "a"}, {"order": "1"}, {"order": "2"}])[1:]
    [{'order': '1', 'email': 'a'}, {'order': '2'}]
    """

    def __init__(self, spec: Mapping[str, Any], key: str) -> None:
        where = f"{key}.carry_down"
        if not isinstance(spec, Mapping) or set(spec) != set(_KEYS):
            raise MappingError(f"{where} cannot be {spec!r}: give a table with {', '.join(_KEYS)}")
        self.by, self.columns = spec["by"], spec["columns"]
        if not isinstance(self.by, str) or not self.by:
            raise MappingError(f"{where}.by cannot be {self.by!r}: give the name of a column")
        if not isinstance(self.columns, list) or not all(
            isinstance(column, str) for column in self.columns
        ):
            raise MappingError(
                f"{where}.columns cannot be {self.columns!r}: give a list of columns"
            )
        self._group: Any = None
        self._known: dict[str, Any] = {}

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The rows of a batch, in their order."""
        return [self._filled(row) for row in rows]

    def _filled(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        group = row.get(self.by)
        if group is None or group == "" or group != self._group:
            self._group, self._known = group, {}
        missing = {}
        for column in self.columns:
            found = row.get(column)
            if found is not None and found != "":
                self._known.setdefault(column, found)
            elif column in self._known:
                missing[column] = self._known[column]
        return {**row, **missing} if missing else row
