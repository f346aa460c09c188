"""Rows of transfers: written once, marked, dropped, and those of other runs."""

import psycopg

from jobs.core.transfer_rows import JobRun, TransferRows
from jobs.sinks.transfer_rows import (
    TransferRow,
    read_contents,
    read_transfers,
    write_transfers,
)

RUN = JobRun(1, 100, 2)


def write(dsn: str, *batches: TransferRows) -> None:
    with psycopg.connect(dsn, autocommit=True) as db, db.cursor() as cursor:
        for rows in batches:
            write_transfers(cursor, rows)


def read(dsn: str, run: JobRun = RUN) -> list[TransferRow]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return read_transfers(db, run)


def test_transfers_are_in_the_order_of_their_numbers_and_written_once(job_dsn):
    sent = TransferRows(RUN, [((3, 2), 1, b"b"), ((3, 1), 0, b"a"), ((0, 9), 1, b"c")])
    again = TransferRows(RUN, [((3, 2), 1, b"other")])
    write(job_dsn, sent, again)
    assert read(job_dsn) == [
        TransferRow((0, 9), 1, False),
        TransferRow((3, 1), 0, False),
        TransferRow((3, 2), 1, False),
    ]
    with psycopg.connect(job_dsn, autocommit=True) as db:
        contents = read_contents(db, RUN, [(3, 2), (0, 9), (7, 7)])
    assert contents == {(3, 2): b"b", (0, 9): b"c"}


def test_what_was_taken_is_marked_and_then_dropped(job_dsn):
    write(
        job_dsn,
        TransferRows(RUN, [((0, 1), 1, b"a"), ((0, 2), 1, b"b")]),
        TransferRows(RUN, taken=[(0, 1)]),
    )
    assert [row.taken for row in read(job_dsn)] == [True, False]
    write(job_dsn, TransferRows(RUN, dropped=[(0, 1)]))
    assert [row.address for row in read(job_dsn)] == [(0, 2)]


def test_a_run_neither_reads_nor_changes_the_rows_of_others_and_removes_those_of_earlier_ones(
    job_dsn,
):
    other_space, later = JobRun(2, 100, 1), JobRun(1, 101, 0)
    earlier = JobRun(1, 100, 1)
    for run in (other_space, earlier, later):
        write(job_dsn, TransferRows(run, [((0, 1), 1, b"a")]))
    write(job_dsn, TransferRows(earlier, [((0, 1), 1, b"a")]))
    write(job_dsn, TransferRows(RUN, taken=[(0, 1)], dropped=[(0, 1)]))
    assert [len(read(job_dsn, run)) for run in (other_space, earlier, later)] == [1, 1, 1]
    write(job_dsn, TransferRows(RUN, [((0, 1), 1, b"a")]))
    assert [len(read(job_dsn, run)) for run in (other_space, earlier, later)] == [1, 0, 1]
