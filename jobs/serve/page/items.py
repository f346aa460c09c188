"""Items: a search by title or id, and a page for each."""

import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from jobs.serve.page.context import Page
from jobs.serve.page.item_facts import read_item
from jobs.serve.page.links import item_path

SHOWN = 25
_EXACT = "SELECT true AS known FROM interestream.items AS i WHERE i.item_id = %s"
_POPULAR = """
SELECT t.item_id, t.title, t.categories, t.score, t.interactions, true AS available
FROM interestream.trending(%(rows)s) AS t
"""
# No index: the limit ends it early where much is found, serve.statement_timeout_s otherwise.
_FOUND = """
SELECT f.item_id, f.title, f.categories, f.available, n.interactions
FROM (
    SELECT i.item_id, i.title, i.categories, i.available
    FROM interestream.items AS i
    WHERE i.title ILIKE ALL (%(words)s::text[]) OR starts_with(i.item_id, %(q)s)
    LIMIT %(rows)s
) AS f
LEFT JOIN interestream.item_neighbors AS n
    ON n.item_id = f.item_id
    AND n.space_id = (SELECT s.space_id FROM interestream.spaces AS s WHERE s.active)
ORDER BY n.interactions DESC NULLS LAST, f.title, f.item_id
"""


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the search and the page of an item."""

    @router.get("/items")
    async def items(request: Request, q: str = "") -> Response:
        q = q.strip()
        async with page.reading() as db:
            if q and await (await db.execute(_EXACT, (q,))).fetchone():
                return RedirectResponse(item_path(q), 303)
            values = {"q": q, "words": patterns(q), "rows": SHOWN}
            found = await db.execute(_FOUND if q else _POPULAR, values)
            rows = await found.fetchall()
        return page.render(request, "items.html", rows=rows, q=q, shown=SHOWN)

    @router.get("/item")
    async def item(request: Request, id: str, user: str = "") -> Response:
        user = user.strip()
        async with page.reading() as db:
            facts = await read_item(db, id, page.known_as(user) or None)
        status = 200 if facts.row else 404
        return page.render(request, "item.html", status, item_id=id, user=user, item=facts)


def patterns(words: str) -> list[str]:
    """Return a pattern of LIKE for each word: a title fits where it has all of them in any order.

    >>> patterns("100% moon")
    ['%100\\\\%%', '%moon%']
    """
    escaped = (re.sub(r"([\\%_])", r"\\\1", word) for word in words.split())
    return [f"%{word}%" for word in escaped]
