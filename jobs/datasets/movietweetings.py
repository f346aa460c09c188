"""MovieTweetings: movie ratings of 0 to 10 posted on a social network."""

from collections.abc import Iterator
from pathlib import Path

from jobs.datasets.dataset import Dataset, PassCount, Record
from jobs.datasets.files import count_rows, text_lines
from jobs.datasets.movies import movie_item, rating_event
from jobs.datasets.order import by_time


def movietweetings(folder: Path) -> Dataset:
    """The data set of `movies.dat` and `ratings.dat`, with fields separated by `::`.

    Ratings are halved to 0-5. The file is grouped by user, so that events are sorted by time in
    memory; events of one time keep the order of the file. Raises DatasetFileError when a file
    cannot be read.
    """
    items_read, events_read = PassCount(), PassCount()
    return Dataset(
        name="movietweetings",
        items=lambda: _items(folder / "movies.dat", items_read),
        events=lambda: iter(by_time(_events(folder / "ratings.dat", events_read))),
        item_rows=count_rows(folder / "movies.dat"),
        event_rows=count_rows(folder / "ratings.dat"),
        items_read=items_read,
        events_read=events_read,
    )


def _movie_id(found: str | None) -> str | None:
    """Film numbers have at least seven digits; some releases leave out leading zeros."""
    return found.zfill(7) if found and found.isdecimal() else found


def _fields(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for line in text_lines(path):
        yield dict(zip(names, line.rstrip("\r\n").split("::"), strict=False))


def _items(path: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in _fields(path, ("movie", "title", "genres")):
        record, complete = movie_item(
            movie_id=_movie_id(row.get("movie")),
            title=row.get("title"),
            genres=row.get("genres", "").split("|"),
        )
        count.add(broken=not complete)
        yield record


def _events(path: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in _fields(path, ("user", "movie", "rating", "time")):
        record, complete = rating_event(
            user_id=row.get("user"),
            movie_id=_movie_id(row.get("movie")),
            time=row.get("time"),
            value=row.get("rating", ""),
            value_factor=0.5,
        )
        count.add(broken=not complete)
        yield record
