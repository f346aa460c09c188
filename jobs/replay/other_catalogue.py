"""Notices that a data set is not the one whose items the database holds.

Data sets number their items from 1, so a second one would replace the items of the first, under
whose ids people's interests are kept.
"""

from itertools import islice

import orjson
import psycopg

from jobs.datasets.dataset import Dataset
from jobs.errors import InterestreamError

SAMPLE = 1_000
"""Items that are compared."""
ENOUGH = 10
"""Fewer items of the same ids tell nothing."""
OTHERS = 0.5
"""Share of other titles from which on the catalogue is taken for another one."""


class OtherCatalogueError(InterestreamError):
    """The items of the data set have the ids of others in the database."""


def check_same_catalogue(db: psycopg.Connection, dataset: Dataset) -> None:
    """Compare the titles of the first SAMPLE items with those of the same ids in the database.

    Raises OtherCatalogueError when at least OTHERS of them differ, and there are ENOUGH.
    """
    titles = _titles(dataset)
    rows = db.execute(
        "SELECT item_id, title FROM interestream.items WHERE item_id = ANY(%s) ORDER BY item_id",
        [list(titles)],
    ).fetchall()
    others = [(item, title) for item, title in rows if titles[item] != title]
    if len(rows) < ENOUGH or len(others) < OTHERS * len(rows):
        return
    item, title = others[0]
    raise OtherCatalogueError(
        f"{len(others)} of {len(rows)} items that {dataset.name} and the database both have bear"
        f" another title: {item} is '{title}' there, and '{titles[item]}' here. Another data set"
        " needs a database and streams of its own; --overwrite-items replaces the items all the"
        " same"
    )


def _titles(dataset: Dataset) -> dict[str, str]:
    """The titles of the first items that have one, by id."""
    titles: dict[str, str] = {}
    for line in islice(dataset.items(), SAMPLE):
        try:
            record = orjson.loads(line) if isinstance(line, bytes) else line
        except orjson.JSONDecodeError:
            continue
        if isinstance(record, dict) and isinstance(record.get("title"), str):
            titles[str(record.get("item_id"))] = record["title"]
    return titles
