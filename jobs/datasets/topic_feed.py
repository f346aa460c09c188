"""Feeds records to a running job: into topics of Kafka that the job reads."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from jobs.connectors.client_properties import without_secrets
from jobs.connectors.errors import ConnectorError
from jobs.connectors.kafka_client import KafkaClient
from jobs.connectors.record_key import record_key
from jobs.datasets.dataset import Line, line_bytes
from jobs.datasets.stream_files import cut
from jobs.decoding.given_lines import given_line
from jobs.kafka_topics import KafkaTopics

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

WAIT_S = 30.0
"""How long brokers have to answer, and to take a record, in seconds."""
_KEYS = {"events": "user_id", "items": "item_id", "control": "user_id"}


class TopicFeed:
    """Writes records into the topics of items, events and control; each call returns when the
    brokers have all of them.

    The key of a record is its user's id, or the item's, so that one partition has all of a user in
    their order; a record whose key cannot be read has none. The partition is the one that Kafka's
    own client would choose. Records have the time of their writing, not of their event: retention
    would delete old ones at once. A line of more than a megabyte is cut, and so becomes a dead
    letter.

    Brokers have `wait_s` seconds to answer, and to take a record. `foreign` are the streams of
    records of another shape, into which records of the contract go in a wrapping (`given_line`).
    `read` makes of a line of another shape the record of the contract whose key it gets.

    Raises EnvironmentNotReadyError without the package, and ConnectorError where a topic is
    missing or brokers do not take a record.
    """

    def __init__(
        self,
        topics: KafkaTopics,
        wait_s: float = WAIT_S,
        *,
        foreign: Collection[str] = (),
        read: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._kafka = topics
        self._wait_s = wait_s
        self._foreign = foreign
        self._read = read
        self._partitions: dict[str, int] = {}
        self.topics = topics.by_stream()
        self.written = dict.fromkeys(self.topics, 0)
        self._failed: list[str] = []
        self._client = topic_producer(topics, wait_s)
        self._producer: Producer = self._client.raw
        self._check_topics()

    def write_items(self, records: Iterable[Line]) -> int:
        """Write item records; returns how many."""
        return self.write("items", records)

    def write_events(self, records: Iterable[Line]) -> int:
        """Write event records; returns how many."""
        return self.write("events", records)

    def write_control(self, records: Iterable[Line]) -> int:
        """Write control records; returns how many."""
        return self.write("control", records)

    def partitions(self) -> dict[str, int]:
        """How many partitions each of the three topics has, by its name."""
        return dict(self._partitions)

    def name_of(self, stream: str) -> str:
        """The topic of a stream and its brokers, for messages."""
        return f"the topic '{self.topics[stream]}' at {self._kafka.bootstrap}"

    def write(self, stream: str, records: Iterable[Line]) -> int:
        """Write records of a stream, as dictionaries or lines; returns how many."""
        written = left = 0
        try:
            for record in records:
                line = cut(line_bytes(record))
                if stream in self._foreign:
                    line = given_line(line)
                whose = record
                if self._read is not None and isinstance(record, bytes):
                    whose = self._read(record)
                self._send(stream, line, record_key(whose, _KEYS[stream]))
                written += 1
        finally:
            # Also when the records end in an error: those before it are to be in the topic.
            left = self._producer.flush(self._wait_s)
            self.written[stream] += written - left
        if left and not self._failed:
            self._failed.append(f"{left} records were not taken within {self._wait_s:.0f} s")
        if self._failed:
            raise ConnectorError(f"cannot write to {self.name_of(stream)}: {self._failed[0]}")
        return written

    def _send(self, stream: str, line: bytes, key: bytes | None) -> None:
        while not self._failed:
            try:
                self._producer.produce(
                    self.topics[stream], value=line, key=key, on_delivery=self._delivered
                )
            except BufferError:
                self._producer.poll(1.0)
            else:
                self._producer.poll(0)
                return

    def _delivered(self, error: "KafkaError | None", message: "Message") -> None:
        if error is not None:
            self._failed.append(without_secrets(error.str(), self._kafka))

    def _check_topics(self) -> None:
        found = self._client.partitions(self._wait_s)
        for stream, name in self.topics.items():
            if name not in found:
                raise ConnectorError(
                    f"there is no topic '{name}' at {self._kafka.bootstrap}"
                    f" (sources.kafka.{stream}): create it first; nothing was fed"
                )
            self._partitions[name] = found[name]


def topic_producer(topics: KafkaTopics, wait_s: float, linger_ms: int = 20) -> KafkaClient:
    """A producer whose records every broker in sync must have, `wait_s` seconds at most.

    `linger_ms`: how long it waits for more records to send with one. Raises what KafkaClient does.
    """
    return KafkaClient(
        "Producer",
        topics,
        # As Kafka's own client does: a user's records stay in one partition, whoever writes them.
        partitioner="murmur2_random",
        enable_idempotence=True,
        message_max_bytes=4_000_000,
        delivery_timeout_ms=round(wait_s * 1000),
        linger_ms=linger_ms,
    )
