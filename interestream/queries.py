"""Every query as a statement, its parameters and the type of its rows.

The two clients take their methods from here, with signature and docstring; see
`interestream/methods.py`. The methods raise InvalidQuestionError for arguments out of range,
UnknownSpaceError, NoActiveSpaceError or NotAllowedError; a docstring names what else it raises.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from psycopg import sql
from psycopg.types.json import Jsonb

from interestream.item_filter import ItemFilter
from interestream.pseudonyms import Pseudonyms
from interestream.rows import (
    AskedItem,
    CatalogueWord,
    ClickThrough,
    ExperimentResult,
    FilterCondition,
    FilterVerdict,
    FoundItem,
    Interest,
    JobStream,
    Learned,
    Obstacle,
    Parts,
    PreviousSpace,
    Recommended,
    RecommendedTo,
    RecommendedTopic,
    RecommendedUser,
    SequenceModel,
    SimilarItem,
    SimilarUser,
    SpaceCoverage,
    TopicOfDay,
    Trending,
    UserDrift,
    UserTopic,
    UserVariant,
)

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Query(Generic[RowT]):
    """A statement, its parameters, and what its rows become."""

    statement: sql.Composed
    """A SELECT of named columns, with named placeholders."""
    parameters: dict[str, Any]
    """A value for each placeholder."""
    make_row: Callable[..., RowT]
    """Takes the columns of a row by name."""


def recommend(
    user: str,
    k: int = 10,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    diversity: float | None = None,
    explore: float | None = None,
    quotas: Mapping[str, int] | None = None,
    space: int | None = None,
) -> Query[Recommended]:
    """What `user` should see next, best first: `k` items (1 to 1,000), or as many as are left.

    Items that the user has seen or disliked never come, nor do their variants. `where` keeps the
    items that pass it; `exclude` leaves out items and their variants by id, such as those of the
    pages before; `diversity` goes from 0 (rank by score alone) to 1 (by distance from the items
    above), 0.3 unless given; `explore` raises items that nobody has liked yet (0, not at all, to
    1), 0.1 unless given; `quotas` is how many items of a type are in the answer (`{"course": 2}`),
    other types take the rest; `space` is an embedding space, the active one unless named. While an
    experiment runs, the user's variant says what is not given (`Parts.variant`). An unknown user
    gets what is popular.
    """
    return _query(
        "recommend",
        Recommended,
        p_user=user,
        p_k=k,
        p_filter=where,
        p_exclude=list(exclude),
        p_diversity=diversity,
        p_explore=explore,
        p_quotas=None if not quotas else Jsonb(dict(quotas)),
        p_space=space,
    )


def recommend_many(
    users: Sequence[str],
    k: int = 10,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    diversity: float | None = None,
    explore: float | None = None,
    quotas: Mapping[str, int] | None = None,
    space: int | None = None,
) -> Query[RecommendedTo]:
    """`recommend` for each of `users` in one call, which takes about half the time.

    Rows of a user come together, in the order of `users`. A user who is named twice is answered
    once.
    """
    return _query(
        "recommend_many",
        RecommendedTo,
        p_users=list(users),
        p_k=k,
        p_filter=where,
        p_exclude=list(exclude),
        p_diversity=diversity,
        p_explore=explore,
        p_quotas=None if not quotas else Jsonb(dict(quotas)),
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
) -> Query[FoundItem]:
    """Items like `item` for `user`, best first, without those that the user has seen or disliked.

    `personal` (0 to 1) is how much the cosine with the user's windows adds to that with the item;
    the other arguments are those of `recommend`. Raises UnknownItemError for an item without a
    vector.
    """
    return _query(
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
) -> Query[SimilarItem]:
    """The `k` items most similar to `item`, for any user, most similar first.

    Raises UnknownItemError for an item without a vector.
    """
    return _query("similar_items", SimilarItem, p_item=item, p_k=k, p_filter=where, p_space=space)


def similar_users(user: str, k: int = 10, *, space: int | None = None) -> Query[SimilarUser]:
    """The `k` users whose taste is most similar to that of `user`, most similar first.

    A user without windows, such as an unknown one, has no rows.
    """
    return _query("similar_users", SimilarUser, p_user=user, p_k=k, p_space=space)


def recommend_users(
    user: str, k: int = 10, *, exclude_users: Collection[str] = (), space: int | None = None
) -> Query[RecommendedUser]:
    """The `k` users of similar interest whom `user` may want to meet, with the reasons.

    `exclude_users` are left out, such as those whom `user` knows. Users who opted out are neither
    shown nor answered; an unknown user has no rows.
    """
    return _query(
        "recommend_users",
        RecommendedUser,
        p_user=user,
        p_k=k,
        p_exclude_users=list(exclude_users),
        p_space=space,
    )


def recommend_topics(
    user: str, k: int = 5, *, titles: int = 3, space: int | None = None
) -> Query[RecommendedTopic]:
    """The `k` named topics near what `user` likes that `user` has not had yet, rising ones first.

    Each row has the titles of up to `titles` items (1 to 1,000) of the topic. An unknown user has
    no rows.
    """
    return _query(
        "recommend_topics", RecommendedTopic, p_user=user, p_k=k, p_titles=titles, p_space=space
    )


def search_items(
    vector: Sequence[float],
    k: int = 10,
    *,
    user: str | None = None,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    personal: float = 0.15,
    space: int | None = None,
) -> Query[FoundItem]:
    """The `k` items nearest to an encoded text, nearest first.

    `vector` is what the encoder of the space gives for the text with the query prompt: as many
    numbers as the space has dimensions, else InvalidQuestionError. With `user`, items that the user
    has seen or disliked are left out, and the cosine with the user's windows times `personal` (0 to
    1) is added to the score.
    """
    return _query(
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


def ask_items(
    wanted: Sequence[float] | None = None,
    k: int = 10,
    *,
    refused: Sequence[Sequence[float]] = (),
    user: str | None = None,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    like: Collection[str] = (),
    unlike: Collection[str] = (),
    refused_words: Collection[str] = (),
    absences: Collection[str] = (),
    personal: float = 0.15,
    refuse: float = 1.0,
    space: int | None = None,
) -> Query[AskedItem]:
    """The `k` items for a request in words, best first: what is wanted in, what is refused out.

    `wanted` is the vector of the wanted text as the encoder gives it with the query prompt, and
    `refused` one such vector for each refused text; `like` and `unlike` are items that the answer
    shall be like and unlike. `refused_words` leaves out items whose title or text says one of them,
    unless in a phrase of `absences` ("{}-free"). `refuse` (0 to 10) is how much being near to
    something refused takes off; an item that is nearer to it than to what is wanted is left out.
    The other arguments are those of `search_items`. Raises UnknownItemError for an item without a
    vector.
    """
    return _query(
        "ask_items",
        AskedItem,
        p_wanted=None if wanted is None else list(wanted),
        p_k=k,
        p_refused=[list(each) for each in refused],
        p_user=user,
        p_filter=where,
        p_exclude=list(exclude),
        p_like=list(like),
        p_unlike=list(unlike),
        p_refused_words=list(refused_words),
        p_absences=list(absences),
        p_personal=personal,
        p_refuse=refuse,
        p_space=space,
    )


def trending(
    k: int = 10,
    *,
    category: str | None = None,
    as_of: datetime | None = None,
    half_life: timedelta | None = None,
    horizon: str | None = None,
    rising: bool = False,
) -> Query[Trending]:
    """The `k` most popular available items, best first, of one category or of all.

    `horizon` names what the job counts over (`hour`, `day`, `week`, `all`, ...); `rising` orders by
    how far items are above what the next longer horizon predicts. `as_of` looks back to that time
    and `half_life` halves interactions with their age: both read the newest pairs of users and
    items in the place of a horizon. None stands for the newest that the job has counted.
    """
    return _query(
        "trending",
        Trending,
        p_k=k,
        p_category=category,
        p_as_of=as_of,
        p_half_life=half_life,
        p_horizon=horizon,
        p_rising=rising or None,
    )


def user_interests(user: str, *, titles: int = 3, space: int | None = None) -> Query[Interest]:
    """What `user` is interested in, readable: windows, interests, topics and dislikes.

    Each row has the titles of up to `titles` items (1 to 1,000) near it. An unknown user has no
    rows.
    """
    return _query("user_interests", Interest, p_user=user, p_titles=titles, p_space=space)


def user_topics(user: str, k: int = 5, *, space: int | None = None) -> Query[UserTopic]:
    """The `k` strongest named topics of `user`, and `other` for the rest; shares add up to 1.

    An unknown user has no rows.
    """
    return _query("user_topics", UserTopic, p_user=user, p_k=k, p_space=space)


def user_topic_history(user: str, days: int = 28, *, space: int | None = None) -> Query[TopicOfDay]:
    """How the topics of `user` moved over the `days` days (1 to 400) up to the newest event.

    Rows come by day, oldest first, the strongest topic of a day first, `other` last. Days on which
    the user did nothing, or that `interestream maintain` has not kept, have no rows; the newest day
    is as the user is now. An unknown user has no rows.
    """
    return _query("user_topic_history", TopicOfDay, p_user=user, p_days=days, p_space=space)


def user_drift(user: str, *, space: int | None = None) -> Query[UserDrift]:
    """How far the learned interest of `user` has moved since an earlier week, in a sentence, too.

    Titles are of items near either vector. At most one row; a user without a vector of an earlier
    week has none.
    """
    return _query("user_drift", UserDrift, p_user=user, p_space=space)


def sequence_models(*, space: int | None = None) -> Query[SequenceModel]:
    """The sequence models of a space, newest first, and whether training again pays."""
    return _query("sequence_models", SequenceModel, p_space=space)


def why_not(
    item: str,
    user: str | None = None,
    *,
    where: ItemFilter | None = None,
    exclude: Collection[str] = (),
    space: int | None = None,
) -> Query[Obstacle]:
    """Why `item` cannot be among the recommendations for `user`, or for anybody: its obstacles.

    No row says that nothing stands against it, and its score decides. `where` and `exclude` are
    those of `recommend`.
    """
    return _query(
        "why_not",
        Obstacle,
        p_item=item,
        p_user=user,
        p_filter=where,
        p_exclude=list(exclude),
        p_space=space,
    )


def job_status(*, space: int | None = None) -> Query[JobStream]:
    """What the job of a space has done, one row per stream."""
    return _query("job_status", JobStream, p_space=space)


def explain_filter(where: ItemFilter | None = None) -> Query[FilterCondition]:
    """How many available items meet each condition of a filter, and how many are left after it.

    A filter that filters nothing has no rows. The whole catalogue is read.
    """
    return _query("explain_filter", FilterCondition, p_filter=where)


def no_item_passes(where: ItemFilter | None = None) -> Query[FilterVerdict]:
    """Whether no available item passes a filter, and which of its conditions leaves none: one row.

    To be asked when an answer is empty: "no item passes: price below 5 leaves 0 of 9,742".
    """
    return _query("no_item_passes", FilterVerdict, p_filter=where)


def catalogue_words(rows: int = 20_000, values: int = 50) -> Query[CatalogueWord]:
    """What the catalogue has names for: categories, attributes that are numbers, and their values.

    About `rows` available items are looked at; an attribute with more than `values` different texts
    has none.
    """
    return _query("catalogue_words", CatalogueWord, p_rows=rows, p_values=values)


def click_through(*, space: int | None = None) -> Query[ClickThrough]:
    """How often what is recommended is clicked, by source, place, segment and variant."""
    return _query("click_through", ClickThrough, p_space=space)


def learned(*, space: int | None = None) -> Query[Learned]:
    """What counts in the score of each segment of users, in words and as weights."""
    return _query("learned", Learned, p_space=space)


def previous_space() -> Query[PreviousSpace]:
    """The space that was active before the active one, as one row."""
    return _query("previous_space", PreviousSpace)


def space_coverage(space: int, *, against: int | None = None) -> Query[SpaceCoverage]:
    """How much `space` covers of the space `against`, the active one unless named, as one row."""
    return _query("space_coverage", SpaceCoverage, p_space=space, p_against=against)


def user_variant(user: str, *, experiment: str | None = None) -> Query[UserVariant]:
    """The variant that `user` has in `experiment`, or in the one that runs, as one row.

    No row for a user outside of the experiment's shares, or when none runs. Raises
    InvalidQuestionError for an experiment that does not exist.
    """
    return _query("user_variant", UserVariant, p_user=user, p_experiment=experiment)


def experiment_report(
    experiment: str | None = None, *, action: str | None = None, per_user: bool = False
) -> Query[ExperimentResult]:
    """How the variants of `experiment`, or of the one that started last, do against the first one.

    A success is a shown item with which the user did `action` afterwards, or anything positive. The
    rate is that of shown items, or with `per_user` of users who were shown any. Without any
    experiment there are no rows.
    """
    return _query(
        "experiment_report",
        ExperimentResult,
        p_experiment=experiment,
        p_action=action,
        p_per_user=per_user,
    )


def with_pseudonyms(query: Query[RowT], pseudonyms: Pseudonyms) -> Query[RowT]:
    """The query with pseudonyms in the place of its users.

    Rows of an answer about these users name them as the query did.
    """
    hidden = {"p_user", "p_users", "p_exclude_users"} & query.parameters.keys()
    if not hidden:
        return query
    parameters = dict(query.parameters)
    names: dict[str, str] = {}
    for name in hidden:
        given = parameters[name]
        users = given if isinstance(given, list) else [given]
        names |= {pseudonyms(user): user for user in reversed(users)}
        hidden_users = [pseudonyms(user) for user in users]
        parameters[name] = hidden_users if isinstance(given, list) else hidden_users[0]

    def make_row(**columns: Any) -> RowT:
        if "user_id" in columns:
            columns["user_id"] = names.get(columns["user_id"], columns["user_id"])
        return query.make_row(**columns)

    return replace(query, parameters=parameters, make_row=make_row)


# Arrays are sent with their type, since Postgres cannot infer it from an empty one.
_TYPES = {
    "p_users": "text[]",
    "p_exclude": "text[]",
    "p_exclude_users": "text[]",
    "p_vector": "real[]",
    "p_wanted": "real[]",
    "p_refused": "real[]",
    "p_like": "text[]",
    "p_unlike": "text[]",
    "p_refused_words": "text[]",
    "p_absences": "text[]",
}


def _query(function: str, row: type[RowT], **arguments: Any) -> Query[RowT]:
    """A call of a function by named arguments. Values travel as parameters."""
    parameters: dict[str, Any] = {}
    call = []
    for name, value in arguments.items():
        if isinstance(value, ItemFilter):
            own = []
            for part, (given, kind) in value.arguments().items():
                parameters[f"filter_{part}"] = given
                own.append(
                    sql.SQL("{} => {}::" + kind).format(
                        sql.Identifier(part), sql.Placeholder(f"filter_{part}")
                    )
                )
            argument = sql.SQL("interestream.item_filter({})").format(sql.SQL(", ").join(own))
        elif value is None:
            continue  # The function has a default of its own.
        else:
            parameters[name] = value
            argument = sql.Composed([sql.Placeholder(name)])
            if name in _TYPES:
                argument = argument + sql.SQL("::" + _TYPES[name])
        call.append(sql.SQL("{} => {}").format(sql.Identifier(name), argument))
    columns = [field.name for field in fields(cast(Any, row))]
    statement = sql.SQL("SELECT {} FROM interestream.{}({})").format(
        sql.SQL(", ").join([sql.Identifier(name) for name in columns]),
        sql.Identifier(function),
        sql.SQL(", ").join(call),
    )
    return Query(statement, parameters, _maker(row))


def _maker(row: type[RowT]) -> Callable[..., RowT]:
    parts = {field.name for field in fields(Parts)}

    def make(**columns: Any) -> RowT:
        if "parts" in columns:
            # A database of a later version may say more.
            known = {name: part for name, part in columns["parts"].items() if name in parts}
            columns["parts"] = Parts(**known)
        return row(**columns)

    return make
