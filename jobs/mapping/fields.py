"""Compiles what a mapping says of one field: where its value stands in a record."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.event_ids import combined_id
from jobs.mapping.paths import (
    Getter,
    Step,
    column_getter,
    column_values,
    in_element,
    list_of,
    member_names,
    parse_path,
    path_getter,
    path_values,
)
from jobs.mapping.values import as_text

_KINDS = ("column", "path", "constant", "first", "join", "columns")
_PLAIN = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Scope:
    """What all fields of a table share."""

    root: tuple[Step, ...] | None = None
    """The list whose elements become events of their own."""
    absent: frozenset[str] = frozenset()
    """Texts that count as absent, and whole numbers of these digits."""


Many = Callable[[Sequence[Any]], list[Any]]
"""Takes records and returns a value of each; None where it is absent."""


@dataclass(frozen=True)
class Field:
    """How a field's value is read, and the columns that a table must have for it."""

    get: Getter
    columns: tuple[tuple[str, ...], ...] = ()
    """For each value that is read: its column, or those of which one must be there."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The keys beside the source, such as `factor`."""
    many: Many | None = None
    """Reads all rows at once what `get` reads of each, where that is faster."""

    def values(self, rows: Sequence[Any]) -> list[Any]:
        """The value of each row; what is unreadable is as it was found."""
        if self.many is not None:
            return self.many(rows)
        get = self.get
        try:
            return [get(row) for row in rows]
        except UnreadableValueError:
            return [_as_found(get, row) for row in rows]


def _as_found(get: Getter, row: Any) -> Any:
    try:
        return get(row)
    except UnreadableValueError as error:
        return error.args[0]


def compile_field(
    spec: Any, key: str, scope: Scope, options: Collection[str] = (), *, lists: bool = False
) -> Field:
    """Compile the source of a field; raises MappingError, which names `key`.

    `options` are the further keys that the field allows. With `lists` a list of sources stands
    for all of them, joined.
    """
    if isinstance(spec, str):
        return Field(_getter(spec, scope), ((spec,),), many=_many(spec, scope))
    if lists and isinstance(spec, list):
        spec = {"join": spec}
    if not isinstance(spec, dict):
        raise MappingError(
            f"{key} cannot be {spec!r}: give the name of a column, or a table such as"
            " { constant = ... } or { first = [...] }"
        )
    return _compile_table(spec, key, scope, options)


def list_in(spec: Any) -> tuple[Step, ...] | None:
    """The innermost list that the source of an item's id goes through: several events."""
    if isinstance(spec, str):
        return list_of(parse_path(spec))
    if isinstance(spec, dict):
        if isinstance(spec.get("path"), str):
            return list_of(parse_path(spec["path"]))
        parts = spec.get("first") or spec.get("join") or spec.get("columns")
        found = [list_in(part) for part in parts] if isinstance(parts, list) else []
        return max((root for root in found if root is not None), key=len, default=None)
    return None


def _compile_table(spec: dict[str, Any], key: str, scope: Scope, options: Collection[str]) -> Field:
    kinds = [kind for kind in _KINDS if kind in spec]
    allowed = [*(kind for kind in _KINDS if kind != "columns" or kind in options), *options]
    known = {*allowed, "optional", *(("by",) if "join" in spec else ())}
    for name in spec:
        if name not in known:
            raise MappingError(
                f"unknown key '{key}.{name}'; use {', '.join(dict.fromkeys(allowed))}"
            )
    if len(kinds) != 1:
        raise MappingError(f"{key} needs one of {', '.join(_KINDS[:5])}, not {len(kinds)} of them")
    (kind,) = kinds
    given = spec[kind]
    many: Many | None = None
    rest = {name: found for name, found in spec.items() if name in options and name != kind}
    if kind == "constant":
        return Field(lambda row: given, options=rest, many=lambda rows: [given] * len(rows))
    if kind in ("first", "join", "columns"):
        if not isinstance(given, list) or not given:
            raise MappingError(f"{key}.{kind} cannot be {given!r}: give a list of columns")
        parts = [
            compile_field(part, f"{key}.{kind}[{number}]", scope)
            for number, part in enumerate(given)
        ]
        columns = _columns_of(parts, either=kind == "first")
        by = _checked(spec.get("by", " "), str, f"{key}.by")
        getter = {"first": _first, "join": lambda found: _joined(found, by), "columns": _combined}
        get = getter[kind]([part.get for part in parts])
        if kind == "first":
            many = _first_many(parts)
    else:
        name = _checked(given, str, f"{key}.{kind}")
        columns = ((name,),) if kind == "column" else ()
        get = (
            _strict_path(name, key, scope)
            if kind == "path"
            else _absent(column_getter(name), scope)
        )
    if _checked(spec.get("optional", False), bool, f"{key}.optional"):
        columns = ()
    return Field(get, columns, rest, many)


def _columns_of(parts: list[Field], *, either: bool) -> tuple[tuple[str, ...], ...]:
    if not either:
        return tuple(group for part in parts for group in part.columns)
    # One that needs no column, such as a constant, is enough.
    if not all(part.columns for part in parts):
        return ()
    return (tuple(name for part in parts for group in part.columns for name in group),)


def _getter(text: str, scope: Scope) -> Getter:
    if _PLAIN.fullmatch(text):
        return _absent(column_getter(text), scope)
    steps = parse_path(text)
    if steps is None:
        return _absent(column_getter(text), scope)
    return _absent(path_getter(in_element(steps, scope.root), text), scope)


def _many(text: str, scope: Scope) -> Many | None:
    """`_getter` for all rows at once; None where it reads one after the other."""
    if scope.absent:
        return None
    if _PLAIN.fullmatch(text):
        return lambda rows: column_values(text, rows)
    steps = parse_path(text)
    names = None if steps is None else member_names(in_element(steps, scope.root))
    if names is None:
        return None
    return lambda rows: path_values(names, text, rows)


def _strict_path(text: str, key: str, scope: Scope) -> Getter:
    steps = parse_path(text)
    if steps is None:
        raise MappingError(
            f"{key}.path is '{text}', which is no path: write a.b, a[0].b, a[].b or a[key=x].b"
        )
    return _absent(path_getter(in_element(steps, scope.root)), scope)


def _absent(get: Getter, scope: Scope) -> Getter:
    absent = scope.absent
    if not absent:
        return get

    def get_given(row: Any) -> Any:
        found = get(row)
        return None if type(found) in (str, int) and str(found) in absent else found

    return get_given


def _first(getters: list[Getter]) -> Getter:
    def get(row: Any) -> Any:
        for part in getters:
            found = part(row)
            if found is not None:
                return found
        return None

    return get


def _first_many(parts: Sequence[Field]) -> Many:
    """`_first` for all rows at once: a part is read where those before it are absent."""

    def read(rows: Sequence[Any]) -> list[Any]:
        found = parts[0].values(rows)
        for part in parts[1:]:
            if None not in found:
                break
            places = [place for place, value in enumerate(found) if value is None]
            values = part.values(rows if len(places) == len(rows) else [rows[n] for n in places])
            for place, value in zip(places, values, strict=True):
                found[place] = value
        return found

    return read


def _joined(getters: list[Getter], by: str) -> Getter:
    def get(row: Any) -> Any:
        found = [part(row) for part in getters]
        texts = [_text(value, by) for value in found if value is not None]
        return by.join(text for text in texts if text.strip()) or None

    return get


def _text(found: Any, by: str) -> str:
    try:
        return as_text(found, by)
    except UnreadableValueError as error:
        raise UnreadableValueError(found) from error


def _combined(getters: list[Getter]) -> Getter:
    def get(row: Any) -> Any:
        return combined_id([part(row) for part in getters])

    return get


def _checked(found: Any, kind: type, key: str) -> Any:
    if type(found) is not kind:
        names = {str: "a text", bool: "true or false"}
        raise MappingError(f"{key} cannot be {found!r}: give {names[kind]}")
    return found


def gather(getters: list[Getter]) -> Getter:
    """Reads several sources as one list; None where all are absent."""

    def get(row: Any) -> Any:
        return [found for part in getters if (found := part(row)) is not None] or None

    return get
