"""The schema of an answer, made from the dataclass of its rows.

Rows are written as JSON straight from the dataclasses, which is several times faster than through
models: these are for the schema alone, and a test holds the answers against it.
"""

import ast
import dataclasses
import functools
import inspect
import textwrap
import typing
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model


@functools.cache
def answer_model(row: type) -> type[BaseModel]:
    """The model of an answer with rows of the dataclass `row`.

    >>> from interestream.rows import Trending
    >>> sorted(answer_model(Trending).model_fields)
    ['note', 'recommendation_id', 'rows']
    """
    rows: Any = list[row_model(row)]  # type: ignore[misc]
    note: Any = str | None
    return create_model(
        f"{row.__name__}Answer",
        recommendation_id=(
            UUID,
            Field(description="Names this answer in `context.recommendation_id` of later events."),
        ),
        note=(
            note,
            Field(description="Where there are no rows: the condition that no item meets."),
        ),
        rows=(rows, ...),
    )


@functools.cache
def row_model(row: type) -> type[BaseModel]:
    """The model of one row, its fields with the sentences under them."""
    hints = typing.get_type_hints(row)
    sentences = _sentences(row)
    fields: dict[str, Any] = {
        field.name: (_kind(hints[field.name]), Field(description=sentences.get(field.name)))
        for field in dataclasses.fields(row)
    }
    return create_model(row.__name__, __doc__=inspect.cleandoc(row.__doc__ or ""), **fields)


def _kind(hint: Any) -> Any:
    is_row = isinstance(hint, type) and dataclasses.is_dataclass(hint)
    return row_model(hint) if is_row else hint


def _sentences(row: type) -> dict[str, str]:
    """The string under each field of a class and of those that it stands on."""
    found: dict[str, str] = {}
    for kind in reversed(row.__mro__[:-1]):
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        assert isinstance(tree, ast.ClassDef)
        for field, below in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            ):
                found[field.target.id] = " ".join(below.value.value.split())
    return found
