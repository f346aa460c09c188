"""The records of movies and ratings, which the data sets of movies share."""

from jobs.datasets.dataset import Record
from jobs.datasets.rows import event_record, item_record, published_at


def movie_item(
    *, movie_id: str | None, title: str | None, genres: list[str]
) -> tuple[Record, bool]:
    """A movie, and whether it is complete; its text and categories are the genres.

    >>> movie_item(movie_id="7", title="Heat (1995)", genres=["Crime", "Drama"])[0]["text"]
    'Crime, Drama'
    """
    return item_record(
        item_id=movie_id,
        title=title,
        text=", ".join(genres),
        categories=genres,
        published_at=published_at(title),
    )


def rating_event(
    *,
    user_id: str | None,
    movie_id: str | None,
    time: str | None,
    value: str,
    value_factor: float = 1.0,
) -> tuple[Record, bool]:
    """A rating, and whether it is complete; `time` is in seconds, and part of the event's id.

    >>> rating_event(user_id="1", movie_id="7", time="964982703", value="8", value_factor=0.5)
    ({'event_id': 'r-1-7-964982703', 'user_id': '1', 'action': 'rating', \
'event_time': 964982703000, 'item_id': '7', 'value': 4.0}, True)
    """
    return event_record(
        event_id=f"r-{user_id}-{movie_id}-{time}",
        user_id=user_id,
        action="rating",
        item_id=movie_id,
        time=time,
        time_unit="s",
        value=value,
        value_factor=value_factor,
    )
