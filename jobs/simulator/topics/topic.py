"""The form of a topic: the phrases that titles, texts and searches are made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Local:
    """The topic in another language: phrases that fit after a preposition, and sentences."""

    language: str
    subjects: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """One subject of the catalogue."""

    name: str
    group: str
    """The first category of its items."""
    subjects: tuple[str, ...]
    """Noun phrases in lower case that fit after "about" and before "for beginners"."""
    books: tuple[str, ...]
    kits: tuple[str, ...]
    films: tuple[str, ...]
    magazines: tuple[str, ...]
    talks: tuple[str, ...]
    sentences: tuple[str, ...]
    """Whole sentences about the topic, which fit any description."""
    queries: tuple[str, ...]
    """Searches of a user who wants this topic."""
    elsewhere: tuple[Local, ...]
    """The topic in other languages."""


def lines(text: str) -> tuple[str, ...]:
    """One entry per line that is not blank.

    >>> lines('''
    ...     rye starters
    ...     crisp crusts
    ... ''')
    ('rye starters', 'crisp crusts')
    """
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def words(text: str) -> tuple[str, ...]:
    """One entry per word."""
    return tuple(text.split())
