"""What is read before the job's health is judged; times are ages in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
class TopicReading:
    """A topic of Kafka that the job reads, added up over its partitions."""

    topic: str
    unread: int
    """Records behind the job's position."""
    end: int = 0
    """The offsets behind the last records, added up; it grows with every record."""
    waited_s: float | None = None
    """Age of the oldest of them, by the record's own time; None where none is, or it is not known.
    """
    deleted: int = 0
    """Records that were deleted before the job's position came to them."""
    retention_s: float | None = None
    """For how long the topic keeps a record; None for ever, or where it is not known."""
    grows_per_s: float | None = None
    """By how many records a second `unread` grows; None where there was one look."""
    stands: bool = False
    """Whether the second look found that nothing was read since the first."""

    def grown(self, later: "TopicReading", read: int, seconds: float) -> "TopicReading":
        """What a second look some seconds later shows, in whose time the job read `read` records.

        >>> first = TopicReading("t", unread=5, end=100)
        >>> second = first.grown(TopicReading("t", unread=9, end=120), read=10, seconds=2.0)
        >>> second.unread, second.grows_per_s, second.stands
        (9, 5.0, False)
        """
        grows = (later.end - self.end - read) / seconds
        return replace(later, grows_per_s=grows, stands=read == 0)

    def as_dict(self) -> dict[str, object]:
        """The topic as a JSON object; a number that is not known is null."""
        return {
            "topic": self.topic,
            "unread": self.unread,
            "waited_s": self.waited_s,
            "deleted_unread": self.deleted,
            "retention_s": self.retention_s,
            "grows_per_s": self.grows_per_s,
        }


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
    topics: Mapping[str, TopicReading] | None = None
    """What the brokers say of the topics, by stream; None where the job reads folders, and where
    nobody can say."""
    job: JobReading | None = None
    """None where no cluster is known, or no job runs on it."""
    cluster_known: bool = False
