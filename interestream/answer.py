"""An answer: the rows, and the id by which what the user then does can be traced to it."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import uuid4

RowT = TypeVar("RowT")


class Answer(list[RowT]):
    """The rows of an answer, a list that knows which answer it is.

    Events that follow from it carry the id in `context.recommendation_id`, and the rank of the row
    in `context.position`.

    >>> answer = Answer(["a", "b"])
    >>> answer == ["a", "b"], len(answer.recommendation_id)
    (True, 36)
    """

    def __init__(self, rows: Iterable[RowT] = ()) -> None:
        super().__init__(rows)
        self.recommendation_id = str(uuid4())
        """A random UUID, another one for each answer."""
        self.note: str | None = None
        """Why there are no rows, where the API can say so: no item passes the filter."""
