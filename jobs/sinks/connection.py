"""One Postgres connection that waits for the database instead of failing the job."""

import logging
import time
from collections.abc import Callable

import psycopg
from psycopg import sql
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from jobs.config import Database
from jobs.errors import PostgresUnreachableError
from jobs.sinks.arrays import register_arrays
from jobs.sinks.halfvec_array import register_halfvectors

log = logging.getLogger(__name__)


def _passes(error: BaseException) -> bool:
    """Gone, refusing, shutting down, out of disk, deadlocked: what passes when somebody acts, or by
    itself. Anything else is an error of ours and must not be tried again; so is a row that is too
    large for Postgres, whatever its class."""
    limits = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)
    retried = (psycopg.OperationalError, psycopg.InterfaceError)
    return isinstance(error, retried) and not isinstance(error, limits)


def _prepare(connection: psycopg.Connection) -> None:
    # Statements are planned while the tables are empty, and kept: all rows are found by key, and
    # must be when there are millions of them.
    connection.execute("SET enable_seqscan = off")
    register_arrays(connection)
    register_halfvectors(connection)


class RetryingConnection:
    """Runs whole transactions, again and again until one is committed.

    A transaction must be idempotent: a connection can break after the commit and before its answer.
    """

    def __init__(
        self,
        database: Database,
        prepare: Callable[[psycopg.Connection], None] = _prepare,
    ) -> None:
        """`prepare` is called once on each new connection."""
        self._database = database
        self._prepare = prepare
        self._connection: psycopg.Connection | None = None
        self._down_since_s: float | None = None
        self.retries = 0
        """Attempts that Postgres did not take, since the start."""
        self.on_change: Callable[[], None] = lambda: None
        """Called after every attempt that Postgres did not take, and when it takes one again."""

    def run(self, transaction: Callable[[psycopg.Connection], None]) -> None:
        """Commit `transaction`; blocks while Postgres cannot be reached, and says so.

        Raises PostgresUnreachableError when its patience ends: whoever waits here cannot be
        stopped, so the job waits on from its last checkpoint.
        """
        retrying = Retrying(
            retry=retry_if_exception(_passes),
            wait=wait_random_exponential(multiplier=0.1, max=self._database.retry_max_wait_s),
            stop=stop_after_delay(self._database.patience_s),
            before_sleep=self._say,
            retry_error_callback=self._give_up,
        )
        for attempt in retrying:
            with attempt:
                connection = self._open()
                with connection.transaction():
                    transaction(connection)
        if self._down_since_s is not None:
            log.warning("Postgres took the batch after %.1f s: the job goes on", self.waiting_s())
            self._down_since_s = None
            self.on_change()

    def waiting_s(self) -> float:
        """How long the batch at hand has been waiting; 0 when it is not."""
        since_s = self._down_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = psycopg.connect(
                self._database.dsn.get_secret_value(),
                autocommit=True,
                connect_timeout=10,
                application_name="interestream-job",
            )
            with self._connection.transaction():
                self._connection.execute(
                    sql.SQL("SET synchronous_commit = {}").format(self._database.synchronous_commit)
                )
                self._prepare(self._connection)
        return self._connection

    def _say(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        pause = attempt.next_action.sleep if attempt.next_action else 0.0
        self.retries += 1
        if self._down_since_s is None:
            self._down_since_s = time.monotonic()
        log.warning(
            "Postgres did not take the batch (attempt %d), again in %.1f s: %s",
            attempt.attempt_number,
            pause,
            _first_line(error),
        )
        self.on_change()
        self.close()

    def _give_up(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        self.close()
        raise PostgresUnreachableError(
            f"Postgres did not take a batch for {self._database.patience_s:.0f} s"
            f" ({_first_line(error)}): the job starts again from its last checkpoint and waits on;"
            " nothing is lost"
        ) from error


def _first_line(error: BaseException | None) -> str:
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__
