"""The page of the map, and its points as JSON, which the script of the page asks for."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from psycopg.rows import DictRow

from jobs.serve.page.context import Page
from jobs.serve.page.map.drawn import DIGITS, DrawnMap
from jobs.serve.page.map.keeper import MapKeeper
from jobs.serve.page.map.plane import read_vectors
from jobs.serve.page.map.read_sample import read_user
from jobs.serve.page.route import PageError


def add_routes(router: APIRouter, page: Page) -> None:
    """Add both."""
    keeper = MapKeeper(page)

    @router.get("/map")
    async def show(
        request: Request, user: str = "", colour: Literal["category", "popularity"] = "category"
    ) -> Response:
        if page.settings.map_items:
            keeper.newest()
        return page.render(
            request, "map.html", user=user.strip(), colour=colour, on=page.settings.map_items > 0
        )

    @router.get("/map/points")
    async def points(
        user: str = "", colour: Literal["category", "popularity"] = "category"
    ) -> JSONResponse:
        if not page.settings.map_items:
            raise PageError("the map is switched off (serve.map_items)", 404)
        drawn = keeper.newest()
        if drawn is None:
            # The script asks again while a map is being drawn.
            return JSONResponse({"drawing": keeper.drawing, "problem": keeper.problem}, 202)
        document: dict[str, object] = {
            "items": len(drawn.items),
            "explained": drawn.plane.explained,
            "groups": drawn.groups(colour),
            "ordered": colour == "popularity",
        }
        if user.strip():
            document["user"] = await _user(page, drawn, page.known_as(user.strip()))
        return JSONResponse(document)


async def _user(page: Page, drawn: DrawnMap, user_id: str) -> dict[str, list[list[object]]]:
    async with page.reading() as db:
        interests, listed = await read_user(db, drawn.space_id, user_id)
    rows = [*interests, *listed]
    places = await asyncio.to_thread(_places, drawn, rows) if rows else []
    points = [
        [*place, row["item_id"], row["title"], _why(row)]
        for place, row in zip(places, rows, strict=True)
    ]
    return {"interests": points[: len(interests)], "list": points[len(interests) :]}


def _why(row: DictRow) -> str:
    return str(row["reason"]) if "reason" in row else f"{row['share']:.0%} of the interests"


def _places(drawn: DrawnMap, rows: list[DictRow]) -> list[list[float]]:
    placed = drawn.plane.place(read_vectors([row["vector"] for row in rows]))
    return [[round(float(each), DIGITS) for each in place] for place in placed]
