"""Prompts of well-known models whose repositories state them in prose only."""

import re

from udfs.bundle import Prompts

_KNOWN: tuple[tuple[str, Prompts], ...] = (
    (
        r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?",
        Prompts(query="query: ", document="passage: "),
    ),
    (
        r"bge-(small|base|large)-en(-v1\.5)?",
        Prompts(query="Represent this sentence for searching relevant passages: "),
    ),
)


def known_prompts(name: str) -> Prompts:
    """Return the prompts by the last part of a model's name; empty where none are known.

    >>> known_prompts("intfloat/multilingual-e5-small").document
    'passage: '
    """
    last = name.rpartition("/")[2].lower()
    return next((prompts for form, prompts in _KNOWN if re.fullmatch(form, last)), Prompts())
