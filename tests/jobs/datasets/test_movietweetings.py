"""The MovieTweetings adapter, on small files in the real layout."""

from pathlib import Path

import pytest

from jobs.datasets.detect import open_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "movies.dat").write_text(
        "0002844::Fantômas - À l'ombre de la guillotine (1913)::Crime|Drama\n"
        "1853728::Django Unchained (2012)::\n",
        encoding="utf-8",
    )
    (tmp_path / "ratings.dat").write_text(
        "1::1853728::9::1366576639\n2::2844::0::1364118447\n2::1853728::7\n"
    )
    return tmp_path


def test_a_film_becomes_an_item(folder: Path) -> None:
    assert list(open_dataset(folder).items()) == [
        {
            "item_id": "0002844",
            "title": "Fantômas - À l'ombre de la guillotine (1913)",
            "text": "Crime, Drama",
            "categories": ["Crime", "Drama"],
            "published_at": "1913-01-01T00:00:00Z",
        },
        {
            "item_id": "1853728",
            "title": "Django Unchained (2012)",
            "published_at": "2012-01-01T00:00:00Z",
        },
    ]


def test_ratings_are_halved_and_sorted_and_short_film_numbers_meet_the_catalogue(
    folder: Path,
) -> None:
    events = list(open_dataset(folder).events())
    assert events[0] == {
        "event_id": "r-2-0002844-1364118447",
        "user_id": "2",
        "action": "rating",
        "event_time": 1_364_118_447_000,
        "item_id": "0002844",
        "value": 0.0,
    }
    assert [event.get("value") for event in events if isinstance(event, dict)] == [0.0, 3.5, 4.5]


def test_a_short_row_is_passed_on_without_its_time_and_counted(folder: Path) -> None:
    dataset = open_dataset(folder)
    short = list(dataset.events())[1]
    assert isinstance(short, dict)
    assert "event_time" not in short
    assert dataset.events_read.broken == 1
