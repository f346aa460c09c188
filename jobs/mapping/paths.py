"""Reads a value of a record by a column's name, or by a path such as `items[0].id`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import contains, itemgetter
from typing import Any

Row = Mapping[str, Any]
Getter = Callable[[Any], Any]
"""Takes a record and returns a value of it; None where it is absent."""


@dataclass(frozen=True)
class Each:
    """The step to all elements of a list: `[]`."""


@dataclass(frozen=True)
class Entry:
    """The step to the first element of a list whose `key` is `value`: `[key=value]`."""

    key: str
    value: str


Step = str | int | Each | Entry
ELEMENT = "\0element"
"""Key under which a view of a record holds the element that an event is made of."""

_DICT_OR_NONE = {dict, type(None)}
_EMPTY: tuple[Any, ...] = ("", [])
_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[\d*\]|\[[^\[\]=]+=[^\[\]]*\])*")
_STEP = re.compile(r"\[([^\[\]]*)\]|\.?([^.\[\]]+)")


def parse_path(text: str) -> tuple[Step, ...] | None:
    """The steps of a path; None where the text is none, such as the column `Price [EUR]`.

    >>> parse_path("items[].price"), parse_path("params[key=page].value"), parse_path("a [b]")
    (('items', Each(), 'price'), ('params', Entry(key='key', value='page'), 'value'), None)
    """
    if not _PATH.fullmatch(text):
        return None
    steps: list[Step] = []
    for match in _STEP.finditer(text):
        inside, name = match.groups()
        if name is not None:
            steps.append(name)
        elif not inside:
            steps.append(Each())
        elif "=" in inside:
            key, _, value = inside.partition("=")
            steps.append(Entry(key, value))
        else:
            steps.append(int(inside))
    return tuple(steps)


def list_of(steps: tuple[Step, ...] | None) -> tuple[Step, ...] | None:
    """The steps to the innermost list that a path goes through with `[]`; None without one."""
    if steps is None or Each() not in steps:
        return None
    return steps[: len(steps) - 1 - steps[::-1].index(Each())]


def element_keys(root: tuple[Step, ...]) -> list[str]:
    """The key of a view for the element of each list on the way, and of the list `root`."""
    return [*(f"{ELEMENT}{depth}" for depth in range(root.count(Each()))), ELEMENT]


def column_getter(name: str) -> Getter:
    """Reads a column; an empty text and an empty list count as absent."""

    def get(row: Row) -> Any:
        found = row.get(name)
        if found:
            return found
        return None if found is None or found in _EMPTY else found

    return get


def column_values(name: str, rows: Sequence[Row]) -> list[Any]:
    """What `column_getter` reads of each of the rows."""
    return _given(_members(name, rows))


def _members(name: str, rows: Sequence[Row]) -> list[Any]:
    try:
        # Nearly always all rows have a member, or the first one lacks it already.
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [row.get(name) for row in rows]


def _given(found: list[Any]) -> list[Any]:
    """The values; None in the place of an empty text or list."""
    if all(found):
        return found
    if found.count(None) == len(found):
        return found
    return [None if value is None or value in _EMPTY else value for value in found]


def path_getter(steps: tuple[Step, ...], name: str | None = None) -> Getter:
    """Reads by a path; a record with the member `name` itself is read by that.

    A path through `[]` gives the values of all elements as a list.

    >>> path_getter(("tags", Each(), "id"))({"tags": [{"id": 1}, {"id": 2}, {}]})
    [1, 2]
    """
    names = member_names(steps)
    if names is not None:
        return _member_getter(names, name)

    def get(row: Row) -> Any:
        found = row[name] if name is not None and name in row else _walk(row, steps)
        return None if found in _EMPTY else found

    return get


def member_names(steps: tuple[Step, ...]) -> list[str] | None:
    """The names of a path of members of members; None for another one."""
    names = [step for step in steps if isinstance(step, str)]
    return names if len(names) == len(steps) else None


def _member_getter(names: Sequence[str], name: str | None) -> Getter:
    """`path_getter` for members of members."""

    def get(row: Any) -> Any:
        if name is not None and name in row:
            found = row[name]
        else:
            found = row
            for member in names:
                if not isinstance(found, dict):
                    return None
                found = found.get(member)
        if found:
            return found
        return None if found is None or found in _EMPTY else found

    return get


def path_values(names: Sequence[str], name: str | None, rows: Sequence[Row]) -> list[Any]:
    """What `path_getter` reads of each of the rows by members of members."""
    if name is None or True not in map(contains, rows, repeat(name)):
        found: Sequence[Any] = rows
        for member in names:
            kinds = set(map(type, found))
            if kinds == {dict}:
                found = _members(member, found)
            elif kinds <= _DICT_OR_NONE:
                found = [None if part is None else part.get(member) for part in found]
            else:
                break
        else:
            return _given(list(found))
    get = _member_getter(names, name)
    return [get(row) for row in rows]


def in_element(steps: tuple[Step, ...], root: tuple[Step, ...] | None) -> tuple[Step, ...]:
    """The steps from the view of an element, where a path goes through the list `root`.

    A path that goes through an outer list alone begins at the element of that.
    """
    if root is None:
        return steps
    whole, found = (*root, Each()), steps
    ends = [place for place, step in enumerate(whole, start=1) if step == Each()]
    for end, key in zip(ends, element_keys(root), strict=True):
        if steps[:end] == whole[:end]:
            found = (key, *steps[end:])
    return found


def _walk(found: Any, steps: tuple[Step, ...]) -> Any:
    for number, step in enumerate(steps):
        if isinstance(step, str):
            if not isinstance(found, dict):
                return None
            found = found.get(step)
        elif not isinstance(found, list):
            return None
        elif isinstance(step, int):
            found = found[step] if step < len(found) else None
        elif isinstance(step, Entry):
            found = next((part for part in found if _has(part, step)), None)
        else:
            rest = steps[number + 1 :]
            values = [_walk(part, rest) for part in found]
            flat: list[Any] = []
            for value in values:
                flat.extend(value if isinstance(value, list) else [value])
            return [value for value in flat if value is not None and value != ""]
        if found is None:
            return None
    return found


def _has(part: Any, entry: Entry) -> bool:
    return isinstance(part, dict) and str(part.get(entry.key)) == entry.value
