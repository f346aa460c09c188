"""Ask Interestream from Python: `Recommender`, `AsyncRecommender`, filters, rows and errors."""

from interestream.async_recommender import AsyncRecommender
from interestream.errors import (
    AskError,
    InvalidQuestionError,
    NoActiveSpaceError,
    NotAllowedError,
    PseudonymKeyError,
    UnknownItemError,
    UnknownSpaceError,
)
from interestream.item_filter import ItemFilter
from interestream.pseudonyms import Pseudonyms, read_pseudonyms
from interestream.recommender import Recommender
from interestream.rows import (
    FilterCondition,
    FilterVerdict,
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
    "FilterCondition",
    "FilterVerdict",
    "FoundItem",
    "Interest",
    "InvalidQuestionError",
    "ItemFilter",
    "JobStream",
    "NoActiveSpaceError",
    "NotAllowedError",
    "Parts",
    "PseudonymKeyError",
    "Pseudonyms",
    "Recommended",
    "RecommendedTo",
    "Recommender",
    "SimilarItem",
    "SimilarUser",
    "Trending",
    "UnknownItemError",
    "UnknownSpaceError",
    "UserTopic",
    "read_pseudonyms",
]
