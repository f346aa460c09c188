"""How the topics of a user moved, day by day: a part of the user's page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from psycopg.rows import DictRow

from jobs.serve.page.context import Page

DAYS = 28
OTHER = "other"
# The database, or the role, may have a language of its own, in which the rest has another name.
_HISTORY = """
SELECT
    h.day, h.share,
    coalesce(nullif(h.topic, interestream.topic_title('other')), 'other') AS topic
FROM interestream.user_topic_history(%(user)s, %(days)s) AS h
"""


@dataclass(frozen=True)
class TopicHistory:
    """The shares of some topics on all days from the first to the last one."""

    days: tuple[date, ...]
    shares: dict[str, tuple[float, ...]]
    """By topic, the one with the largest share of all days first, `other` last."""
    known: int
    """Days that have rows; on the others shares are those of the day before."""

    @property
    def chart(self) -> str:
        """A configuration of Chart.js: stacked areas."""
        sets = [
            {"label": topic, "data": [round(share, 4) for share in shares], "fill": True}
            for topic, shares in self.shares.items()
        ]
        shape = {"pointRadius": 0, "borderWidth": 1, "stepped": len(self.days) > 1}
        return json.dumps(
            {
                "type": "line",
                "data": {
                    "labels": [f"{day:%m-%d}" for day in self.days],
                    "datasets": [{**each, **shape} for each in sets],
                },
                "options": {
                    "interaction": {"mode": "index", "intersect": False},
                    "scales": {
                        "x": {"ticks": {"maxRotation": 0, "autoSkipPadding": 12}},
                        "y": {"stacked": True, "min": 0, "max": 1},
                    },
                },
            }
        )


def topic_history(rows: Sequence[DictRow], topics: int = 5) -> TopicHistory | None:
    """Fill the days between, and sum up in `other` what is not among the strongest topics.

    None where there are no rows.

    >>> day = date(2026, 3, 1)
    >>> rows = [(0, "a", 0.75), (0, "other", 0.25), (2, "b", 1.0)]
    >>> columns = ("day", "topic", "share")
    >>> found = topic_history(
    ...     [dict(zip(columns, (day + timedelta(ago), topic, share))) for ago, topic, share in rows]
    ... )
    >>> len(found.days), found.known, found.shares["a"], found.shares["b"]
    (3, 2, (0.75, 0.75, 0.0), (0.0, 0.0, 1.0))
    """
    if not rows:
        return None
    by_day: dict[date, dict[str, float]] = {}
    for row in rows:
        by_day.setdefault(row["day"], {})[row["topic"]] = float(row["share"])
    first, last = min(by_day), max(by_day)
    days = tuple(first + timedelta(number) for number in range((last - first).days + 1))
    filled: list[dict[str, float]] = []
    for day in days:
        filled.append(by_day.get(day) or filled[-1])
    sums: dict[str, float] = {}
    for shares in filled:
        for topic, share in shares.items():
            sums[topic] = sums.get(topic, 0.0) + share
    sums.pop(OTHER, None)
    named = sorted(sums, key=lambda topic: (-sums[topic], topic))[:topics]
    table = {topic: tuple(shares.get(topic, 0.0) for shares in filled) for topic in named}
    rest = tuple(max(1 - sum(each[i] for each in table.values()), 0.0) for i in range(len(days)))
    return TopicHistory(days, {**table, OTHER: rest}, len(by_day))


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the part, which the user's page loads."""

    @router.get("/user/history")
    async def history(request: Request, id: str) -> Response:
        async with page.reading() as db:
            found = await db.execute(_HISTORY, {"user": id, "days": DAYS})
            rows = await found.fetchall()
        return page.render(request, "user/history.html", history=topic_history(rows))
