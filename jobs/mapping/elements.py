"""Makes several events of one row: one of each element of a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from jobs.mapping.errors import MappingError
from jobs.mapping.fields import Field
from jobs.mapping.options import text_option
from jobs.mapping.paths import (
    ELEMENT,
    Each,
    Getter,
    Step,
    element_keys,
    member_names,
    path_getter,
    path_values,
)


@dataclass(frozen=True)
class Elements:
    """The list whose elements become records of their own."""

    each: Callable[[Any], list[Any]]
    """The views of a row."""
    parts: bool = False
    """Whether an element is a part of the item's text, so that it is the item's id itself."""
    lists: Callable[[Sequence[Any]], list[Any]] | None = None
    """The list of each row, where it lies in no other list."""

    @classmethod
    def of(cls, root: tuple[Step, ...] | None, item: Field | None, key: str) -> "Elements | None":
        """The elements of the list `root`, or of the text that `split` parts; None without both.

        Raises MappingError.
        """
        split = None if item is None else text_option(item.options, "split", key)
        if split == "":
            raise MappingError(f"{key}.split cannot be empty")
        if root is not None:
            names = member_names(root)
            lists = None if names is None else partial(path_values, names, None)
            return cls(element_views(root), lists=lists)
        if item is None or split is None:
            return None
        values = item.values

        def part_views(row: Any) -> list[Any]:
            (found,) = values([row])
            parts = found.split(split) if isinstance(found, str) else []
            return [{**row, ELEMENT: part} for part in parts if part] or [row]

        return cls(part_views, parts=True)

    def item(self, item: Field) -> Field:
        """How the item's id is read of a view."""
        if not self.parts:
            return item
        get_text = item.get
        return replace(
            item,
            get=lambda view: view[ELEMENT] if ELEMENT in view else get_text(view),
            many=None,
        )

    def views(self, rows: Sequence[Any]) -> tuple[list[Any], list[int] | None]:
        """A view of its row for each element, with the element's number from 1, or None where all
        are the first.

        A row without a list, or with an empty one, is passed on as it is.
        """
        if self.lists is not None and list not in set(map(type, self.lists(rows))):
            return list(rows), None
        each = self.each
        views: list[Any] = []
        numbers: list[int] = []
        for row in rows:
            found = each(row)
            views += found
            numbers += range(1, len(found) + 1)
        return views, numbers


def element_views(root: tuple[Step, ...]) -> Callable[[Any], list[Any]]:
    """A function from a row to a view for each element of the list `root`.

    Where the list lies within another one, a view holds the element of that as well. A row without
    the list, or with an empty one, is its own view.

    >>> each = element_views(("orders", Each(), "lines"))
    >>> len(each({"orders": [{"lines": ["a", "b"]}, {"lines": ["c"]}]})), each({"orders": []})
    (3, [{'orders': []}])
    """
    levels: list[tuple[Getter, str]] = []
    keys = element_keys(root)
    steps: tuple[Step, ...] = ()
    for step in (*root, Each()):
        if step != Each():
            steps = (*steps, step)
            continue
        key = keys[len(levels)]
        levels.append((path_getter(steps), key))
        steps = (key,)
    if len(levels) == 1:
        return _views_of_list(*levels[0])

    def views(row: Any) -> list[Any]:
        found = [row]
        for get, key in levels:
            inner: list[Any] = []
            for view in found:
                elements = get(view)
                of_list = elements if isinstance(elements, list) else []
                inner += [{**view, key: element} for element in of_list] or [view]
            found = inner
        return found

    return views


def _views_of_list(get: Getter, key: str) -> Callable[[Any], list[Any]]:
    def views(row: Any) -> list[Any]:
        elements = get(row)
        if isinstance(elements, list) and elements:
            return [{**row, key: element} for element in elements]
        return [row]

    return views
