"""Users: a search, and a page for each."""

from fastapi import APIRouter, Request, Response

from jobs.serve.page.context import Page


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the search and the page of a user."""

    @router.get("/users")
    async def users(request: Request) -> Response:
        return page.render(request, "users.html")
