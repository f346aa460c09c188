"""What every page needs, and how a page is answered."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from interestream.pseudonyms import Pseudonyms
from jobs.action_settings import DEFAULT_ACTIONS, Action
from jobs.config import Interest
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
    interest: Interest = field(default_factory=Interest)
    """What the job keeps about a user."""
    actions: Mapping[str, Action] = field(default_factory=lambda: DEFAULT_ACTIONS)
    pseudonyms: Pseudonyms | None = None
    """Those of a job with `privacy.pseudonyms`."""
    max_id_chars: int = 256
    """Longest id that the job takes."""
    templates: jinja2.Environment = field(default_factory=make_templates)

    def known_as(self, user_id: str) -> str:
        """Return the name by which the database knows a user."""
        return user_id if self.pseudonyms is None or not user_id else self.pseudonyms(user_id)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that reads. Raises DatabaseAwayError, psycopg.Error."""
        timeout_s = self.settings.statement_timeout_s
        async with (
            self.database.connection() as connection,
            self.database.reading(connection, timeout_s) as db,
        ):
            yield db

    @contextlib.asynccontextmanager
    async def trying(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that may write, and is rolled back whatever happens.

        Raises DatabaseAwayError, psycopg.Error.
        """
        timeout_ms = max(int(self.settings.statement_timeout_s * 1000), 1)
        async with self.database.connection() as db, db.transaction(force_rollback=True):
            await db.execute(
                "SELECT pg_catalog.set_config('statement_timeout', %s, true)", (str(timeout_ms),)
            )
            yield db

    def render(
        self, request: Request, template: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Answer with a template; every value in it is escaped."""
        text = self.templates.get_template(template).render(path=request.url.path, **values)
        return HTMLResponse(text, status)
