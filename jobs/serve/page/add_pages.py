"""Puts the pages on the application."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from jobs.serve.page.context import Page
from jobs.serve.page.route import PageRoute
from jobs.serve.page.sections import SECTIONS
from jobs.serve.page.security import SecurityHeaders
from jobs.serve.problems import http_problem

STATIC = Path(__file__).parent / "static"


def add_pages(app: FastAPI, page: Page) -> None:
    """Add the pages of all sections, what they load, and their headers."""
    page.templates.globals["sections"] = SECTIONS
    router = APIRouter(route_class=PageRoute)
    for section in SECTIONS:
        section.add_routes(router, page)
    app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.state.page = page

    def unknown(request: Request, error: HTTPException) -> Response:
        """A person gets a page, a program what the API answers."""
        path, accepted = request.url.path, request.headers.get("accept", "")
        if path.startswith("/api/") or "text/html" not in accepted:
            return http_problem(request, error)
        sentence = f"There is no page at {path[:200]}"
        return page.render(request, "problem.html", error.status_code, sentence=sentence)

    app.exception_handler(404)(unknown)
    app.add_middleware(SecurityHeaders)
