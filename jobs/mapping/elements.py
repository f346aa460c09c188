"""Makes several events of one row: one of each element of a list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobs.mapping.errors import MappingError
from jobs.mapping.fields import Field
from jobs.mapping.options import text_option
from jobs.mapping.paths import ELEMENT, Getter, Step, path_getter


@dataclass(frozen=True)
class Elements:
    """The list whose elements become records of their own."""

    get: Getter
    parts: bool = False
    """Whether an element is a part of the item's text, so that it is the item's id itself."""

    @classmethod
    def of(cls, root: tuple[Step, ...] | None, item: Field | None, key: str) -> "Elements | None":
        """The elements of the list `root`, or of the text that `split` parts; None without both.

        Raises MappingError.
        """
        split = None if item is None else text_option(item.options, "split", key)
        if split == "":
            raise MappingError(f"{key}.split cannot be empty")
        if root is not None:
            return cls(path_getter(root))
        if item is None or split is None:
            return None
        get_text = item.get

        def get_parts(row: Any) -> Any:
            found = get_text(row)
            return [part for part in found.split(split) if part] if isinstance(found, str) else None

        return cls(get_parts, parts=True)

    def item(self, item: Field) -> Field:
        """How the item's id is read of a view."""
        if not self.parts:
            return item
        get_text = item.get
        return replace(
            item,
            get=lambda view: view[ELEMENT] if ELEMENT in view else get_text(view),
            column=None,
        )

    def views(self, rows: Sequence[Any]) -> tuple[list[Any], list[int]]:
        """A view of its row for each element, with the element's number from 1.

        A row without a list, or with an empty one, is passed on as it is.
        """
        views: list[Any] = []
        numbers: list[int] = []
        for row in rows:
            found = self.get(row)
            elements = found if isinstance(found, list) else []
            views += [{**row, ELEMENT: element} for element in elements] or [row]
            numbers += range(1, max(len(elements), 1) + 1)
        return views, numbers
