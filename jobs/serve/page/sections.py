"""The sections of the navigation, in its order; a section adds its own routes."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from jobs.serve.page import asking, overview, users
from jobs.serve.page.context import Page


@dataclass(frozen=True)
class Section:
    """An entry of the navigation."""

    label: str
    path: str
    add_routes: Callable[[APIRouter, Page], None]
    below: tuple[str, ...] = ()
    """Further paths for which the entry is marked as the current one."""


SECTIONS = (
    Section("Overview", "/", overview.add_routes),
    Section("Users", "/users", users.add_routes, ("/user",)),
    Section("Ask", "/ask", asking.add_routes),
)
