"""Reads from the brokers how far a job has come in its topics, and how long records are kept."""

import time
from dataclasses import dataclass
from typing import Any

from jobs.connectors.errors import ConnectorError
from jobs.connectors.kafka_client import KafkaClient
from jobs.health.reading import TopicReading
from jobs.kafka_topics import KafkaTopics

WAIT_S = 5.0
"""How long the brokers have for each answer, in seconds."""
_MOST_PARTITIONS = 64
"""Partitions of which the oldest record that waits is looked at: those with the most records."""

_Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass(frozen=True)
class _Partition:
    topic: str
    number: int
    low: int
    high: int
    committed: int
    """The offset that the group has committed; negative where it has not."""
    begins_at_end: bool
    """Whether a job that has committed nothing begins behind the last record."""

    @property
    def position(self) -> int:
        if self.committed < 0:
            return self.high if self.begins_at_end else self.low
        return max(self.committed, self.low)

    @property
    def unread(self) -> int:
        return max(self.high - self.position, 0)

    @property
    def deleted(self) -> int:
        return self.low - self.committed if 0 <= self.committed < self.low else 0


def read_topics(topics: KafkaTopics, group: str) -> dict[str, TopicReading]:
    """What the brokers say of each topic, by stream.

    The job's position is what it has committed to `group`, with its last checkpoint; where it has
    committed nothing, where `start` has it begin. The consumer joins no group and commits nothing.
    Raises ConnectorError where no broker answers, and EnvironmentNotReadyError without the package.
    """
    client = KafkaClient(
        "Consumer",
        topics,
        group_id=group,
        enable_auto_commit=False,
        enable_partition_eof=True,
        # As Kafka's own client, and so the job, unless told otherwise.
        isolation_level="read_uncommitted",
    )
    try:
        return _read(client, topics)
    finally:
        client.raw.close()


def _read(client: KafkaClient, topics: KafkaTopics) -> dict[str, TopicReading]:
    from confluent_kafka import KafkaException  # noqa: PLC0415

    counts = client.partitions(WAIT_S)
    names = topics.by_stream()
    for stream, name in names.items():
        if name not in counts:
            raise ConnectorError(
                f"there is no topic '{name}' at {topics.bootstrap} (sources.kafka.{stream})"
            )
    try:
        begins_at_end = topics.start == "latest" or (
            topics.start == "group" and topics.reset == "latest"
        )
        read = {name: counts[name] for name in names.values()}
        partitions = _partitions(client.raw, read, begins_at_end)
        first_ms = _first_times_ms(client.raw, partitions)
    except KafkaException as error:
        raise ConnectorError(
            f"the brokers at {topics.bootstrap} do not tell the offsets of the topics"
            f" ({client.shown(error)}): the login needs DESCRIBE and READ on them, and on the group"
        ) from None
    retention_s = _retention_s(topics, list(names.values()))
    now_ms = time.time() * 1000
    found = {}
    for stream, name in names.items():
        own = [each for each in partitions if each.topic == name]
        empty = {place for place, at_ms in first_ms.items() if at_ms is None}
        times = [
            at_ms for (topic, _), at_ms in first_ms.items() if topic == name and at_ms is not None
        ]
        found[stream] = TopicReading(
            topic=name,
            unread=sum(each.unread for each in own if (each.topic, each.number) not in empty),
            end=sum(each.high for each in own),
            waited_s=max((now_ms - min(times)) / 1000, 0.0) if times else None,
            deleted=sum(each.deleted for each in own),
            retention_s=retention_s.get(name),
        )
    return found


def _partitions(consumer: Any, counts: dict[str, int], begins_at_end: bool) -> list[_Partition]:
    from confluent_kafka import TopicPartition  # noqa: PLC0415

    places = [TopicPartition(name, n) for name, count in counts.items() for n in range(count)]
    found = []
    for each in consumer.committed(places, timeout=WAIT_S):
        low, high = consumer.get_watermark_offsets(each, timeout=WAIT_S)
        found.append(_Partition(each.topic, each.partition, low, high, each.offset, begins_at_end))
    return found


def _first_times_ms(consumer: Any, partitions: list[_Partition]) -> dict[_Place, int | None]:
    """The time of the first record that waits, by partition; None where only marks of transactions
    do. A partition is missing whose record did not come in time, or has no time."""
    from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, TopicPartition  # noqa: PLC0415

    waiting = sorted((each for each in partitions if each.unread), key=lambda each: -each.unread)
    left = {
        (each.topic, each.number): TopicPartition(each.topic, each.number, each.position)
        for each in waiting[:_MOST_PARTITIONS]
    }
    if not left:
        return {}
    found: dict[_Place, int | None] = {}
    consumer.assign(list(left.values()))
    deadline = time.monotonic() + WAIT_S
    while left and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        place = None if message is None else (message.topic(), message.partition())
        if place is None or place not in left:
            continue
        # A partition's end is an error here: nothing but marks of transactions was in it.
        if message.error() is not None:
            found[place] = None
        elif message.timestamp()[0] != TIMESTAMP_NOT_AVAILABLE:
            found[place] = message.timestamp()[1]
        consumer.pause([left.pop(place)])
    consumer.unassign()
    return found


def _retention_s(topics: KafkaTopics, names: list[str]) -> dict[str, float]:
    """For how long the topics keep a record; one is missing that keeps records for ever, or whose
    settings the login may not see."""
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from confluent_kafka.admin import ConfigResource  # noqa: PLC0415

    admin = KafkaClient("AdminClient", topics).raw
    asked = admin.describe_configs(
        [ConfigResource("topic", name) for name in dict.fromkeys(names)], request_timeout=WAIT_S
    )
    found = {}
    for resource, answer in asked.items():
        try:
            settings = answer.result(WAIT_S + 1)
        except (KafkaException, TimeoutError):
            continue
        kept_ms = int(settings["retention.ms"].value)
        if kept_ms > 0 and "delete" in settings["cleanup.policy"].value:
            found[resource.name] = kept_ms / 1000
    return found
