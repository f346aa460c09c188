"""The window in Pathway, with persistence: lines -> one stateful reduction per commit -> Postgres.

The reduction gets all lines of a commit in one call. A commit holds whole files, so that a limit
of its events also limits the lines of a file. On a restart the state is rebuilt from the log of
the input: without a licence, Pathway's persistence keeps nothing else.
"""

import sys
from pathlib import Path
from typing import Any

import pathway as pw

from bench.peers.columns import LineReader
from bench.peers.decayed_sums import DecayedSums, Rows
from bench.peers.postgres import WindowTable
from bench.peers.task import Task, read_task


class Reduction:
    """The sums of all users, and the rows of commits that are not written yet, by number.

    The engine holds the number only, because it pickles its state to compare it.
    """

    def __init__(self, task: Task) -> None:
        self._reader = LineReader(task.item_ids, task.weights)
        self._sums = DecayedSums(task.half_life_ms, task.vectors)
        self._rows: dict[int, Rows] = {}

    def add(self, number: int | None, rows: list[tuple[list[str], int]]) -> int:
        """Count all lines of a commit, and return its number; `number` is the one before."""
        following = 1 if number is None else number + 1
        lines = [line for (line,), _ in rows]
        self._rows[following] = self._sums.add(self._reader.read(lines))
        return following

    def take(self, number: int) -> Rows:
        """The rows of a commit, which are removed here."""
        return self._rows.pop(number)


def build(task: Task) -> None:
    """Declare the whole flow."""
    lines = pw.io.fs.read(
        task.events,
        format="plaintext",
        mode="streaming",
        object_pattern="*.ndjson",
        autocommit_duration_ms=task.batch_ms,
        max_backlog_size=task.batch_events or None,
        name="events",
    )
    reduction = Reduction(task)
    batches = lines.reduce(number=pw.reducers.stateful_many(reduction.add)(pw.this.data))
    table = WindowTable(task.dsn, task.space_id)

    def write(key: pw.Pointer, row: dict[str, Any], time: int, is_addition: bool) -> None:
        if is_addition:
            table.write(0, reduction.take(row["number"]))

    pw.io.subscribe(batches, on_change=write, name="postgres")


def main(file: Path) -> None:
    """Run the task that `file` describes, until the process is ended."""
    task = read_task(file)
    build(task)
    pw.run(
        monitoring_level=pw.MonitoringLevel.NONE,
        persistence_config=pw.persistence.Config(
            pw.persistence.Backend.filesystem(task.state), snapshot_interval_ms=task.snapshot_ms
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
