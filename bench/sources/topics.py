"""Topics of a broker on this machine, with records that are withheld until they are to be read."""

import contextlib
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from confluent_kafka import KafkaException, Producer

from jobs.connectors.kafka_jar import JAR
from jobs.errors import InterestreamError
from jobs.kafka_topics import KafkaTopics
from tests.fixtures.kafka import CONNECTORS, JARS, POM, Broker

WAIT_S = 60.0
"""How long the broker has for an answer, in seconds."""
TRANSACTION_MS = 900_000
"""The longest that a broker lets a transaction be open by default, in milliseconds."""


class TopicNotFilledError(InterestreamError):
    """The broker did not take the records."""


def missing_for_topics() -> str:
    """What is missing for a broker and a job that reads from it, and what to do; empty if nothing.

    Nothing is fetched.
    """
    if not any(JARS.glob("kafka_*.jar")):
        return (
            f"the broker's jars are missing in {JARS}: mvn --batch-mode --quiet --file"
            f" {POM} dependency:copy-dependencies -DoutputDirectory={JARS}"
        )
    if not (CONNECTORS / JAR).is_file():
        return f"Flink's Kafka connector is missing in {CONNECTORS}: interestream connectors"
    return ""


@contextlib.contextmanager
def running_topics(folder: Path, partitions: int = 1) -> Iterator[KafkaTopics]:
    """Start a broker with three empty topics of so many partitions each; `folder` is emptied.

    Raises BrokerError where it does not start.
    """
    with running_broker(folder, partitions) as (_, topics):
        yield topics


@contextlib.contextmanager
def running_broker(folder: Path, partitions: int = 1) -> Iterator[tuple[Broker, KafkaTopics]]:
    """`running_topics`, with the broker itself."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    broker = Broker(folder.absolute())
    topics = KafkaTopics(bootstrap=broker.address)
    try:
        broker.start()
        broker.create(dict.fromkeys((topics.events, topics.items, topics.control), partitions))
        yield broker, topics
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(topics: KafkaTopics) -> list[str]:
    """Settings of a job that reads the topics, and no record of a transaction that is open."""
    return [
        "sources.kind=kafka",
        f"sources.kafka.bootstrap={topics.bootstrap}",
        f"sources.kafka.events={topics.events}",
        f"sources.kafka.items={topics.items}",
        f"sources.kafka.control={topics.control}",
        f"sources.kafka.connectors={CONNECTORS.absolute()}",
        'sources.kafka.properties={"isolation.level":"read_committed"}',
    ]


class WithheldEvents:
    """Lines of events in a topic, in a transaction that `release` commits.

    They lie in the broker's log from the beginning and appear to a consumer of committed records
    in one moment, as files do that are linked into a folder. The key of each is its user. It must
    be released within `TRANSACTION_MS`. Raises TopicNotFilledError where the broker does not take
    all of them.
    """

    def __init__(self, topics: KafkaTopics, lines: Iterable[bytes]) -> None:
        self._topic = topics.events
        self._failed: list[str] = []
        settings = {
            "bootstrap.servers": topics.bootstrap,
            "transactional.id": f"fill-{topics.events}-{time.time_ns()}",
            "transaction.timeout.ms": TRANSACTION_MS,
            "linger.ms": 20,
            "log_level": 0,
        }
        with self._told():
            self._producer = Producer(settings)
            self._producer.init_transactions(WAIT_S)
            self._producer.begin_transaction()
            for line in lines:
                self._send(line)
            left = self._producer.flush(WAIT_S)
        if left or self._failed:
            self._raise(self._failed[0] if self._failed else f"{left} records were not taken")

    def release(self) -> None:
        """Let the records be read; raises TopicNotFilledError where the transaction has ended."""
        with self._told():
            self._producer.commit_transaction(WAIT_S)

    def _send(self, line: bytes) -> None:
        key = orjson.loads(line)["user_id"].encode()
        while True:
            try:
                self._producer.produce(self._topic, line, key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(1.0)
            else:
                self._producer.poll(0)
                return

    def _delivered(self, error: object, message: object) -> None:
        if error is not None:
            self._failed.append(str(error))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            self._raise(str(error))

    def _raise(self, why: str) -> None:
        raise TopicNotFilledError(f"the topic '{self._topic}' was not filled: {why}")
