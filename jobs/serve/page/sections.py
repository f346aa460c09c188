"""The sections of the navigation, in its order; a section adds its own routes."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from jobs.serve.page import asking, history, items, models, overview, user, users
from jobs.serve.page.context import Page
from jobs.serve.page.map import routes as catalogue_map


@dataclass(frozen=True)
class Section:
    """An entry of the navigation."""

    label: str
    path: str
    add_routes: Callable[[APIRouter, Page], None]
    below: tuple[str, ...] = ()
    """Further paths for which the entry is marked as the current one."""


def add_users(router: APIRouter, page: Page) -> None:
    """Add the search for users, and the page of each."""
    users.add_routes(router, page)
    user.add_routes(router, page)
    history.add_routes(router, page)


SECTIONS = (
    Section("Overview", "/", overview.add_routes),
    Section("Users", "/users", add_users, ("/user",)),
    Section("Items", "/items", items.add_routes, ("/item",)),
    Section("Map", "/map", catalogue_map.add_routes),
    Section("Ask", "/ask", asking.add_routes),
    Section("Models", "/models", models.add_routes),
)
