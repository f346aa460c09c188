"""Removes files of the streams that a job has read and that no checkpoint of it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.checkpoints.completed import completed_checkpoints
from jobs.checkpoints.file_sources import FileSource, read_file_sources
from jobs.config import Config

STREAMS = ("events", "items", "control")


def files_table(stream: str) -> str:
    """The name of a stream's table in the job, which is part of the name of its source."""
    return f"{stream}_files"


@dataclass(frozen=True)
class PruneSettings:
    """The folder of the streams, that of all jobs' checkpoints, and how long files are kept.

    Both folders are absolute: the job's processes have other working folders than the command
    that submits it.
    """

    streams: Path
    checkpoints: Path
    keep_s: float
    every_s: float

    @classmethod
    def of(cls, config: Config) -> "PruneSettings | None":
        """The settings of a configuration; None where files are kept for ever."""
        keep_s, checkpoints = config.sources.keep_s, config.checkpoints
        if keep_s is None or checkpoints.directory is None:
            return None
        # Reading a checkpoint takes about a second where millions of files were read.
        every_s = min(max(checkpoints.interval_ms / 1000, keep_s / 4), 60.0)
        return cls(
            config.sources.root.absolute(), checkpoints.directory.absolute(), keep_s, every_s
        )


class Pruner:
    """Removes files for one job, look by look.

    A file goes when it has lain in its folder for `keep_s` seconds, and *every* completed
    checkpoint of the job that is on disk has read it to its end. All of them, because Flink writes
    a checkpoint's metadata a moment before it counts as the one to restart from. For the same
    reason nothing goes before a checkpoint was seen to give way to a newer one: until then the job
    may restart from a savepoint that is not here.
    """

    def __init__(self, settings: PruneSettings, job_id: str) -> None:
        self._settings = settings
        self._checkpoints = settings.checkpoints / job_id
        self._seen: set[int] = set()
        self._has_given_way = False

    def prune(self, now_s: float) -> int:
        """Remove what may go at `now_s`, in seconds since the epoch; returns how many files.

        Raises OSError when a folder or a checkpoint cannot be read, which is no more than bad luck
        if Flink removed the checkpoint meanwhile, and CheckpointFormatError.
        """
        completed = completed_checkpoints(self._checkpoints)
        if not completed:
            return 0
        # A checkpoint that is gone while an older one stays did not give way: it failed late.
        self._has_given_way |= any(number < min(completed) for number in self._seen)
        self._seen |= completed.keys()
        if not self._has_given_way:
            return 0
        old = list(self._old_files(now_s))
        if not old:
            return 0
        checkpoints = [read_file_sources(folder) for folder in completed.values()]
        removed = 0
        for stream, file in old:
            if all(_is_covered(sources, stream, file) for sources in checkpoints):
                file.unlink(missing_ok=True)
                removed += 1
        return removed

    def _old_files(self, now_s: float) -> Iterator[tuple[str, Path]]:
        for stream in STREAMS:
            for file in (self._settings.streams / stream).iterdir():
                # What the source ignores is another program's work in progress.
                if file.name.startswith((".", "_")) or not file.is_file():
                    continue
                status = file.stat()
                # A rename into the folder moves only the second of the two.
                since_s = max(status.st_mtime, status.st_ctime)
                if since_s < now_s - self._settings.keep_s:
                    yield stream, file


def _is_covered(sources: list[FileSource], stream: str, file: Path) -> bool:
    """Whether every source of the stream, and at least one, has read the file to its end."""
    reading = [source for source in sources if files_table(stream) in source.name]
    return bool(reading) and all(source.has_read(f"file:{file}") for source in reading)
