"""Topics of Kafka as the job's source, with a real broker."""

from pathlib import Path

import pytest

from bench.verify.run import verify
from jobs.config import KafkaTopics
from jobs.datasets.topic_feed import TopicFeed
from jobs.simulator import simulated_dataset
from tests.fixtures.kafka import Broker


def topics_of(kafka: Broker, name: str, partitions: int) -> KafkaTopics:
    topics = KafkaTopics(
        bootstrap=kafka.address,
        events=f"{name}.events",
        items=f"{name}.items",
        control=f"{name}.control",
    )
    kafka.create(dict.fromkeys((topics.events, topics.items, topics.control), partitions))
    return topics


def settings_of(topics: KafkaTopics, connectors: Path) -> list[str]:
    return [
        "sources.kind=kafka",
        f"sources.kafka.bootstrap={topics.bootstrap}",
        f"sources.kafka.events={topics.events}",
        f"sources.kafka.items={topics.items}",
        f"sources.kafka.control={topics.control}",
        f"sources.kafka.connectors={connectors}",
    ]


@pytest.mark.cluster
@pytest.mark.parametrize(("partitions", "parallelism"), [(1, 1), (8, 2)])
def test_records_of_topics_give_the_rows_of_the_recomputation(
    partitions: int, parallelism: int, kafka: Broker, kafka_connectors: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, f"verify-{partitions}", partitions)
    dataset = simulated_dataset(seed=3, users=80, events=3_000, items=150, days=10)
    settings = [
        *settings_of(topics, kafka_connectors),
        f"batching.parallelism={parallelism}",
        "encoder.threads=1",
    ]
    assert verify(dataset, 3_600, 3, settings, tmp_path, TopicFeed(topics))
