"""Queries as methods of a client, so that both clients have the same ones.

A query is written once, in `interestream/queries.py`; its arguments, their types and its docstring
become those of the method.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from interestream.answer import Answer
from interestream.queries import Query

P = ParamSpec("P")
RowT = TypeVar("RowT")


class Asks(Protocol):
    """A client that waits for its answer."""

    def ask(self, query: Query[RowT]) -> Answer[RowT]:
        """Return all rows of the answer."""
        ...


class AsksAsync(Protocol):
    """A client whose answer is awaited."""

    def ask(self, query: Query[RowT]) -> Awaitable[Answer[RowT]]:
        """Return all rows of the answer, once awaited."""
        ...


def sync_method(build: Callable[P, Query[RowT]]) -> Callable[Concatenate[Asks, P], Answer[RowT]]:
    """Return the method of a client that asks the query which `build` makes of its arguments."""

    @functools.wraps(build)
    def method(self: Asks, /, *args: P.args, **kwargs: P.kwargs) -> Answer[RowT]:
        return self.ask(build(*args, **kwargs))

    _set_signature(method, build)
    return method


def async_method(
    build: Callable[P, Query[RowT]],
) -> Callable[Concatenate[AsksAsync, P], Awaitable[Answer[RowT]]]:
    """Return the same as `sync_method` for a client whose answers are awaited."""

    @functools.wraps(build)
    def method(self: AsksAsync, /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[Answer[RowT]]:
        return self.ask(build(*args, **kwargs))

    _set_signature(method, build)
    return method


def _set_signature(method: Any, build: Callable[..., Any]) -> None:
    """Let `help()` and editors show the query's arguments after `self`."""
    signature = inspect.signature(build)
    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = signature.replace(
        parameters=[first, *signature.parameters.values()],
        return_annotation=inspect.Signature.empty,
    )
