"""Writes and reads the rows of `transfers`, by which subtasks hand over merged users."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import psycopg

from jobs.core.transfer_rows import Address, JobRun, TransferRows

_SENT = """
INSERT INTO interestream.transfers
    (space_id, submitted, attempt, from_bucket, number, to_bucket, content)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (space_id, submitted, attempt, from_bucket, number) DO NOTHING
"""
_TAKEN = """
UPDATE interestream.transfers SET taken = true
WHERE space_id = %s AND submitted = %s AND attempt = %s AND from_bucket = %s AND number = %s
"""
_DROPPED = """
DELETE FROM interestream.transfers
WHERE space_id = %s AND submitted = %s AND attempt = %s AND from_bucket = %s AND number = %s
"""
# What a former run has left: its transfers are in the state that this one began with.
_LEFT = "DELETE FROM interestream.transfers WHERE space_id = %s AND (submitted, attempt) < (%s, %s)"


@dataclass(frozen=True)
class TransferRow:
    """A transfer without its content."""

    address: Address
    to: int
    taken: bool


def write_transfers(cursor: psycopg.Cursor, rows: TransferRows) -> None:
    """Write in the caller's transaction; writing again changes nothing."""
    assert rows.run is not None
    run = astuple(rows.run)
    if rows.sent:
        cursor.execute(_LEFT, run)
    cursor.executemany(_SENT, [(*run, *address, to, content) for address, to, content in rows.sent])
    cursor.executemany(_TAKEN, [(*run, *address) for address in rows.taken])
    cursor.executemany(_DROPPED, [(*run, *address) for address in rows.dropped])


def read_transfers(connection: psycopg.Connection, run: JobRun) -> list[TransferRow]:
    """All transfers of a run, by sender and number."""
    found = connection.execute(
        "SELECT from_bucket, number, to_bucket, taken FROM interestream.transfers"
        " WHERE space_id = %s AND submitted = %s AND attempt = %s ORDER BY from_bucket, number",
        astuple(run),
    )
    return [TransferRow((sender, number), to, taken) for sender, number, to, taken in found]


def read_contents(
    connection: psycopg.Connection, run: JobRun, addresses: Iterable[Address]
) -> dict[Address, bytes]:
    """The contents of transfers of a run."""
    wanted: Sequence[Address] = list(addresses)
    found = connection.execute(
        "SELECT t.from_bucket, t.number, t.content FROM interestream.transfers AS t"
        " INNER JOIN unnest(%s::integer[], %s::bigint[]) AS w (from_bucket, number)"
        " USING (from_bucket, number)"
        " WHERE t.space_id = %s AND t.submitted = %s AND t.attempt = %s",
        ([sender for sender, _ in wanted], [number for _, number in wanted], *astuple(run)),
    )
    return {(sender, number): bytes(content) for sender, number, content in found}
