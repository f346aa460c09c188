"""Typed parameters of a question: a pydantic model made from the signature of its query."""

import inspect
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from interestream.item_filter import ItemFilter
from interestream.queries import Query
from jobs.serve.api.parameters import FILTER, parameters
from jobs.serve_settings import Serve

_FILTER_ARGUMENT = "where"


def question_model(
    build: Callable[..., Query[Any]], settings: Serve, *, in_address: bool
) -> type[BaseModel]:
    """The model of the parameters of `build`; an unknown one is an error.

    The filter's fields are parameters of their own. Raises KeyError for a parameter that
    `jobs/serve/api/parameters.py` does not know.

    >>> from interestream import queries
    >>> model = question_model(queries.recommend_more_like, Serve(), in_address=True)
    >>> model(item="i1", user="ada").diversity
    0.1
    """
    known = parameters(settings, in_address=in_address)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(build).parameters.items():
        if name == _FILTER_ARGUMENT:
            fields |= {part: _field(*known[part], None) for part in FILTER}
        else:
            fields[name] = _field(*known[name], parameter.default)
    suffix = "Parameters" if in_address else "Question"
    name = "".join(word.capitalize() for word in build.__name__.split("_")) + suffix
    # In an address everything is text; in JSON `true` is no number, and "5" neither.
    config = ConfigDict(extra="forbid", strict=not in_address)
    return create_model(name, __config__=config, **fields)


def query_of(build: Callable[..., Query[Any]], asked: BaseModel) -> Query[Any]:
    """The query for parameters of `question_model(build)`."""
    arguments = {name: getattr(asked, name) for name in type(asked).model_fields}
    if _FILTER_ARGUMENT in inspect.signature(build).parameters:
        arguments = {name: value for name, value in arguments.items() if name not in FILTER}
        if (where := filter_of(build, asked)) is not None:
            arguments[_FILTER_ARGUMENT] = where
    return build(**arguments)


def filter_of(build: Callable[..., Query[Any]], asked: BaseModel) -> ItemFilter | None:
    """The filter among parameters of `question_model(build)`, None where none is given."""
    if _FILTER_ARGUMENT not in inspect.signature(build).parameters:
        return None
    parts = {name: getattr(asked, name) for name in FILTER}
    return ItemFilter(**parts) if any(part is not None for part in parts.values()) else None


def _field(kind: Any, description: str, default: Any) -> tuple[Any, Any]:
    if default is inspect.Parameter.empty:
        return kind, Field(description=description)
    if default == ():
        return kind, Field(default_factory=list, description=description)
    # What is None stays out of the query: the function's own default applies.
    return (kind | None if default is None else kind), Field(default, description=description)
