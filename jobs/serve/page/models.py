"""What lists are made by: weights, what was learned, spaces and their models, experiments."""

from typing import Any

from fastapi import APIRouter, Request, Response
from psycopg.rows import DictRow

from jobs.serve.page.context import Page

SEGMENTS = ("none", "few", "many")
_LEARNED = "SELECT l.segment, l.questions, l.found, l.words FROM interestream.learned() AS l"
_WEIGHTS = """
SELECT w.segment, w.source, w.weight AS fixed,
    coalesce(sum(l.delta), 0)::float8 AS learned
FROM interestream.source_weights AS w
LEFT JOIN interestream.learned_weights AS l
    ON l.source = w.source AND l.segment IN ('all', w.segment)
    AND l.space_id = (SELECT s.space_id FROM interestream.spaces AS s WHERE s.active)
GROUP BY w.segment, w.source, w.weight
ORDER BY max(w.weight) OVER (PARTITION BY w.source) DESC, w.source
"""
_FROZEN = """
SELECT f.frozen_at FROM interestream.frozen_weights AS f
JOIN interestream.spaces AS s ON s.space_id = f.space_id AND s.active
"""
_SPACES = """
SELECT s.space_id, s.bundle_name, s.bundle_version, s.dim, s.active, s.created_at,
    s.space_id IS NOT DISTINCT FROM interestream.previous_space() AS previous
FROM interestream.spaces AS s
WHERE s.of_space IS NULL
ORDER BY s.active DESC, s.space_id DESC
"""
_STREAMS = "SELECT * FROM interestream.job_status(%s)"
_ACTIVATIONS = """
SELECT a.space_id, a.activated_at FROM interestream.space_activations AS a
ORDER BY a.activated_at DESC LIMIT 10
"""
_EXPERIMENTS = """
SELECT e.experiment, e.kind, e.description, e.started_at, e.ended_at
FROM interestream.experiments AS e
ORDER BY e.ended_at DESC NULLS FIRST, e.started_at DESC LIMIT 5
"""
_REPORT = "SELECT * FROM interestream.experiment_report(%s)"


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the page."""

    @router.get("/models")
    async def models(request: Request) -> Response:
        async with page.reading() as db:

            async def rows(statement: str, *values: Any) -> list[DictRow]:
                return await (await db.execute(statement.encode(), values)).fetchall()

            spaces = await rows(_SPACES)
            active = any(space["active"] for space in spaces)
            weights = by_source(await rows(_WEIGHTS))
            return page.render(
                request,
                "models.html",
                learned=await rows(_LEARNED) if active else [],
                weights=weights,
                taught=taught_segments(weights),
                segments=SEGMENTS,
                frozen=await rows(_FROZEN),
                spaces=[
                    {**space, "streams": await rows(_STREAMS, space["space_id"])}
                    for space in spaces
                ],
                activations=await rows(_ACTIVATIONS),
                experiments=[
                    {**each, "variants": await rows(_REPORT, each["experiment"])}
                    for each in await rows(_EXPERIMENTS)
                ],
            )


def by_source(rows: list[DictRow]) -> dict[str, dict[str, DictRow]]:
    """Return weights by source, in the order of the rows, and by segment.

    >>> few = {"segment": "few", "source": "text", "fixed": 1.0, "learned": 0.5}
    >>> by_source([few])["text"]["few"]["learned"]
    0.5
    """
    table: dict[str, dict[str, DictRow]] = {}
    for row in rows:
        table.setdefault(row["source"], {})[row["segment"]] = row
    return table


def taught_segments(weights: dict[str, dict[str, DictRow]]) -> set[str]:
    """Return the segments with a learned part, which may be that of all users together.

    >>> none = {"segment": "none", "source": "new", "fixed": 1.0, "learned": 0.0}
    >>> few = {"segment": "few", "source": "new", "fixed": 1.0, "learned": -0.5}
    >>> taught_segments(by_source([none, few]))
    {'few'}
    """
    cells = [row for by_segment in weights.values() for row in by_segment.values()]
    return {row["segment"] for row in cells if row["learned"]}
