"""Puts the pages on the application."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from jobs.serve.page.context import Page
from jobs.serve.page.route import PageRoute
from jobs.serve.page.sections import SECTIONS
from jobs.serve.page.security import SecurityHeaders

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
    app.add_middleware(SecurityHeaders)
