"""MovieLens (`ml-latest-small` and other sizes of the same form): movies, ratings and free tags."""

from collections.abc import Iterator
from pathlib import Path

from jobs.datasets.dataset import Dataset, PassCount, Record
from jobs.datasets.files import count_rows, csv_rows
from jobs.datasets.movies import movie_item, rating_event
from jobs.datasets.order import by_time
from jobs.datasets.rows import event_record

_NO_GENRES = "(no genres listed)"


def movielens(folder: Path) -> Dataset:
    """The data set of `movies.csv`, `ratings.csv` and, where it exists, `tags.csv`.

    A rating is an event `rating` of 0.5 to 5, a tag a `comment` on the movie. The files are
    grouped by user, so that events are sorted by time in memory; events of one time keep the
    order of the files, ratings before tags. Raises DatasetFileError when a file cannot be read.
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
        record, complete = movie_item(
            movie_id=row.get("movieId"),
            title=row.get("title"),
            genres=row.get("genres", "").replace(_NO_GENRES, "").split("|"),
        )
        count.add(broken=not complete)
        yield record


def _events(folder: Path, count: PassCount) -> Iterator[Record]:
    count.restart()
    for row in csv_rows(folder / "ratings.csv"):
        record, complete = rating_event(
            user_id=row.get("userId"),
            movie_id=row.get("movieId"),
            time=row.get("timestamp"),
            value=row.get("rating", ""),
        )
        count.add(broken=not complete)
        yield record
    if not (folder / "tags.csv").exists():
        return
    # A user can give a movie several tags within one second: a number makes their ids distinct.
    tags_with: dict[str, int] = {}
    for row in csv_rows(folder / "tags.csv"):
        user, movie, time = row.get("userId"), row.get("movieId"), row.get("timestamp")
        event_id = f"t-{user}-{movie}-{time}"
        number = tags_with[event_id] = tags_with.get(event_id, 0) + 1
        record, complete = event_record(
            event_id=f"{event_id}-{number}",
            user_id=user,
            action="comment",
            item_id=movie,
            time=time,
            time_unit="s",
            text=row.get("tag"),
        )
        count.add(broken=not complete)
        yield record
