"""Rows of the answers; a field has the name of its column."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Parts:
    """What a score is made of, before the weights; None where it does not count.

    `blend`, `interest`, `dislike` and those of `windows` are cosines.
    """

    blend: float | None = None
    interest: float | None = None
    dislike: float | None = None
    popularity: float | None = None
    windows: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """What a user should see, and why; `rank` counts from 1."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    reason: str
    source: str
    """The window the item is nearest to, `interest`, `trending` or `new`."""
    source_item_id: str | None
    """The interest's medoid."""
    source_title: str | None
    nearest_liked_item_id: str | None
    nearest_liked_title: str | None
    parts: Parts


@dataclass(frozen=True, kw_only=True)
class RecommendedTo(Recommended):
    """The same in an answer for many users."""

    user_id: str


@dataclass(frozen=True, kw_only=True)
class SimilarItem:
    """An item like another one; `similarity` is their cosine."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    similarity: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class FoundItem:
    """An item near a text or an item, for a user; `similarity` is the cosine with that."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    similarity: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class SimilarUser:
    """A user of a similar taste; `similarity` is the cosine of all their windows together."""

    rank: int
    user_id: str
    similarity: float
    liked_in_common: int
    reason: str
    common_item_id: str | None
    common_title: str | None


@dataclass(frozen=True, kw_only=True)
class JobStream:
    """What the job has done with one stream in a space."""

    space_id: int
    stream: str
    buckets: int
    records_in: int
    applied: int
    duplicates: int
    dead_letters: int
    excluded: int
    waiting: int
    newest_commit: datetime
    oldest_commit: datetime


@dataclass(frozen=True, kw_only=True)
class Interest:
    """A window (`recent`, `session`, `day`, `month`), an `interest`, a `topic` or the `dislikes`
    of a user; `topic` is the named topic nearest to it."""

    kind: str
    rank: int
    label: str | None
    categories: list[str] | None
    share: float | None
    size: int | None
    as_of: datetime
    titles: list[str] | None
    topic: str | None


@dataclass(frozen=True, kw_only=True)
class UserTopic:
    """A named topic and its share of what a user turns to, or `other`, which has no cosine."""

    rank: int
    topic: str
    share: float
    cosine: float | None
    as_of: datetime


@dataclass(frozen=True, kw_only=True)
class Trending:
    """An item with recent attention; `score` halves with age."""

    rank: int
    item_id: str
    title: str
    categories: list[str]
    score: float
    interactions: int
    as_of: datetime
