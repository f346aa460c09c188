"""A data set whose items have the ids of others is told before it replaces them."""

import psycopg
import pytest

from jobs.datasets.dataset import Dataset, Line
from jobs.replay.other_catalogue import OtherCatalogueError, check_same_catalogue
from tests.sql.builders import add_item


def movies(count: int, title: str = "Movie", *more: Line) -> Dataset:
    lines: list[Line] = [{"item_id": f"{n}", "title": f"{title} {n}"} for n in range(count)]
    return Dataset("movies", lambda: iter([*lines, *more]), lambda: iter(()))


@pytest.fixture
def catalogue(db: psycopg.Connection) -> psycopg.Connection:
    for number in range(30):
        add_item(db, f"{number}", title=f"Movie {number}")
    return db


def test_the_same_catalogue_and_more_of_it_is_fed_again(catalogue):
    check_same_catalogue(catalogue, movies(60))


def test_another_catalogue_with_the_same_ids_is_named_with_an_example(catalogue):
    with pytest.raises(OtherCatalogueError) as refused:
        check_same_catalogue(catalogue, movies(60, "Book", b"{", b'["x"]', {"item_id": "9"}))
    assert "30 of 30 items that movies and the database both have" in str(refused.value)
    assert "0 is 'Movie 0' there, and 'Book 0' here" in str(refused.value)
    assert "--overwrite-items" in str(refused.value)


def test_titles_of_some_items_may_change(catalogue):
    catalogue.execute("UPDATE interestream.items SET title = 'x' WHERE item_id::int % 3 = 0")
    check_same_catalogue(catalogue, movies(30))


def test_a_few_common_ids_tell_nothing(catalogue):
    check_same_catalogue(catalogue, movies(9, "Book"))


def test_an_empty_database_takes_any(db):
    check_same_catalogue(db, movies(60))
