"""The window in Bytewax, with recovery: lines -> columns by bucket -> batches -> sums -> Postgres.

Every step takes whole lists, so that Python is called per chunk and not per event.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from bench.peers.columns import Columns, LineReader, join, split
from bench.peers.decayed_sums import DecayedSums, Rows
from bench.peers.postgres import WindowTable
from bench.peers.task import Task, read_task

CHUNK_LINES = 1_000
POLL_EVERY = timedelta(milliseconds=50)


class FolderPartition(StatefulSourcePartition[bytes, tuple[str, int]]):
    """Reads the files of a folder by name; its state is (file, lines read of it)."""

    def __init__(self, folder: Path, chunk: int, resume: tuple[str, int] | None) -> None:
        self._folder, self._chunk = folder, chunk
        self._name, self._read = resume or ("", 0)
        self._lines: list[bytes] = []
        self._waiting: list[str] = []
        self._wake: datetime | None = None
        if self._name:
            self._lines = (folder / self._name).read_bytes().splitlines()

    def next_batch(self) -> list[bytes]:
        """The next lines, at most a chunk; none while there is no new file."""
        self._wake = None
        if self._read >= len(self._lines) and not self._open_next():
            self._wake = datetime.now(UTC) + POLL_EVERY
            return []
        lines = self._lines[self._read : self._read + self._chunk]
        self._read += len(lines)
        return lines

    def next_awake(self) -> datetime | None:
        """When to look for a new file; None for at once."""
        return self._wake

    def snapshot(self) -> tuple[str, int]:
        """The file that is being read, and the number of lines read of it."""
        return self._name, self._read

    def _open_next(self) -> bool:
        if not self._waiting:
            names = sorted(file.name for file in self._folder.glob("[!.]*.ndjson"))
            self._waiting = [name for name in names if name > self._name][::-1]
        if not self._waiting:
            return False
        self._name, self._read = self._waiting.pop(), 0
        self._lines = (self._folder / self._name).read_bytes().splitlines()
        return True


class FolderSource(FixedPartitionedSource[bytes, tuple[str, int]]):
    """All files of a folder as one partition."""

    def __init__(self, folder: Path, chunk: int) -> None:
        self._folder, self._chunk = folder, chunk

    def list_parts(self) -> list[str]:
        """The name of the partition."""
        return ["files"]

    def build_part(
        self, step_id: str, for_part: str, resume_state: tuple[str, int] | None
    ) -> FolderPartition:
        """The partition, continued from its snapshot."""
        return FolderPartition(self._folder, self._chunk, resume_state)


class SumLogic(StatefulBatchLogic[list[Columns], Rows, tuple[Any, ...]]):
    """The sums of one bucket's users; a snapshot holds all of them."""

    def __init__(self, task: Task, resume: tuple[Any, ...] | None) -> None:
        self._sums = DecayedSums(task.half_life_ms, task.vectors)
        if resume is not None:
            self._sums.restore(resume)

    def on_batch(self, values: list[list[Columns]]) -> tuple[Iterable[Rows], bool]:
        """Count batches; the rows that each of them changes."""
        return [self._sums.add(join(parts)) for parts in values], StatefulBatchLogic.RETAIN

    def snapshot(self) -> tuple[Any, ...]:
        """The sums of all users."""
        return self._sums.snapshot()


class PostgresPartition(StatelessSinkPartition[tuple[str, Rows]]):
    """Writes the rows of one worker."""

    def __init__(self, table: WindowTable) -> None:
        self._table = table

    def write_batch(self, items: list[tuple[str, Rows]]) -> None:
        """Write (bucket, rows) in one transaction each."""
        for bucket, rows in items:
            self._table.write(int(bucket), rows)

    def close(self) -> None:
        """Close the connection."""
        self._table.close()


class PostgresSink(DynamicSink[tuple[str, Rows]]):
    """Opens a connection for each worker."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def build(self, step_id: str, worker_index: int, worker_count: int) -> PostgresPartition:
        """The partition of one worker."""
        return PostgresPartition(WindowTable(self._task.dsn, self._task.space_id))


def build(task: Task) -> Dataflow:
    """The whole flow."""
    reader = LineReader(task.item_ids, task.weights)
    # `collect` counts parts, not events, and each bucket gets one part of a chunk of lines: a
    # chunk is sized so that a whole number of them holds `batch_events`.
    whole = task.batch_events
    most = -(-whole // CHUNK_LINES) if whole else sys.maxsize
    chunk = -(-whole // most) if whole else CHUNK_LINES

    def by_bucket(lines: Sequence[bytes]) -> list[tuple[str, Columns]]:
        parts = split(reader.read(lines), task.buckets)
        return [(str(bucket), part) for bucket, part in parts]

    flow = Dataflow("window")
    lines = op.input("files", flow, FolderSource(task.events, chunk))
    columns = op.flat_map_batch("parse", lines, by_bucket)
    batches = op.collect("batch", columns, timedelta(milliseconds=task.batch_ms), most)
    rows = op.stateful_batch("sums", batches, lambda resume: SumLogic(task, resume))
    op.output("postgres", rows, PostgresSink(task))
    return flow


def main(file: Path) -> None:
    """Run the task that `file` describes, until the process is ended."""
    task = read_task(file)
    if not task.state.exists():
        task.state.mkdir(parents=True)
        init_db_dir(task.state, 1)
    cli_main(
        build(task),
        epoch_interval=timedelta(milliseconds=task.snapshot_ms),
        recovery_config=RecoveryConfig(task.state),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
