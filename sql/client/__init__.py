"""Ask Interestream from Python: `Recommender`, `AsyncRecommender`, filters, rows and errors."""

from sql.client.async_recommender import AsyncRecommender
from sql.client.errors import (
    AskError,
    InvalidQuestionError,
    NoActiveSpaceError,
    NotAllowedError,
    UnknownItemError,
    UnknownSpaceError,
)
from sql.client.item_filter import ItemFilter
from sql.client.recommender import Recommender
from sql.client.rows import (
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

__all__ = [
    "AskError",
    "AsyncRecommender",
    "FoundItem",
    "Interest",
    "InvalidQuestionError",
    "ItemFilter",
    "JobStream",
    "NoActiveSpaceError",
    "NotAllowedError",
    "Parts",
    "Recommended",
    "RecommendedTo",
    "Recommender",
    "SimilarItem",
    "SimilarUser",
    "Trending",
    "UnknownItemError",
    "UnknownSpaceError",
    "UserTopic",
]
