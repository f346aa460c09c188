"""Feeds lines into a stream, a folder or a topic, in batches while lines still come."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.connectors.errors import ConnectorError
from jobs.datasets.stream_files import StreamFiles
from jobs.datasets.topic_feed import TopicFeed
from jobs.feeding.errors import FeedError, SourceError
from jobs.feeding.line_splitter import LineSplitter, LongLine
from jobs.feeding.sources import blocks, source_name
from jobs.feeding.stop_signals import StopSignals


@dataclass
class FeedReport:
    """What went into a stream: lines, files and bytes; and what did not, or not whole."""

    lines: int = 0
    files: int = 0
    """0 where the stream is a topic."""
    bytes: int = 0
    empty: int = 0
    """Lines of white space alone, which were left out."""
    long_lines: list[LongLine] = field(default_factory=list)
    """Lines that were cut, and so become dead letters."""
    dead: Counter[str] = field(default_factory=Counter)
    """Lines that become dead letters by the settings given here, by reason."""

    def died(self) -> str:
        """How many lines become dead letters and why, in one sentence; empty if none does."""
        if not self.dead:
            return ""
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.dead.most_common())
        return (
            f"{self.dead.total():,} of them cannot be accepted ({reasons}), and become dead"
            " letters: `interestream dead-letters` shows them"
        )

    def sentence(self, stream: str) -> str:
        """What went in, in one sentence; `stream` says where."""
        left_out = f" ({_counted(self.empty, 'empty line')} left out)" if self.empty else ""
        files = f" in {_counted(self.files, 'file')}" if self.files or not self.lines else ""
        return f"{_counted(self.lines, 'line')}{files} went into {stream}{left_out}"


@dataclass(frozen=True)
class FolderStream:
    """A stream's folder."""

    files: StreamFiles

    @property
    def place(self) -> str:
        """The folder's path."""
        return str(self.files.folder)

    @property
    def name(self) -> str:
        """The stream in a message."""
        return self.place

    def publish(self, lines: Sequence[bytes]) -> int:
        """Write a file of lines; returns how many files that made. Raises OSError."""
        self.files.publish(b"\n".join(lines) + b"\n")
        return 1


@dataclass(frozen=True)
class TopicStream:
    """A stream's topic."""

    feed: TopicFeed
    stream: str

    @property
    def place(self) -> str:
        """The topic."""
        return self.feed.topics[self.stream]

    @property
    def name(self) -> str:
        """The stream in a message."""
        return self.feed.name_of(self.stream)

    def publish(self, lines: Sequence[bytes]) -> int:
        """Write the lines as records; returns how many files that made, none. Raises
        ConnectorError."""
        self.feed.write(self.stream, lines)
        return 0


@dataclass(frozen=True)
class Rotation:
    """When a file is published: this many seconds after its first line, or when it is this big."""

    seconds: float = 0.2
    bytes: int = 16_000_000


class LineFeed:
    """Collects lines and publishes them as files or records, by the rotation; `report` counts them.

    Lines are in memory until they are published, which is at most `rotation.seconds`.
    `why_dead` gives the reasons of the lines that the job will not accept, for the report.
    """

    def __init__(
        self,
        stream: FolderStream | TopicStream,
        rotation: Rotation,
        why_dead: Callable[[Sequence[bytes]], Counter[str]] = lambda _: Counter(),
    ) -> None:
        self.report = FeedReport()
        self._stream = stream
        self._rotation = rotation
        self._why_dead = why_dead
        self._lines: list[bytes] = []
        self._bytes = 0
        self._since_s = 0.0

    def run(self, sources: Sequence[Path | None], stop: StopSignals, longest: int) -> None:
        """Feed all sources (None: the standard input), until their end or until a signal.

        Everything that was read is published then. A line longer than `longest` bytes is cut.
        Raises FeedError.
        """
        try:
            for source in sources:
                self._run_one(source, stop, longest)
                if stop.received is not None:
                    break
        except SourceError as error:
            self.publish()
            raise FeedError(f"{error}. {self._fed_before()}") from error
        self.publish()

    def _run_one(self, source: Path | None, stop: StopSignals, longest: int) -> None:
        splitter = LineSplitter(source_name(source), longest)
        try:
            for block in blocks(source, stop, self._wait_s):
                self._add(splitter.add(block))
                if self._lines and not self._wait_s():
                    self.publish()
        finally:
            self._add(splitter.end())
            self.report.empty += splitter.empty
            self.report.long_lines += splitter.long_lines

    def _fed_before(self) -> str:
        return (
            f"Before that, {self.report.sentence(self._stream.name)}. Feed it again when this is"
            " put right: a record counts once, however often it is fed"
        )

    def publish(self) -> None:
        """Publish the lines that are collected, if there are any; raises FeedError."""
        if not self._lines:
            return
        lines, size = self._lines, self._bytes
        self._lines, self._bytes = [], 0
        try:
            self.report.files += self._stream.publish(lines)
        except OSError as error:
            raise FeedError(
                f"cannot write to {self._stream.name}: {error.strerror}. {self._fed_before()}"
            ) from error
        except ConnectorError as error:
            raise FeedError(f"{error}. {self._fed_before()}") from error
        self.report.lines += len(lines)
        self.report.dead += self._why_dead(lines)
        self.report.bytes += size

    def _add(self, lines: Sequence[tuple[int, bytes]]) -> None:
        for _, line in lines:
            if not self._lines:
                self._since_s = time.monotonic()
            self._lines.append(line)
            self._bytes += len(line) + 1
            if self._bytes >= self._rotation.bytes:
                self.publish()

    def _wait_s(self) -> float | None:
        """Seconds until the collected lines are due, 0 when they are; None without lines."""
        if not self._lines:
            return None
        return max(self._since_s + self._rotation.seconds - time.monotonic(), 0.0)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
