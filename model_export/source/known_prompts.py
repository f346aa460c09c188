"""Prompts of well-known models whose repositories state them in prose only."""

import re

from udfs.bundle import Prompts

_INSTRUCTION = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)

_KNOWN: tuple[tuple[str, Prompts], ...] = (
    (
        r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?",
        Prompts(query="query: ", document="passage: "),
    ),
    (
        r"bge-(small|base|large)-en(-v1\.5)?",
        Prompts(query="Represent this sentence for searching relevant passages: "),
    ),
    (
        r"bge-(small|base|large)-zh(-v1\.5)?",
        Prompts(query="为这个句子生成表示以用于检索相关文章："),
    ),
    (r"multilingual-e5-large-instruct|e5-mistral-7b-instruct", Prompts(query=_INSTRUCTION)),
)


def known_prompts(name: str) -> Prompts:
    """Return the prompts by the last part of a model's name; empty where none are known.

    >>> known_prompts("intfloat/multilingual-e5-small").document
    'passage: '
    """
    last = name.rpartition("/")[2].lower()
    return next((prompts for form, prompts in _KNOWN if re.fullmatch(form, last)), Prompts())
