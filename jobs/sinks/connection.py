"""A Postgres connection that waits for the database instead of failing the job."""

import logging
import time
from collections.abc import Callable

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from jobs.config import Database
from jobs.errors import PostgresRefusedError, PostgresUnreachableError
from jobs.sinks.arrays import register_arrays
from jobs.sinks.database_errors import describe_error
from jobs.sinks.halfvec_array import register_halfvectors

log = logging.getLogger(__name__)

IDLE_S = 30
"""Postgres ends a session that says nothing for so long amid a transaction, in seconds. It is less
than the 50 s after which Flink puts another task in the place of one that is silent."""

_CONNECTION = {
    "connect_timeout": 10,
    # A machine that is gone without a word, as after a failover, is missed after 25 s. The system's
    # own limits are minutes for what was sent, and two hours for an answer.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""Parameters of the connection, unless the connection string has others."""

_ENDED = {"25P03", "25P04"}
"""Codes of a session that the server ends for `idle_in_transaction_session_timeout` and for
`transaction_timeout`; psycopg counts them as internal errors."""


def _is_temporary(error: BaseException) -> bool:
    """Whether another attempt can succeed, because the cause can pass without a new start.

    Postgres is down, starting, shutting down, full, read-only (a failover, or a standby) or
    deadlocked, a time limit of the role is too short, or its password or rights were changed. Other
    errors are faults of this program or of the schema and must not be tried again. So is a row that
    exceeds a limit of Postgres, although psycopg counts its errors as operational.
    """
    limits = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)
    temporary = (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.errors.ReadOnlySqlTransaction,
        psycopg.errors.InsufficientPrivilege,
    )
    if isinstance(error, limits):
        return False
    ended = isinstance(error, psycopg.Error) and error.sqlstate in _ENDED
    return ended or isinstance(error, temporary)


def _nothing(connection: psycopg.Connection) -> None:
    """The first step of a transaction that needs none."""


def _prepare(connection: psycopg.Connection) -> None:
    """Set up a new connection for the job's statements.

    Raises ConfigError where the extension vector is missing.
    """
    # Postgres plans a statement once, when the tables may be empty, and keeps the plan. A
    # sequential scan would still be used when they have millions of rows (docs/traps.md).
    connection.execute("SET enable_seqscan = off")
    # A machine that stands still, or is cut off, amid a transaction holds locks of rows that the
    # task in its place needs.
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_S * 1000}")
    register_arrays(connection)
    register_halfvectors(connection)


class RetryingConnection:
    """Runs whole transactions, and repeats each until it is committed.

    A transaction must be idempotent, since a connection can break after the commit and before its
    confirmation arrives.
    """

    def __init__(
        self,
        database: Database,
        prepare: Callable[[psycopg.Connection], None] = _prepare,
        begin: Callable[[psycopg.Connection], None] = _nothing,
    ) -> None:
        """Connect at the first transaction; `prepare` is called once on each new connection.

        `begin` is called first in each transaction.
        """
        self._database = database
        self._prepare = prepare
        self._begin = begin
        self._connection: psycopg.Connection | None = None
        self._down_since_s: float | None = None
        self.retries = 0
        """Number of failed attempts since the start."""
        self.on_change: Callable[[RetryingConnection], None] = lambda _: None
        """Called after each failed attempt, and after the first successful one that follows."""

    def run(self, transaction: Callable[[psycopg.Connection], None]) -> None:
        """Commit `transaction`; blocks and logs a warning per attempt while Postgres is down.

        Raises PostgresUnreachableError after `patience_s`. Flink cannot stop a task that blocks
        here, so the job restarts from its last checkpoint and waits there again. Raises
        PostgresRefusedError for an error of Postgres that does not pass; other errors of the
        transaction are raised as they are. Each of them closes the connection.
        """
        retrying = Retrying(
            retry=retry_if_exception(_is_temporary),
            wait=wait_random_exponential(multiplier=0.1, max=self._database.retry_max_wait_s),
            stop=stop_after_delay(self._database.patience_s),
            before_sleep=self._report_failure,
            retry_error_callback=self._give_up,
        )
        try:
            for attempt in retrying:
                with attempt:
                    connection = self._open()
                    with connection.transaction():
                        self._begin(connection)
                        transaction(connection)
        except psycopg.Error as error:
            self.close()
            raise _refused(error) from error
        except BaseException:
            self.close()
            raise
        if self._down_since_s is not None:
            log.warning("Postgres took the batch after %.1f s: the job goes on", self.waiting_s())
            self._down_since_s = None
            self.on_change(self)

    def try_once(self, transaction: Callable[[psycopg.Connection], None]) -> bool:
        """Commit `transaction` in one attempt; returns whether it was, or could be tried later.

        Raises what `run` raises for an error that does not pass.
        """
        try:
            connection = self._open()
            with connection.transaction():
                self._begin(connection)
                transaction(connection)
        except psycopg.Error as error:
            self.close()
            if not _is_temporary(error):
                raise _refused(error) from error
            return False
        except BaseException:
            self.close()
            raise
        return True

    def waiting_s(self) -> float:
        """How long the current transaction has been failing, in seconds; 0 normally."""
        since_s = self._down_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def close(self) -> None:
        """Close the connection, if one is open; the next transaction opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed or self._connection.broken:
            given = conninfo_to_dict(self._database.dsn.get_secret_value())
            parameters = {**_CONNECTION, **given, "application_name": "interestream-job"}
            self._connection = psycopg.connect(make_conninfo("", **parameters), autocommit=True)
            # A role may have another one by default, and then statements would not see what was
            # committed while they waited for a lock.
            self._connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            with self._connection.transaction():
                self._connection.execute(
                    sql.SQL("SET synchronous_commit = {}").format(self._database.synchronous_commit)
                )
                self._prepare(self._connection)
        return self._connection

    def _report_failure(self, attempt: RetryCallState) -> None:
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
        self.on_change(self)
        self.close()

    def _give_up(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        self.close()
        raise PostgresUnreachableError(
            f"Postgres did not take a batch for {self._database.patience_s:.0f} s"
            f" ({_first_line(error)}): the job starts again from its last checkpoint and waits"
            " there; no event is lost"
        ) from error


def _refused(error: psycopg.Error) -> PostgresRefusedError:
    # Flink's log has an exception's message alone, without its cause.
    return PostgresRefusedError(
        f"Postgres refused a batch, and would again: {describe_error(error)}"
    )


def _first_line(error: BaseException | None) -> str:
    message = str(error).strip()
    return message.splitlines()[0] if message else type(error).__name__
