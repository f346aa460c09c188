"""What is read from the database before a request can be planned."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql

from interestream.queries import Query
from jobs.core.asking.find_filters import CatalogueWords
from jobs.core.asking.shifts import ShownItem

SPACE_BUNDLE = (
    "SELECT s.bundle_sha256 FROM interestream.spaces AS s"
    " WHERE s.space_id = interestream.chosen_space(%(space)s)"
)
"""The bundle of the space that answers."""


def words_query() -> Query[tuple[str, str, str | None]]:
    """What the catalogue has names for: rows of kind, name and value."""
    statement = sql.SQL("SELECT kind, name, value FROM interestream.catalogue_words()")
    return Query(sql.Composed([statement]), {}, lambda kind, name, value: (kind, name, value))


def words_of(rows: Iterable[tuple[str, str, str | None]]) -> CatalogueWords:
    """The rows of `words_query` by kind.

    >>> words_of([("category", "Horror", None), ("text", "format", "audio")]).texts
    {'format': ('audio',)}
    """
    categories: list[str] = []
    numbers: list[str] = []
    texts: dict[str, tuple[str, ...]] = {}
    for kind, name, value in rows:
        if kind == "category":
            categories.append(name)
        elif kind == "number":
            numbers.append(name)
        elif value is not None:
            texts[name] = (*texts.get(name, ()), value)
    return CatalogueWords(tuple(categories), tuple(numbers), texts)


def titles_query(items: Sequence[str]) -> Query[tuple[str, str]]:
    """Ids and titles of items."""
    statement = sql.SQL(
        "SELECT i.item_id, i.title FROM interestream.items AS i"
        " WHERE i.item_id = ANY(%(items)s::text[])"
    )
    return Query(
        sql.Composed([statement]), {"items": list(items)}, lambda item_id, title: (item_id, title)
    )


def shown_query(items: Sequence[str]) -> Query[ShownItem]:
    """The items of the list before."""
    statement = sql.SQL(
        "SELECT i.attributes, i.published_at FROM interestream.items AS i"
        " WHERE i.item_id = ANY(%(items)s::text[])"
    )

    def make(attributes: Any, published_at: Any) -> ShownItem:
        return ShownItem(attributes, published_at)

    return Query(sql.Composed([statement]), {"items": list(items)}, make)
