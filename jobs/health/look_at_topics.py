"""Looks at the topics once or twice: at the brokers, or else at what Flink knows of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from jobs.errors import EnvironmentNotReadyError
from jobs.health.read_topics import read_topics
from jobs.health.reading import TopicReading
from jobs.kafka_topics import KafkaTopics
from jobs.runtime.flink_rest import FlinkRest

LOOK_S = 2.0
"""Time between two looks."""

Topics = dict[str, TopicReading]
"""By stream."""


@dataclass(frozen=True)
class TopicsOfJob:
    """The topics of the job that fills a space."""

    kafka: KafkaTopics
    space_id: int
    rest: FlinkRest | None = None
    job_id: str | None = None
    """The job on that cluster; None where it is not known."""

    def look(self) -> Topics | None:
        """What the brokers say, or Flink, where the package that asks brokers is missing.

        None where neither can be asked. Raises ConnectorError where no broker answers.
        """
        try:
            return read_topics(self.kafka, self.kafka.group_of(self.space_id))
        except EnvironmentNotReadyError:
            if self.rest is None or self.job_id is None:
                return None
            return self._by_flink(self.rest, self.job_id)

    def look_twice(self, longer_than_s: float, records_in: Callable[[], dict[str, int]]) -> Topics:
        """What two looks say, where a record has waited for longer than that; otherwise one.

        `records_in` counts what the job has read of each stream so far: the brokers learn that with
        each checkpoint alone. Empty where nobody can say. Raises ConnectorError.
        """
        started, read = time.monotonic(), records_in()
        first = self.look() or {}
        if not any((topic.waited_s or 0.0) > longer_than_s for topic in first.values()):
            return first
        time.sleep(LOOK_S)
        read_then, second = records_in(), self.look() or {}
        seconds = time.monotonic() - started
        return {
            stream: topic.grown(
                second[stream], read_then.get(stream, 0) - read.get(stream, 0), seconds
            )
            for stream, topic in first.items()
            if stream in second
        }

    def _by_flink(self, rest: FlinkRest, job_id: str) -> Topics | None:
        metrics = rest.metrics(job_id, ".pendingRecords")
        found = {}
        for stream, topic in self.kafka.by_stream().items():
            # SUBTASK.Source__KafkaSource-default_catalog_default_database_events_topic.pendingR...
            # names the table of the source. A topic of which nothing was ever read has none.
            end = f"_{stream}_topic.pendingRecords"
            own = [count for name, count in metrics.items() if name.endswith(end)]
            if own:
                found[stream] = TopicReading(topic, unread=round(sum(own)))
        return found or None
