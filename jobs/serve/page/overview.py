"""The overview: whether the job lives, what it reads, what is trending."""

from fastapi import APIRouter, Request, Response

from jobs.serve.page.context import Page


def add_routes(router: APIRouter, page: Page) -> None:
    """Add the overview."""

    @router.get("/")
    async def overview(request: Request) -> Response:
        return page.render(request, "overview.html")
