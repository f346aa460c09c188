"""Writes rows about the job itself: its dead letters and its counters."""

from collections.abc import Sequence

import psycopg

from jobs.core.parsing.events import NOTHING_KEPT, DeadLetter
from jobs.core.progress import Progress
from jobs.errors import LaterTaskError

_DEAD = """
INSERT INTO interestream.dead_letters
    (space_id, epoch, stream, bucket, seq, raw, reason, detail, user_id, item_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (space_id, epoch, stream, bucket, seq) DO UPDATE SET
    raw = excluded.raw, reason = excluded.reason, detail = excluded.detail,
    user_id = excluded.user_id, item_id = excluded.item_id
"""

_BEYOND = """
DELETE FROM interestream.dead_letters
WHERE space_id = %s AND epoch = %s AND stream = %s AND bucket = %s AND seq >= %s
"""

_PROGRESS = """
INSERT INTO interestream.job_progress AS t
    (space_id, stream, bucket, epoch, records_in, duplicates, dead_letters, waiting, applied,
     excluded, unwritten, moved, task_start, committed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
ON CONFLICT (space_id, stream, bucket) DO UPDATE SET
    epoch = excluded.epoch, records_in = excluded.records_in, duplicates = excluded.duplicates,
    dead_letters = excluded.dead_letters, waiting = excluded.waiting, applied = excluded.applied,
    excluded = excluded.excluded, unwritten = excluded.unwritten, moved = excluded.moved,
    task_start = excluded.task_start, committed_at = excluded.committed_at
WHERE t.task_start <= excluded.task_start
"""


def write_dead_letters(
    cursor: psycopg.Cursor,
    space_id: int,
    epoch: int,
    bucket: int,
    progress: dict[str, Progress],
    dead: dict[str, Sequence[DeadLetter]],
) -> None:
    """Write the dead letters of a bucket, by stream, in the caller's transaction.

    They are numbered so that the last one has the number `progress[stream].dead_letters` - 1. Rows
    with higher numbers are deleted: they were written before a restore, and their lines have not
    become dead letters since.
    """
    for stream, dead_letters in dead.items():
        count = progress[stream].dead_letters
        first = count - len(dead_letters)
        cursor.execute(_BEYOND, (space_id, epoch, stream, bucket, count))
        cursor.executemany(
            _DEAD,
            [
                (
                    space_id,
                    epoch,
                    stream,
                    bucket,
                    first + index,
                    dead_letter.raw,
                    dead_letter.reason,
                    dead_letter.detail,
                    dead_letter.user_id,
                    dead_letter.item_id,
                )
                for index, dead_letter in enumerate(dead_letters)
                if dead_letter.reason not in NOTHING_KEPT
            ],
        )


def write_progress(
    cursor: psycopg.Cursor,
    space_id: int,
    epoch: int,
    bucket: int,
    progress: dict[str, Progress],
    task_start: int,
) -> None:
    """Write the counters of a bucket, by stream, in the caller's transaction.

    `task_start` is the number of the task (`task_start.next_task_start`). Raises LaterTaskError,
    which must undo the transaction, where a task of a later start has written the bucket.
    """
    for stream, count in progress.items():
        cursor.execute(
            _PROGRESS,
            (
                space_id,
                stream,
                bucket,
                epoch,
                count.records_in,
                count.duplicates,
                count.dead_letters,
                count.waiting,
                count.applied,
                count.excluded,
                count.unwritten,
                count.moved,
                task_start,
            ),
        )
        if not cursor.rowcount:
            raise LaterTaskError(
                f"a task that was started later writes bucket {bucket} of {stream}: this one was"
                " cut off from its job, or a second job of the space runs; nothing of its batch"
                " was written"
            )
