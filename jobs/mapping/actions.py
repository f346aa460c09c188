"""Names of actions: what a source calls them, and what the contract does."""

from collections.abc import Callable, Mapping
from typing import Any

IGNORE = "_ignore"
"""In place of an action: events of this name are left out, and counted."""
OTHER = "_other"
"""In place of a name: all names that the table does not have."""


def actions_reader(names: Mapping[str, str]) -> Callable[[list[Any]], list[Any]]:
    """`action_reader` for the names of a batch; None stays None."""
    read = action_reader(names)
    known = {name: action for name, action in names.items() if name != OTHER}
    other = names.get(OTHER)

    def read_all(found: list[Any]) -> list[Any]:
        if set(map(type, found)) != {str}:
            return [None if name is None else read(name) for name in found]
        if other is None:
            return [known.get(name, name) for name in found]
        return [known.get(name, other) for name in found]

    return read_all


def action_reader(names: Mapping[str, str]) -> Callable[[Any], Any]:
    """A function from a name to an action; a name that the table lacks passes as it is.

    >>> action = action_reader({"addtocart": "cart", "_other": "_ignore"})
    >>> action("addtocart"), action("scroll"), action_reader({})("view")
    ('cart', '_ignore', 'view')
    """
    known = dict(names)
    other = known.pop(OTHER, None)

    def read(name: Any) -> Any:
        key = str(name) if type(name) is int else name
        if not isinstance(key, str):
            return name
        return known.get(key, name if other is None else other)

    return read
