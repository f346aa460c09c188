"""Brings transfers from one subtask to another one, by a table of Postgres."""

import logging
from collections import defaultdict
from pathlib import Path

import psycopg

from jobs.checkpoints.completed import CheckpointCoverage
from jobs.config import Database
from jobs.core.transfer_rows import Address, JobRun, TransferRows
from jobs.operators.transfer import Transfer
from jobs.operators.transfer_bytes import from_bytes, to_bytes
from jobs.sinks.transfer_rows import TransferRow, read_contents, read_transfers

log = logging.getLogger(__name__)

LOOK_MS = 1_000
"""Time between two looks at the table and the folder of the checkpoints, in milliseconds."""
_PAUSE_MS = 10_000
"""Time without a look after an error, in milliseconds."""
MAX_CONTENTS = 500
"""Most transfers whose content is read at once."""


class PostgresPost:
    """The post of a job of several slots.

    Subtasks are at different places of a checkpoint: a receiver can be behind its barrier with
    what the sender has not sent before its own, and after a restore it would have what was never
    sent. So a transfer is written when every checkpoint that the job can start again from has it in
    the sender's state. It is marked as taken, and then leaves that state, when each of them has it
    in the receiver's. Rows of another run of the job do not count: what was on its way is in the
    state that this one began with, and a run that was given up may still write for a while.

    Nothing here fails the job. While Postgres or the folder cannot be read, transfers wait.
    """

    def __init__(self, database: Database, run: JobRun, checkpoints: Path) -> None:
        """`checkpoints` is the folder of the job's checkpoints."""
        self._database = database
        self._run = run
        self._coverage = CheckpointCoverage(checkpoints)
        self._connection: psycopg.Connection | None = None
        self._next_look_ms = 0
        self._last_error = ""
        # The sender's side: what is to be written, and what was.
        self._unsent: dict[int, dict[int, tuple[int, Transfer]]] = defaultdict(dict)
        self._sent: set[Address] = set()
        self._taken: dict[int, list[int]] = defaultdict(list)
        self._dropped: dict[int, list[Address]] = defaultdict(list)
        # The receiver's: what has come, and what was taken and is to be marked so.
        self._offered: dict[int, dict[Address, Transfer]] = {}
        self._unmarked: dict[int, list[Address]] = defaultdict(list)
        self._handled: set[Address] = set()
        # By what was sent or taken, the mark of its coverage; None before the next look.
        self._send_marks: dict[Address, int | None] = {}
        self._take_marks: dict[Address, int | None] = {}

    def offer(self, to: int, address: Address, transfer: Transfer, *, restored: bool) -> None:
        """Write a transfer to the bucket `to` once it is covered; a restored one is."""
        sender, number = address
        self._unsent[sender][number] = to, transfer
        self._send_marks[address] = -1 if restored else None

    def offered(self, to: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket `to` that were seen at the last look."""
        return sorted(self._offered.setdefault(to, {}).items(), key=lambda one: one[0])

    def take(self, to: int, address: Address) -> None:
        """The bucket `to` has taken a transfer, which is marked so once that is covered."""
        del self._offered[to][address]
        self._handled.add(address)
        self._unmarked[to].append(address)
        self._take_marks[address] = None

    def pop_taken(self, sender: int) -> list[int]:
        """Numbers of the sender's transfers that every restore has as taken."""
        numbers = self._taken.pop(sender, [])
        self._dropped[sender] += [(sender, number) for number in numbers]
        return numbers

    def rows(self, bucket: int) -> TransferRows:
        """What the bucket has sent, taken and dropped, as far as it is covered."""
        sent = []
        for number, (to, transfer) in sorted(self._unsent[bucket].items()):
            address = bucket, number
            if not self._is_covered(self._send_marks[address]):
                break
            del self._unsent[bucket][number], self._send_marks[address]
            self._sent.add(address)
            sent.append((address, to, to_bytes(transfer)))
        taken = [one for one in self._unmarked[bucket] if self._is_covered(self._take_marks[one])]
        for one in taken:
            self._unmarked[bucket].remove(one)
            del self._take_marks[one]
        return TransferRows(self._run, sent, taken, self._dropped.pop(bucket, []))

    def look(self, now_ms: int) -> None:
        """Read the folder of the checkpoints and the table, at most every `LOOK_MS`."""
        if now_ms < self._next_look_ms:
            return
        self._next_look_ms = now_ms + LOOK_MS
        try:
            self._look_at_checkpoints()
            self._look_at_table()
            self._last_error = ""
        except (psycopg.Error, OSError) as error:
            self.close()
            self._next_look_ms = now_ms + _PAUSE_MS
            self._report(error)

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_covered(self, mark: int | None) -> bool:
        return mark is not None and (mark < 0 or self._coverage.covers(mark))

    def _look_at_checkpoints(self) -> None:
        self._coverage.look()
        for marks in (self._send_marks, self._take_marks):
            for address, mark in marks.items():
                if mark is None:
                    marks[address] = self._coverage.mark

    def _look_at_table(self) -> None:
        connection = self._open()
        rows = read_transfers(connection, self._run)
        self._handled &= {row.address for row in rows}
        for row in rows:
            if row.taken and row.address in self._sent:
                sender, number = row.address
                self._sent.discard(row.address)
                self._taken[sender].append(number)
        wanted = {row.address: row.to for row in rows if self._is_new(row)}
        some = list(wanted)[:MAX_CONTENTS]
        if not some:
            return
        contents = read_contents(connection, self._run, some)
        for address, content in contents.items():
            self._offered[wanted[address]][address] = from_bytes(content)

    def _is_new(self, row: TransferRow) -> bool:
        """Whether the row is for a bucket of this subtask, and is neither here nor taken."""
        return (
            not row.taken
            and row.to in self._offered
            and row.address not in self._offered[row.to]
            and row.address not in self._handled
        )

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._database.dsn.get_secret_value(),
                autocommit=True,
                connect_timeout=2,
                application_name="interestream-transfers",
            )
            self._connection.execute("SET statement_timeout = '5s'")
        return self._connection

    def _report(self, error: Exception) -> None:
        text = type(error).__name__
        if text != self._last_error:
            self._last_error = text
            log.warning("merged users wait: the transfers cannot be read: %s", text)
