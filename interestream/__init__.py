"""Ask Interestream from Python: `Recommender`, `AsyncRecommender`, filters, rows and errors."""

from interestream.answer import Answer
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
    AskedItem,
    FilterCondition,
    FilterVerdict,
    FoundItem,
    Interest,
    JobStream,
    Learned,
    Parts,
    PreviousSpace,
    Recommended,
    RecommendedTo,
    RecommendedTopic,
    RecommendedUser,
    SimilarItem,
    SimilarUser,
    SpaceCoverage,
    Trending,
    UserTopic,
)

__all__ = [
    "Answer",
    "AskError",
    "AskedItem",
    "AsyncRecommender",
    "FilterCondition",
    "FilterVerdict",
    "FoundItem",
    "Interest",
    "InvalidQuestionError",
    "ItemFilter",
    "JobStream",
    "Learned",
    "NoActiveSpaceError",
    "NotAllowedError",
    "Parts",
    "PreviousSpace",
    "PseudonymKeyError",
    "Pseudonyms",
    "Recommended",
    "RecommendedTo",
    "RecommendedTopic",
    "RecommendedUser",
    "Recommender",
    "SimilarItem",
    "SimilarUser",
    "SpaceCoverage",
    "Trending",
    "UnknownItemError",
    "UnknownSpaceError",
    "UserTopic",
    "read_pseudonyms",
]
