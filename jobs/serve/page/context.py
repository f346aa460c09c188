"""What every page needs, and how a page is answered."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from jobs.health.verdict import Verdict
from jobs.serve.database import Connection, Database
from jobs.serve.latest import Latest
from jobs.serve.page.rendering import make_templates
from jobs.serve_settings import Serve


@dataclass(frozen=True)
class Page:
    """Lends connections and renders templates; it keeps nothing of a request."""

    database: Database
    settings: Serve
    health: Latest[Sequence[Verdict]]
    templates: jinja2.Environment = field(default_factory=make_templates)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that reads. Raises DatabaseAwayError, psycopg.Error."""
        timeout_s = self.settings.statement_timeout_s
        async with (
            self.database.connection() as connection,
            self.database.reading(connection, timeout_s) as db,
        ):
            yield db

    def render(
        self, request: Request, template: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Answer with a template; every value in it is escaped."""
        text = self.templates.get_template(template).render(path=request.url.path, **values)
        return HTMLResponse(text, status)
