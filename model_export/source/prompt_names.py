"""Names that makers of models give their prompts, by what the prompts are for."""

from collections.abc import Mapping
from typing import Literal

Use = Literal["query", "document", "other"]

QUERY_NAMES = (
    "query",
    "queries",
    "search_query",
    "retrieval.query",
    "web_search_query",
    "s2p_query",
    "question",
    "questions",
)
"""Prompts in front of what a user wants, the plainest first."""
DOCUMENT_NAMES = (
    "document",
    "documents",
    "passage",
    "passages",
    "corpus",
    "doc",
    "docs",
    "search_document",
    "search_passage",
    "retrieval.document",
    "retrieval.passage",
)
"""Prompts in front of what an item is, the plainest first."""
OTHER_NAMES = (
    "bitext_mining",
    "bitext_query",
    "classification",
    "clustering",
    "instruction_retrieval",
    "multilabel_classification",
    "pair_classification",
    "reranking",
    "s2s_query",
    "separation",
    "sts",
    "sts_query",
    "summarization",
    "summarization_query",
    "text-matching",
)
"""Prompts of tasks that nothing here does."""


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_USES: Mapping[str, Use] = {
    **{_squashed(name): "query" for name in QUERY_NAMES},
    **{_squashed(name): "document" for name in DOCUMENT_NAMES},
    **{_squashed(name): "other" for name in OTHER_NAMES},
}
_RANKS = {_squashed(name): rank for rank, name in enumerate((*QUERY_NAMES, *DOCUMENT_NAMES))}


def use_of(name: str) -> Use | None:
    """Return what a prompt of this name is for, None where that is not plain.

    Case and marks between words do not matter.

    >>> use_of("Retrieval-query"), use_of("passage"), use_of("STS"), use_of("s2p")
    ('query', 'document', 'other', None)
    """
    return _USES.get(_squashed(name))


def plainest(names: list[str]) -> str | None:
    """Return the plainest of several names of one side; None where there is none.

    >>> plainest(["s2p_query", "query"])
    'query'
    """
    return min(names, key=lambda name: _RANKS[_squashed(name)], default=None)
