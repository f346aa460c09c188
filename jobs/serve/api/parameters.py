"""Every parameter of the API by its name: type, bounds, and the sentence of the schema."""

import dataclasses
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Json

from interestream.item_filter import ItemFilter
from jobs.serve_settings import Serve

LONGEST_ID = 1_024
"""Characters; what the job accepts is less (`limits.max_id_chars`)."""
_NO_NULL = r"^[^\u0000]*$"
"""Postgres has no null character."""


def _not_too_long(duration: timedelta) -> timedelta:
    if not timedelta(0) < duration <= timedelta(days=36_500):
        raise ValueError("must be longer than nothing and at most 36,500 days")
    return duration


def _is_text(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("must be a text")
    return given


Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=_NO_NULL)]
Name = Annotated[str, Field(max_length=LONGEST_ID, pattern=_NO_NULL)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_is_text)]
Duration = Annotated[
    timedelta, Field(strict=False), BeforeValidator(_is_text), AfterValidator(_not_too_long)
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Space = Annotated[int, Field(ge=1, le=2_147_483_647)]

FILTER = tuple(field.name for field in dataclasses.fields(ItemFilter))
"""The parameters that an ItemFilter is made of."""


def parameters(settings: Serve, *, in_address: bool) -> dict[str, tuple[Any, str]]:
    """Type and sentence of each parameter; `in_address` as it is written in a query string."""
    attributes: Any = Json[dict[str, Any]] if in_address else dict[str, Any]
    bounds = dict[str, dict[str, float]]
    quota = dict[str, Annotated[int, Field(ge=0, le=settings.max_k)]]
    quotas: Any = Json[quota] if in_address else quota
    ranges: Any = Json[bounds] if in_address else bounds
    json = " (a JSON object)." if in_address else "."
    ids = Annotated[list[Id], Field(max_length=settings.max_list)]
    names = Annotated[list[Name], Field(max_length=settings.max_list)]
    number = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
    vector: Any = Annotated[list[number], Field(min_length=1, max_length=16_000)]
    some = Annotated[list[Id], Field(max_length=64)]
    texts = Annotated[list[Name], Field(max_length=64)]
    k = Annotated[int, Field(ge=1, le=settings.max_k)]
    return {
        "user": (Id, "Id of the user, as events name it."),
        "users": (
            Annotated[list[Id], Field(max_length=settings.max_users)],
            "Ids of users; one that is named twice is answered once.",
        ),
        "item": (Id, "Id of the item."),
        "k": (k, "How many rows at most."),
        "days": (Annotated[int, Field(ge=1, le=400)], "How many days up to the newest event."),
        "exclude": (ids, "Ids of items to leave out, with their variants."),
        "exclude_users": (ids, "Ids of users to leave out."),
        "diversity": (Share, "0 ranks by score alone, 1 by distance from the rows above."),
        "explore": (Share, "How much items that nobody has liked yet are raised."),
        "quotas": (
            quotas,
            "How many items of each of these types are in the answer, other types take the rest"
            + json,
        ),
        "personal": (Share, "How much the user's taste counts beside the similarity."),
        "space": (Space, "The embedding space; the active one unless named."),
        "against": (Space, "The space to compare with; the active one unless named."),
        "vector": (
            vector,
            "The vector of a text, by the encoder of the space with its query prompt.",
        ),
        "wanted": (vector, "The vector of the wanted text, likewise."),
        "refused": (
            Annotated[list[vector], Field(max_length=64)],
            "The vector of each refused text, likewise.",
        ),
        "like": (some, "Ids of items that the answer shall be like."),
        "unlike": (some, "Ids of items that the answer shall be unlike."),
        "refused_words": (texts, "No title or text of an item says one of these."),
        "absences": (
            texts,
            "Phrases with {} in the place of such a word that say an item does without it.",
        ),
        "refuse": (
            Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)],
            "How much being near to something refused takes off.",
        ),
        "category": (Name, "Only items of this category."),
        "as_of": (Moment, "Looks back to this time (RFC 3339)."),
        "half_life": (
            Duration,
            "Half-life of an interaction (ISO 8601, such as P7D).",
        ),
        "horizon": (Name, "What the job counts over: `hour`, `day`, `week`, `all`, ..."),
        "rising": (bool, "Whether what rises above its usual share comes first."),
        "experiment": (
            Name,
            "The experiment; the one that runs, or ran last, unless named.",
        ),
        "action": (Name, "What counts as a success; unless named, anything positive."),
        "per_user": (bool, "Whether the rate is that of users, not of shown items."),
        "rows": (
            Annotated[int, Field(ge=1, le=1_000_000)],
            "How many items are looked at, about.",
        ),
        "values": (
            Annotated[int, Field(ge=1, le=1_000)],
            "Different texts of an attribute at most, of one that has values.",
        ),
        "titles": (k, "Titles of each row at most."),
        "categories": (names, "Only items with at least one of these categories."),
        "languages": (names, "Only items in one of these languages."),
        "attributes": (
            attributes,
            "Only items whose attributes contain these" + json,
        ),
        "published_after": (
            Moment,
            "Only items published at this time or later (RFC 3339).",
        ),
        "published_before": (Moment, "Only items published before this time (RFC 3339)."),
        "ranges": (
            ranges,
            "Only items with these attributes as numbers within `min`, `max`, `above` and `below`,"
            ' as in `{"price": {"min": 5, "below": 20}}`' + json,
        ),
        "types": (names, "Only items of one of these types."),
        "not_categories": (names, "No items with one of these categories."),
        "not_words": (names, "No items with one of these words or phrases in title or text."),
        "not_attributes": (
            attributes,
            "No items with one of these values of attributes, a list names several" + json,
        ),
        "not_types": (names, "No items of one of these types."),
    }
