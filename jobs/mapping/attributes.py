"""Reads several columns as one object: attributes of an item, the context of an event."""

from collections.abc import Callable
from typing import Any

from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.fields import Field, Scope, compile_field
from jobs.mapping.options import decimal_option, truth_option
from jobs.mapping.paths import Getter, parse_path
from jobs.mapping.values import number_reader


def compile_attributes(
    spec: Any, key: str, scope: Scope, on_unreadable: Callable[[str, object], None]
) -> Field:
    """Compile a column that holds an object, a list of columns, or a table of names and sources.

    A source has two options: `number`, with `decimal`. One that cannot be read is left out, and
    `on_unreadable` is called with its name and the value. Raises MappingError.
    """
    if isinstance(spec, str):
        whole = compile_field(spec, key, scope)
        return Field(_object(whole.get), whole.columns)
    if isinstance(spec, list):
        spec = {_last_name(column, key): column for column in spec}
    if not isinstance(spec, dict) or not spec:
        raise MappingError(
            f"{key} cannot be {spec!r}: give a list of columns, or a table of names and columns"
        )
    parts = {
        name: compile_field(source, f"{key}.{name}", scope, ("number", "decimal"))
        for name, source in spec.items()
    }
    getters = [(name, _value(part, f"{key}.{name}")) for name, part in parts.items()]

    def get(row: Any) -> Any:
        found = {}
        for name, part in getters:
            try:
                value = part(row)
            except UnreadableValueError as error:
                on_unreadable(name, error)
                continue
            if value is not None:
                found[name] = value
        return found or None

    return Field(get, tuple(group for part in parts.values() for group in part.columns))


def _last_name(column: Any, key: str) -> str:
    if not isinstance(column, str):
        raise MappingError(f"{key} cannot hold {column!r}: give the names of columns")
    steps = parse_path(column) or (column,)
    names = [step for step in steps if isinstance(step, str)]
    return names[-1]


def _value(part: Field, key: str) -> Getter:
    decimal = decimal_option(part.options, key)
    if not truth_option(part.options, "number", key, "decimal" in part.options):
        return part.get
    read = number_reader(decimal)

    def get(row: Any) -> Any:
        found = part.get(row)
        if found is None:
            return None
        number = read(found)
        if number is None:
            raise UnreadableValueError(found)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    return get


def _object(get: Getter) -> Getter:
    def get_object(row: Any) -> Any:
        found = get(row)
        if found is not None and not isinstance(found, dict):
            raise UnreadableValueError(found)
        return found or None

    return get_object
