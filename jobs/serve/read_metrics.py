"""Runs the statements of the catalogue, within the time of one scrape."""

import logging
import time
from dataclasses import dataclass, field

import psycopg

from jobs.serve.catalogue import READINGS
from jobs.serve.database import Connection, Database, DatabaseAwayError
from jobs.serve.metric import Reading, Row
from jobs.serve_settings import Serve
from jobs.sinks.database_errors import describe_error

log = logging.getLogger(__name__)


@dataclass
class _Kept:
    rows: list[Row] | None
    """None where the statement failed."""
    read_s: float
    """`time.monotonic()` of then."""
    problem: str = ""


@dataclass(frozen=True)
class Scrape:
    """What the database has answered."""

    up: bool
    """Whether a connection was to be had."""
    rows: dict[Reading, list[Row]] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)
    """By the name of each statement that was tried, whether it failed."""
    took_s: float = 0.0


class MetricsReader:
    """Reads all metrics of the database; one `read` at a time."""

    def __init__(
        self, database: Database, settings: Serve, readings: tuple[Reading, ...] = READINGS
    ) -> None:
        self._database = database
        self._settings = settings
        self._readings = readings
        self._kept: dict[str, _Kept] = {}
        self._away = ""

    async def read(self) -> Scrape:
        """Return what is there now, without an error where the database is away.

        Statements over whole tables are run every `counts_s`; a failed one waits as long.
        """
        began_s = time.monotonic()
        try:
            async with self._database.connection() as connection:
                for reading in self._readings:
                    if self._due(reading):
                        left_s = began_s + self._settings.scrape_s - time.monotonic()
                        await self._run(connection, reading, left_s)
        except (DatabaseAwayError, psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._say(str(error) if isinstance(error, DatabaseAwayError) else _sentence(error))
            self._kept.clear()
            return Scrape(False, took_s=time.monotonic() - began_s)
        self._say("")
        kept = {reading: self._kept.get(reading.name) for reading in self._readings}
        return Scrape(
            up=True,
            rows={
                each: found.rows for each, found in kept.items() if found and found.rows is not None
            },
            failed={each.name: found.rows is None for each, found in kept.items() if found},
            took_s=time.monotonic() - began_s,
        )

    def _due(self, reading: Reading) -> bool:
        kept = self._kept.get(reading.name)
        keep_s = self._settings.counts_s if reading.whole_tables else 0.0
        return kept is None or time.monotonic() - kept.read_s >= keep_s

    async def _run(self, connection: Connection, reading: Reading, left_s: float) -> None:
        """Keep the rows of a statement, or why it failed; raises where the server is lost."""
        before = self._kept.get(reading.name)
        problem, rows = "", None
        if left_s <= 0:
            problem = "the time of the scrape was over (serve.scrape_s)"
        else:
            timeout_s = min(self._settings.statement_timeout_s, left_s)
            try:
                async with self._database.reading(connection, timeout_s) as db:
                    rows = await (await db.execute(reading.statement.encode())).fetchall()
            except psycopg.Error as error:
                if connection.closed or connection.broken:
                    raise
                problem = _sentence(error)
        self._kept[reading.name] = _Kept(rows, time.monotonic(), problem)  # type: ignore[arg-type]
        if problem and (before is None or before.problem != problem):
            log.warning("the metrics '%s' are missing: %s", reading.name, problem)

    def _say(self, away: str) -> None:
        """Log that the database went away or came back, once."""
        if away and not self._away:
            log.warning("metrics of the database are left out until it is back: %s", away)
        elif self._away and not away:
            log.warning("the database is back")
        self._away = away


def _sentence(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "a statement took longer than serve.statement_timeout_s or serve.scrape_s allow"
    return describe_error(error)
