"""Users: those who were active last, and a search by id."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from jobs.serve.page.context import Page
from jobs.serve.page.links import user_path

SHOWN = 25
_IS_KNOWN = "SELECT u.user_id FROM interestream.user_items AS u WHERE u.user_id = %s LIMIT 1"
_NEWEST = """
SELECT n.user_id, n.last_at, u.events, u.committed_at, u.interest_items[1] AS medoid, i.title
FROM (
    SELECT o.user_id, max(o.last_at) AS last_at
    FROM (
        SELECT a.user_id, a.last_at FROM interestream.user_items AS a
        ORDER BY a.last_at DESC LIMIT 1000
    ) AS o
    GROUP BY o.user_id
    ORDER BY 2 DESC, 1
    LIMIT %(rows)s
) AS n
LEFT JOIN interestream.users AS u ON u.user_id = n.user_id
    AND u.space_id = (SELECT s.space_id FROM interestream.spaces AS s WHERE s.active)
LEFT JOIN interestream.items AS i ON i.item_id = u.interest_items[1]
ORDER BY n.last_at DESC, n.user_id
"""
_FROM = """
SELECT u.user_id, u.last_event_at AS last_at, u.events, u.interest_items[1] AS medoid, i.title
FROM (
    SELECT o.user_id, o.last_event_at, o.events, o.interest_items
    FROM interestream.users AS o
    WHERE o.space_id = (SELECT s.space_id FROM interestream.spaces AS s WHERE s.active)
        AND o.user_id >= %(id)s
    ORDER BY o.user_id
    LIMIT %(rows)s
) AS u
LEFT JOIN interestream.items AS i ON i.item_id = u.interest_items[1]
ORDER BY u.user_id
"""


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the search."""

    @router.get("/users")
    async def users(request: Request, q: str = "") -> Response:
        async with page.reading() as db:
            for known in dict.fromkeys((q, page.known_as(q))) if q else ():
                found = await db.execute(_IS_KNOWN, (known,))
                if await found.fetchone() is not None:
                    return RedirectResponse(user_path(known), 303)
            statement = _FROM if q else _NEWEST
            rows = await (await db.execute(statement, {"id": q, "rows": SHOWN})).fetchall()
        return page.render(request, "users.html", rows=rows, q=q)
