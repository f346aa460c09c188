"""MovieLens (`ml-latest-small` and its kin): movies, ratings and free tags."""

from collections.abc import Iterator
from pathlib import Path

from jobs.datasets.dataset import Dataset, PassCount, Record
from jobs.datasets.files import count_rows, csv_rows
from jobs.datasets.order import by_time
from jobs.datasets.rows import event_record, item_record, published_at

_NO_GENRES = "(no genres listed)"


def movielens(folder: Path) -> Dataset:
    """`movies.csv`, `ratings.csv` and, where it exists, `tags.csv`.

    A rating is a `rating` of 0.5 to 5; a tag is a `comment` on the movie. The files are
    grouped by user, so events are sorted by time in memory; ties keep the files' order,
    ratings before tags.
    """
    tags = folder / "tags.csv"
    items_read, events_read = PassCount(), PassCount()
    rows = [count_rows(folder / "ratings.csv", header_lines=1) or 0]
    if tags.exists():
        rows.append(count_rows(tags, header_lines=1) or 0)
    return Dataset(
        name="movielens",
        items=lambda: _items(folder, items_read),
        events=lambda: iter(by_time(_events(folder, events_read))),
        item_rows=count_rows(folder / "movies.csv", header_lines=1),
        event_rows=sum(rows),
        items_read=items_read,
        events_read=events_read,
    )


def _items(folder: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in csv_rows(folder / "movies.csv"):
        title = row.get("title")
        genres = row.get("genres", "").replace(_NO_GENRES, "").split("|")
        record, whole = item_record(
            item_id=row.get("movieId"),
            title=title,
            text=", ".join(genres),
            categories=genres,
            published_at=published_at(title),
        )
        count.add(broken=not whole)
        yield record


def _events(folder: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in csv_rows(folder / "ratings.csv"):
        user, movie, time = row.get("userId"), row.get("movieId"), row.get("timestamp")
        record, whole = event_record(
            event_id=f"r-{user}-{movie}-{time}",
            user_id=user,
            action="rating",
            item_id=movie,
            time=time,
            time_unit="s",
            value=row.get("rating", ""),
        )
        count.add(broken=not whole)
        yield record
    if not (folder / "tags.csv").exists():
        return
    # A user gives a movie several tags within one second: they are told apart by their number.
    given: dict[str, int] = {}
    for row in csv_rows(folder / "tags.csv"):
        user, movie, time = row.get("userId"), row.get("movieId"), row.get("timestamp")
        event_id = f"t-{user}-{movie}-{time}"
        number = given[event_id] = given.get(event_id, 0) + 1
        record, whole = event_record(
            event_id=f"{event_id}-{number}",
            user_id=user,
            action="comment",
            item_id=movie,
            time=time,
            time_unit="s",
            text=row.get("tag"),
        )
        count.add(broken=not whole)
        yield record
