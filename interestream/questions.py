"""Every question as a statement, its parameters and the rows it answers with.

The two clients take their methods from here, signature and all; see `interestream/methods.py`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from psycopg import sql

from interestream.item_filter import ItemFilter
from interestream.rows import (
    FoundItem,
    Interest,
    JobStream,
    Parts,
    Recommended,
    RecommendedTo,
    SimilarItem,
    SimilarUser,
    Trending,
    UserTopic,
)

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Question(Generic[RowT]):
    """A statement, its parameters, and what makes a row of the answer out of one of the cursor."""

    statement: sql.Composed
    parameters: dict[str, Any]
    make_row: Callable[..., RowT]


def recommend(
    user: str,
    k: int = 10,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    diversity: float = 0.3,
    space: int | None = None,
) -> Question[Recommended]:
    """What `user` should see next: `k` items, or as many as are left.

    `where` keeps what passes it, `exclude` leaves out those items (the pages before), `diversity`
    goes from 0 (by score alone) to 1; `space` is the active one unless named.
    """
    return _question(
        "recommend",
        Recommended,
        p_user=user,
        p_k=k,
        p_filter=where,
        p_exclude=list(exclude),
        p_diversity=diversity,
        p_space=space,
    )


def recommend_many(
    users: Sequence[str],
    k: int = 10,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    diversity: float = 0.3,
    space: int | None = None,
) -> Question[RecommendedTo]:
    """`recommend` for each of `users` in one go; rows of a user stand together."""
    return _question(
        "recommend_many",
        RecommendedTo,
        p_users=list(users),
        p_k=k,
        p_filter=where,
        p_exclude=list(exclude),
        p_diversity=diversity,
        p_space=space,
    )


def recommend_more_like(
    item: str,
    user: str,
    k: int = 10,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    diversity: float = 0.1,
    personal: float = 0.3,
    space: int | None = None,
) -> Question[FoundItem]:
    """More like `item` for `user`, without what they have seen or disliked; `personal` (0 to 1)
    is how much their taste counts.

    Raises UnknownItemError for an item without a vector.
    """
    return _question(
        "recommend_more_like",
        FoundItem,
        p_item=item,
        p_user=user,
        p_k=k,
        p_filter=where,
        p_exclude=list(exclude),
        p_diversity=diversity,
        p_personal=personal,
        p_space=space,
    )


def similar_items(
    item: str, k: int = 10, *, where: ItemFilter | None = None, space: int | None = None
) -> Question[SimilarItem]:
    """The items most similar to `item`. Raises UnknownItemError for one without a vector."""
    return _question(
        "similar_items", SimilarItem, p_item=item, p_k=k, p_filter=where, p_space=space
    )


def similar_users(user: str, k: int = 10, *, space: int | None = None) -> Question[SimilarUser]:
    """The users whose taste is most similar to that of `user`; none for one without windows."""
    return _question("similar_users", SimilarUser, p_user=user, p_k=k, p_space=space)


def search_items(
    vector: Sequence[float],
    k: int = 10,
    *,
    user: str | None = None,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    personal: float = 0.15,
    space: int | None = None,
) -> Question[FoundItem]:
    """The items nearest to an encoded text: `vector` is what the space's encoder gives with the
    query prompt. With `user`, without what they have seen, and leaning to their taste by
    `personal` (0 to 1).
    """
    return _question(
        "search_items",
        FoundItem,
        p_vector=[float(number) for number in vector],
        p_k=k,
        p_user=user,
        p_filter=where,
        p_exclude=list(exclude),
        p_personal=personal,
        p_space=space,
    )


def trending(
    k: int = 10, *, category: str | None = None, as_of: datetime | None = None
) -> Question[Trending]:
    """What has the most attention, of a category where one is given."""
    return _question("trending", Trending, p_k=k, p_category=category, p_as_of=as_of)


def user_interests(user: str, *, titles: int = 3, space: int | None = None) -> Question[Interest]:
    """What `user` is interested in, readable; `titles` items stand for each row."""
    return _question("user_interests", Interest, p_user=user, p_titles=titles, p_space=space)


def user_topics(user: str, k: int = 5, *, space: int | None = None) -> Question[UserTopic]:
    """The `k` strongest named topics of `user`, and `other` for the rest; shares add up to 1."""
    return _question("user_topics", UserTopic, p_user=user, p_k=k, p_space=space)


def job_status(*, space: int | None = None) -> Question[JobStream]:
    """What the job has done, one row per stream."""
    return _question("job_status", JobStream, p_space=space)


# Arrays are sent with their type: an empty one has none of its own.
_TYPES = {"p_users": "text[]", "p_exclude": "text[]", "p_vector": "real[]"}


def _question(function: str, row: type[RowT], **arguments: Any) -> Question[RowT]:
    """Names come from this package, values travel as parameters."""
    parameters: dict[str, Any] = {}
    given = []
    for name, value in arguments.items():
        if isinstance(value, ItemFilter):
            places = []
            for number, part in enumerate(value.parameters()):
                parameters[f"filter_{number}"] = part
                places.append(sql.Placeholder(f"filter_{number}"))
            placed = sql.SQL("interestream.item_filter({}::text[], {}::text[], {}, {})").format(
                *places
            )
        elif value is None:
            continue  # the function's own default
        else:
            parameters[name] = value
            placed = sql.Composed([sql.Placeholder(name)])
            if name in _TYPES:
                placed = placed + sql.SQL("::" + _TYPES[name])
        given.append(sql.SQL("{} => {}").format(sql.Identifier(name), placed))
    columns = [field.name for field in fields(cast(Any, row))]
    statement = sql.SQL("SELECT {} FROM interestream.{}({})").format(
        sql.SQL(", ").join([sql.Identifier(name) for name in columns]),
        sql.Identifier(function),
        sql.SQL(", ").join(given),
    )
    return Question(statement, parameters, _maker(row))


def _maker(row: type[RowT]) -> Callable[..., RowT]:
    def make(**columns: Any) -> RowT:
        if "parts" in columns:
            columns["parts"] = Parts(**columns["parts"])
        return row(**columns)

    return make
