"""The ways on which the same records reach the job: files, topics, or records of another shape."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bench.sources.topics import missing_for_topics, running_topics, settings_of
from bench.verify.foreign_shape import ForeignFeed, foreign_settings
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.datasets.feed import DirectoryFeed, Feed
from jobs.datasets.topic_feed import TopicFeed
from jobs.errors import EnvironmentNotReadyError


class Through(StrEnum):
    """Where the job reads."""

    FILES = "files"
    """Files of lines of the contract."""
    KAFKA = "kafka"
    """Topics of a broker on this machine."""
    MAPPING = "mapping"
    """Files of records in a shop's own shape, through a mapping."""


@dataclass(frozen=True)
class Way:
    """Settings with which the job reads on this way, and the feed that writes there."""

    settings: list[str] = field(default_factory=list)
    """As SECTION.KEY=VALUE."""
    feed: Feed | None = None
    """None for the folders of the job."""


@contextlib.contextmanager
def way(through: Through, folder: Path, partitions: int = 1) -> Iterator[Way]:
    """Prepare a way; topics have `partitions` partitions, of a broker that ends with the block.

    `folder` is emptied. Raises EnvironmentNotReadyError where the broker's jars are missing, and
    BrokerError where it does not start.
    """
    if through is Through.FILES:
        yield Way()
    elif through is Through.MAPPING:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        streams = folder / "streams"
        settings = [*foreign_settings(folder, DEFAULT_ACTIONS), f"sources.root={streams}"]
        yield Way(settings, ForeignFeed(DirectoryFeed(streams)))
    else:
        if missing := missing_for_topics():
            raise EnvironmentNotReadyError(missing)
        with running_topics(folder, partitions) as topics:
            yield Way(settings_of(topics), TopicFeed(topics))
