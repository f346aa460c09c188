"""Keeps the newest map, and draws another one in the background when it is old."""

import asyncio
import logging
import time

import psycopg

from jobs.serve.database import DatabaseAwayError
from jobs.serve.page.context import Page
from jobs.serve.page.map.drawn import DrawnMap, draw
from jobs.serve.page.map.read_sample import ACTIVE, TIMEOUT_S, read_sample

log = logging.getLogger(__name__)

RETRY_S = 10.0
"""After a drawing that failed."""


class MapKeeper:
    """One map for all who look; no answer waits for a drawing."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._newest: DrawnMap | None = None
        self._drawn_s = float("-inf")
        self._drawing: asyncio.Task[None] | None = None
        self.problem = ""
        """Why the last drawing failed."""

    @property
    def drawing(self) -> bool:
        """Whether a map is being drawn."""
        return self._drawing is not None

    def newest(self) -> DrawnMap | None:
        """Return the newest map, None before the first; begin another where it is old."""
        age_s = time.monotonic() - self._drawn_s
        if self._drawing is None and age_s >= self._page.settings.map_s:
            self._drawing = asyncio.create_task(self._draw())
        return self._newest

    async def _draw(self) -> None:
        try:
            database, settings = self._page.database, self._page.settings
            async with (
                database.connection() as connection,
                database.reading(connection, TIMEOUT_S) as db,
            ):
                active = await (await db.execute(ACTIVE)).fetchone()
                rows = []
                if active is not None:
                    rows = await read_sample(db, active["space_id"], settings.map_items)
            space = None if active is None else active["space_id"]
            self.problem = ""
            self._newest = None if space is None else await asyncio.to_thread(draw, space, rows)
        except (DatabaseAwayError, psycopg.Error) as error:
            self.problem = str(error).splitlines()[0]
            log.warning("the map is not drawn: %s", self.problem)
        finally:
            again_s = RETRY_S - self._page.settings.map_s if self.problem else 0.0
            self._drawn_s = time.monotonic() + again_s
            self._drawing = None
