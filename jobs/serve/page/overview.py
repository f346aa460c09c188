"""The overview: whether the job lives, what it reads, what is trending."""

import contextlib
from collections.abc import Sequence

import psycopg
from fastapi import APIRouter, Request, Response

from jobs.health.document import health_document
from jobs.serve.database import Connection
from jobs.serve.latest import Latest
from jobs.serve.metric import Row
from jobs.serve.page.context import Page
from jobs.serve.page.live_counters import Counters, read_counters
from jobs.serve.page.route import PageError
from jobs.serve.page.trending import read_trending

_SPACES = """
SELECT
    s.space_id, s.bundle_name || '@' || s.bundle_version AS bundle, s.dim, s.active,
    p.committed_at, extract(epoch FROM clock_timestamp() - p.committed_at)::float8 AS committed_s,
    greatest(a.records - coalesce(p.records, 0), 0)::bigint AS behind
FROM interestream.spaces AS s
LEFT JOIN (
    SELECT
        j.space_id, max(j.committed_at) AS committed_at,
        sum(j.records_in) FILTER (WHERE j.stream <> 'vectors') AS records
    FROM interestream.job_progress AS j GROUP BY j.space_id
) AS p ON p.space_id = s.space_id
CROSS JOIN (
    SELECT coalesce(sum(j.records_in) FILTER (WHERE j.stream <> 'vectors'), 0) AS records
    FROM interestream.job_progress AS j
    JOIN interestream.spaces AS o ON o.space_id = j.space_id AND o.active
) AS a
ORDER BY s.active DESC, s.space_id DESC
"""
_DEAD_LETTERS = """
SELECT c.stream, c.reason, c.letters, c.removed
FROM interestream.dead_letter_counts() AS c
JOIN interestream.spaces AS s ON s.space_id = c.space_id AND s.active
ORDER BY c.letters DESC, c.stream, c.reason
"""
_RAW = """
SELECT d.stream, d.reason, d.detail, d.user_id, d.committed_at, substr(d.raw, 1, 2000) AS raw
FROM interestream.active_dead_letters AS d
WHERE %(reason)s::text IS NULL OR d.reason = %(reason)s
ORDER BY d.committed_at DESC LIMIT 50
"""


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the overview and its parts."""

    async def count_dead_letters() -> Sequence[Row] | None:
        """By stream and reason; None where counting them takes too long."""
        async with page.reading() as db:
            with contextlib.suppress(psycopg.errors.QueryCanceled):
                return await (await db.execute(_DEAD_LETTERS)).fetchall()
        return None

    dead_letters = Latest(count_dead_letters, page.settings.counts_s)

    @router.get("/")
    async def overview(request: Request) -> Response:
        async with page.reading() as db:
            counters = await read_counters(db)
            spaces = await (await db.execute(_SPACES)).fetchall()
            trending = await read_trending(db, None, rising=False)
        return page.render(
            request,
            "overview.html",
            counters=counters,
            rate=None,
            spaces=spaces,
            trending=trending,
            dead_letters=await dead_letters.get(),
            show_raw=page.settings.show_raw_dead_letters,
        )

    @router.get("/overview/live")
    async def live(request: Request, records: int, at: float) -> Response:
        async with page.reading() as db:
            counters = await read_counters(db)
        before = Counters.at_a_time(records, at)
        return page.render(
            request, "overview/live.html", counters=counters, rate=counters.rate_since(before)
        )

    @router.get("/overview/trending")
    async def trending(request: Request, horizon: str = "", rising: bool = False) -> Response:
        async with page.reading() as db:
            found = await read_trending(db, horizon or None, rising=rising)
        return page.render(request, "overview/trending.html", trending=found)

    @router.get("/overview/health")
    async def health(request: Request) -> Response:
        document = health_document(await page.health.get())
        return page.render(request, "overview/health.html", health=document)

    @router.get("/dead-letters")
    async def raw_dead_letters(request: Request, reason: str = "") -> Response:
        if not page.settings.show_raw_dead_letters:
            raise PageError("raw records are not shown here (serve.show_raw_dead_letters)", 403)
        async with page.reading() as db:
            letters = await _raw(db, reason)
        return page.render(request, "overview/dead_letters.html", letters=letters, reason=reason)


async def _raw(db: Connection, reason: str) -> list[dict[str, object]]:
    rows = await (await db.execute(_RAW, {"reason": reason or None})).fetchall()
    return [{**row, "raw": bytes(row["raw"]).decode(errors="replace")} for row in rows]
