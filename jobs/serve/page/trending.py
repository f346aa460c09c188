"""What is trending over a horizon, with the horizons to choose from."""

from dataclasses import dataclass
from typing import Any

from jobs.serve.database import Connection

_HORIZONS = """
SELECT w.horizon, w.interactions, w.as_of, w.longer
FROM interestream.trend_windows AS w
JOIN interestream.spaces AS s ON s.space_id = w.space_id AND s.active
ORDER BY w.length NULLS LAST, w.horizon
"""
_ROWS = """
SELECT t.rank, t.item_id, t.title, t.categories, t.score, t.interactions
FROM interestream.trending(p_k => 10, p_horizon => %s, p_rising => %s) AS t
"""


@dataclass(frozen=True)
class Trending:
    """The horizons, the chosen one (None before the job has counted), and its items."""

    horizons: list[dict[str, Any]]
    chosen: str | None
    rising: bool
    rows: list[dict[str, Any]]

    @property
    def can_rise(self) -> bool:
        """Whether a longer horizon is there to compare with."""
        longer = [each["longer"] for each in self.horizons if each["horizon"] == self.chosen]
        return longer != [None] and bool(longer)


async def read_trending(db: Connection, horizon: str | None, *, rising: bool) -> Trending:
    """Read what is trending; without a horizon that of a day, or the shortest there is.

    Raises psycopg.Error for a horizon that is not there.
    """
    horizons = await (await db.execute(_HORIZONS)).fetchall()
    names = [each["horizon"] for each in horizons]
    if horizon is None and names:
        horizon = "day" if "day" in names else names[0]
    found = Trending(horizons, horizon, rising, [])
    rising = rising and found.can_rise
    rows = await (await db.execute(_ROWS, (horizon, rising))).fetchall()
    return Trending(horizons, horizon, rising, rows)
