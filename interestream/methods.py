"""Questions as methods of a client, so that both clients have the same ones.

A question is written once, in `interestream/questions.py`; its arguments, their types and its text
become those of the method.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from interestream.questions import Question

P = ParamSpec("P")
RowT = TypeVar("RowT")


class Asks(Protocol):
    """A client that waits for its answer."""

    def ask(self, question: Question[RowT]) -> list[RowT]: ...


class AsksAsync(Protocol):
    """A client whose answer is awaited."""

    def ask(self, question: Question[RowT]) -> Awaitable[list[RowT]]: ...


def answered(build: Callable[P, Question[RowT]]) -> Callable[Concatenate[Asks, P], list[RowT]]:
    """The method of a client that asks what `build` makes of the same arguments."""

    @functools.wraps(build)
    def method(self: Asks, /, *args: P.args, **kwargs: P.kwargs) -> list[RowT]:
        return self.ask(build(*args, **kwargs))

    _show(method, build)
    return method


def awaited(
    build: Callable[P, Question[RowT]],
) -> Callable[Concatenate[AsksAsync, P], Awaitable[list[RowT]]]:
    """The same for a client that is awaited."""

    @functools.wraps(build)
    def method(self: AsksAsync, /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[list[RowT]]:
        return self.ask(build(*args, **kwargs))

    _show(method, build)
    return method


def _show(method: Any, build: Callable[..., Any]) -> None:
    """Let `help()` and editors show the question's arguments after `self`."""
    shown = inspect.signature(build)
    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = shown.replace(
        parameters=[first, *shown.parameters.values()], return_annotation=inspect.Signature.empty
    )
