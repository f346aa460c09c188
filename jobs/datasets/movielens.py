"""MovieLens of any size: movies, ratings and free tags, as CSV or in the older files `.dat`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from jobs.datasets.dataset import Dataset, Line, PassCount, Record
from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows
from jobs.datasets.files import count_rows
from jobs.datasets.movies import movie_item, rating_event
from jobs.datasets.order import by_time
from jobs.datasets.rows import event_record

_NO_GENRES = "(no genres listed)"
_CSV = FileFormat(format="csv", delimiter=",", quote='"', header=True, encoding="utf-8")
_DAT = FileFormat(format="csv", delimiter="::", quote="", header=False)
_COLUMNS = {
    "movies": ("movieId", "title", "genres"),
    "ratings": ("userId", "movieId", "rating", "timestamp"),
    "tags": ("userId", "movieId", "tag", "timestamp"),
}


def movielens(folder: Path) -> Dataset:
    """The data set of the files `movies`, `ratings` and, where it exists, `tags`.

    They are `.csv`, or `.dat` as in the releases of 1 and 10 million ratings. A rating is an event
    `rating` of 0.5 to 5, a tag a `comment` on the movie. The files are grouped by user, so that
    events are sorted by time in memory; events of one time keep the order of the files, ratings
    before tags. Raises DatasetFileError when a file cannot be read.
    """
    items_read, events_read = PassCount(), PassCount()
    names = [name for name in ("ratings", "tags") if name == "ratings" or _has(folder, name)]
    return Dataset(
        name="movielens",
        items=lambda: _items(folder, items_read),
        events=lambda: iter(by_time(_events(folder, events_read))),
        item_rows=_count(folder, "movies"),
        event_rows=sum(_count(folder, name) for name in names),
        items_read=items_read,
        events_read=events_read,
    )


def _has(folder: Path, name: str) -> bool:
    return (folder / f"{name}.csv").exists() or (folder / f"{name}.dat").exists()


def _count(folder: Path, name: str) -> int:
    table = folder / f"{name}.csv"
    if table.exists():
        return count_rows(table, header_lines=1) or 0
    return count_rows(folder / f"{name}.dat") or 0


def _rows(folder: Path, name: str) -> Iterator[Record | bytes]:
    table = folder / f"{name}.csv"
    if table.exists():
        yield from rows(table, _CSV)
        return
    lines = folder / f"{name}.dat"
    form = replace(_DAT, columns=_COLUMNS[name], encoding=_encoding(lines))
    yield from rows(lines, form)


def _encoding(path: Path) -> str:
    """UTF-8, as of 10 million ratings, or Latin-1, as of one million."""
    with path.open("rb") as file:
        try:
            for line in file:
                line.decode()
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _items(folder: Path, count: PassCount) -> Iterator[Line]:
    count.restart()
    for row in _rows(folder, "movies"):
        if isinstance(row, bytes):
            count.add_unread(row)
            yield row
            continue
        record, complete = movie_item(
            movie_id=row.get("movieId"),
            title=row.get("title"),
            genres=row.get("genres", "").replace(_NO_GENRES, "").split("|"),
        )
        count.add(broken=not complete)
        yield record


def _events(folder: Path, count: PassCount) -> Iterator[Line]:
    count.restart()
    for row in _rows(folder, "ratings"):
        if isinstance(row, bytes):
            count.add_unread(row)
            yield row
            continue
        record, complete = rating_event(
            user_id=row.get("userId"),
            movie_id=row.get("movieId"),
            time=row.get("timestamp"),
            value=row.get("rating", ""),
        )
        count.add(broken=not complete)
        yield record
    if not _has(folder, "tags"):
        return
    # A user can give a movie several tags within one second: a number makes their ids distinct.
    tags_with: dict[str, int] = {}
    for row in _rows(folder, "tags"):
        if isinstance(row, bytes):
            count.add_unread(row)
            yield row
            continue
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
