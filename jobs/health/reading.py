"""What is read before the job's health is judged; times are ages in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.runtime.stream_folders import FolderFault

STREAMS = ("events", "items", "control")
"""Streams that come in as files; a folder and a row of `job_progress` each."""


@dataclass(frozen=True)
class StreamReading:
    """The counters of a stream in a space, added up over its buckets."""

    records_in: int
    waiting: int
    dead_letters: int
    commit_age_s: float
    """Age of the newest commit."""


@dataclass(frozen=True)
class JobReading:
    """A job on Flink."""

    job_id: str
    state: str
    """As Flink names it."""
    runs: bool
    """Whether every task runs."""
    cause: str
    """Root cause of its last failure; empty if it never failed."""
    restarts: int
    """Since it was submitted."""
    recent_failures: int
    """Within the last hour."""
    failed_checkpoints: int
    """Since the newest completed one."""
    checkpoint_age_s: float
    """Age of the newest completed checkpoint; of the job, where there is none."""
    has_checkpoint: bool
    checkpoint_failure: str = ""
    """Flink's message about the newest checkpoint that failed; empty where the newest did not."""


@dataclass(frozen=True)
class Reading:
    """What Postgres, the folder of the streams and Flink say of a space."""

    space_id: int
    streams: Mapping[str, StreamReading]
    """By name; a stream of which nothing was ever committed is missing."""
    file_ages_s: Mapping[str, tuple[float, ...]] | None = None
    """Ages of the files of each stream; None where the folder cannot be read."""
    folder_faults: Mapping[str, FolderFault] = field(default_factory=dict)
    """What is wrong with folders of streams, by stream."""
    job: JobReading | None = None
    """None where no cluster is known, or no job runs on it."""
    cluster_known: bool = False
