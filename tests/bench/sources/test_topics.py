"""Records that a broker withholds until they are to be read."""

from pathlib import Path

import orjson
import pytest
from confluent_kafka import Consumer

from bench.sources import topics as module
from bench.sources.topics import (
    TopicNotFilledError,
    WithheldEvents,
    missing_for_topics,
    running_topics,
    settings_of,
)
from jobs.config import load_config
from jobs.connectors.kafka_jar import JAR
from jobs.kafka_topics import KafkaTopics
from tests.builders import event_line
from tests.fixtures.kafka import Broker


def committed(topics: KafkaTopics, count: int, timeout_s: float) -> list[tuple[bytes, bytes]]:
    """Keys and values of at most `count` records that a consumer of committed ones is given."""
    reader = Consumer(
        {
            "bootstrap.servers": topics.bootstrap,
            "group.id": "reader",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    reader.subscribe([topics.events])
    found = reader.consume(count, timeout_s)
    reader.close()
    return [(one.key(), one.value()) for one in found]


def test_withheld_events_are_read_in_their_order_from_their_release_on(kafka: Broker) -> None:
    topics = KafkaTopics(bootstrap=kafka.address, events="withheld")
    kafka.create({"withheld": 1})
    lines = [event_line(f"e{number}", user_id=f"u{number % 3}") for number in range(500)]
    withheld = WithheldEvents(topics, lines)
    assert committed(topics, 1, 3.0) == []
    withheld.release()
    expected = [(orjson.loads(line)["user_id"].encode(), line) for line in lines]
    assert committed(topics, 500, 30.0) == expected


def test_a_topic_that_is_not_there_is_told(kafka: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_S", 5.0)
    topics = KafkaTopics(bootstrap=kafka.address, events="nowhere")
    with pytest.raises(TopicNotFilledError, match="'nowhere' was not filled"):
        WithheldEvents(topics, [event_line("e1", user_id="ada")])


def test_a_broker_of_its_own_has_three_topics_and_leaves_nothing(
    kafka: Broker, tmp_path: Path
) -> None:
    folder = tmp_path / "broker"
    with running_topics(folder) as topics:
        WithheldEvents(topics, [event_line("e1", user_id="ada")]).release()
        assert [key for key, _ in committed(topics, 1, 30.0)] == [b"ada"]
    assert not folder.exists()


def test_the_job_reads_committed_records_of_the_topics() -> None:
    topics = KafkaTopics(bootstrap="127.0.0.1:9092")
    sources = load_config(overrides=["encoder.bundle=none", *settings_of(topics)]).sources
    read = sources.kafka
    assert (sources.kind, read.bootstrap, read.start) == ("kafka", "127.0.0.1:9092", "earliest")
    assert read.properties["isolation.level"].get_secret_value() == "read_committed"


def test_what_is_missing_is_named_with_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JARS", tmp_path / "broker")
    monkeypatch.setattr(module, "CONNECTORS", tmp_path / "connectors")
    assert "dependency:copy-dependencies" in missing_for_topics()
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "kafka_2.13-4.1.0.jar").touch()
    assert missing_for_topics().endswith("interestream connectors")
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / JAR).touch()
    assert missing_for_topics() == ""
