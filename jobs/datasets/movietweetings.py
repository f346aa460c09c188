"""MovieTweetings: movie ratings of 0 to 10 posted on a social network."""

from collections.abc import Iterator
from pathlib import Path

from jobs.datasets.dataset import Dataset, PassCount, Record
from jobs.datasets.files import count_rows, text_lines
from jobs.datasets.order import by_time
from jobs.datasets.rows import event_record, item_record, published_at


def movietweetings(folder: Path) -> Dataset:
    """`movies.dat` and `ratings.dat`, fields split by `::`, times in seconds.

    Ratings are halved to 0-5. The file is grouped by user, so events are sorted by time in
    memory; ties keep the file's order.
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
        title = row.get("title")
        genres = row.get("genres", "").split("|")
        record, whole = item_record(
            item_id=_movie_id(row.get("movie")),
            title=title,
            text=", ".join(genres),
            categories=genres,
            published_at=published_at(title),
        )
        count.add(broken=not whole)
        yield record


def _events(path: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in _fields(path, ("user", "movie", "rating", "time")):
        user, movie, time = row.get("user"), _movie_id(row.get("movie")), row.get("time")
        record, whole = event_record(
            event_id=f"r-{user}-{movie}-{time}",
            user_id=user,
            action="rating",
            item_id=movie,
            time=time,
            time_unit="s",
            value=row.get("rating", ""),
            value_factor=0.5,
        )
        count.add(broken=not whole)
        yield record
