"""The MovieLens adapter, on small files in the real layout."""

from pathlib import Path

import pytest

from jobs.datasets.detect import open_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\n"
        "1,Toy Story (1995),Adventure|Animation\n"
        '11,"American President, The (1995)",Comedy|Drama\n'
        "9,Cosmos,(no genres listed)\n"
        "12\n",
        encoding="utf-8",
    )
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n"
        "1,1,4.5,964982703\n"
        "1,11,0.5,964981247\n"
        "2,9,5.0,964990000\n"
        "2,9,,964990001\n"
        "2,9,3.0,yesterday\n"
    )
    (tmp_path / "tags.csv").write_text(
        "userId,movieId,tag,timestamp\n"
        '2,9,"slow, but lovely",964990000\n'
        "2,9,space,964990000\n"
        "2,9,,964990009\n"
    )
    return tmp_path


def test_a_movie_becomes_an_item_with_its_genres_as_text_and_categories(folder: Path) -> None:
    items = list(open_dataset(folder).items())
    assert items[0] == {
        "item_id": "1",
        "title": "Toy Story (1995)",
        "text": "Adventure, Animation",
        "categories": ["Adventure", "Animation"],
        "published_at": "1995-01-01T00:00:00Z",
    }
    assert items[1]["title"] == "American President, The (1995)"  # type: ignore[call-overload]


def test_a_movie_without_genres_has_neither_text_nor_categories(folder: Path) -> None:
    assert list(open_dataset(folder).items())[2] == {"item_id": "9", "title": "Cosmos"}


def test_ratings_and_tags_come_in_the_order_of_time_with_ratings_first(folder: Path) -> None:
    events = list(open_dataset(folder).events())
    assert [event["event_id"] for event in events if isinstance(event, dict)] == [
        "r-1-11-964981247",
        "r-1-1-964982703",
        "r-2-9-964990000",
        "t-2-9-964990000-1",
        "t-2-9-964990000-2",
        "r-2-9-964990001",
        "r-2-9-yesterday",
        "t-2-9-964990009-1",
    ]
    assert events[0] == {
        "event_id": "r-1-11-964981247",
        "user_id": "1",
        "action": "rating",
        "event_time": 964_981_247_000,
        "item_id": "11",
        "value": 0.5,
    }
    assert events[3] == {
        "event_id": "t-2-9-964990000-1",
        "user_id": "2",
        "action": "comment",
        "event_time": 964_990_000_000,
        "item_id": "9",
        "text": "slow, but lovely",
    }


def test_a_row_that_cannot_be_mapped_is_passed_on_with_what_is_there_and_counted(
    folder: Path,
) -> None:
    dataset = open_dataset(folder)
    for _ in range(2):
        events, items = list(dataset.events()), list(dataset.items())
    broken = [event for event in events if isinstance(event, dict) and event["user_id"] == "2"]
    assert broken[3]["value"] == ""
    assert broken[4]["event_time"] == "yesterday"
    assert items[3] == b"12"
    assert dataset.items_read.reasons == {"too few cells": 1}
    assert (dataset.events_read.rows, dataset.events_read.broken) == (8, 2)
    assert (dataset.items_read.rows, dataset.items_read.broken) == (4, 1)


def test_rows_are_counted_without_reading_them_as_records(folder: Path) -> None:
    dataset = open_dataset(folder)
    assert (dataset.item_rows, dataset.event_rows) == (4, 8)


def test_the_older_releases_are_read_in_their_encoding(tmp_path: Path) -> None:
    for encoding in ("latin-1", "utf-8"):
        (tmp_path / "movies.dat").write_text(
            '1::Léon: "The" Pro (1994)::Crime|Drama\n2::Cosmos::(no genres listed)\n',
            encoding=encoding,
        )
        (tmp_path / "ratings.dat").write_text("7::1::5::978300760\n7::2::0.5::978300700\n")
        (tmp_path / "tags.dat").write_text("7::1::calm: very::978300800\n")
        dataset = open_dataset(tmp_path)
        assert (dataset.name, dataset.item_rows, dataset.event_rows) == ("movielens", 2, 3)
        items, events = list(dataset.items()), list(dataset.events())
        assert items[0]["title"] == 'Léon: "The" Pro (1994)'  # type: ignore[call-overload]
        assert items[1] == {"item_id": "2", "title": "Cosmos"}
        assert [event["event_id"] for event in events if isinstance(event, dict)] == [
            "r-7-2-978300700",
            "r-7-1-978300760",
            "t-7-1-978300800-1",
        ]


def test_tags_may_be_missing(folder: Path) -> None:
    (folder / "tags.csv").unlink()
    assert len(list(open_dataset(folder).events())) == 5
