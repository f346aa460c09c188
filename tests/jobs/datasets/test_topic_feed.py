"""Records go into topics of a real broker, where Kafka's own client would put them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Consumer, Message

from jobs.config import load_config
from jobs.connectors.errors import ConnectorError
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.topic_feed import TopicFeed
from jobs.decoding.foreign_records import foreign_records
from jobs.doctor.run import examine
from jobs.kafka_topics import KafkaTopics
from jobs.runtime.processes import free_port
from tests.builders import command_line, event, event_line, item_line
from tests.fixtures.kafka import Broker

MURMUR2 = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "abc": 479470107,
}
"""Hashes of keys that the tests of Kafka's own client hold."""


@pytest.fixture
def topics(kafka: Broker, request: pytest.FixtureRequest) -> KafkaTopics:
    name = f"feed-{abs(hash(request.node.name))}"
    topics = KafkaTopics(
        bootstrap=kafka.address, events=f"{name}.e", items=f"{name}.i", control=f"{name}.c"
    )
    kafka.create({topics.events: 8, topics.items: 8, topics.control: 1})
    return topics


def read(kafka: Broker, topic: str, count: int) -> list[Message]:
    consumer = Consumer(
        {
            "bootstrap.servers": kafka.address,
            "group.id": "test",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    found: list[Message] = []
    while len(found) < count:
        (message,) = consumer.consume(1, timeout=30) or [None]
        assert message is not None, f"{len(found)} of {count} records came"
        assert message.error() is None
        found.append(message)
    consumer.close()
    return found


def test_a_record_goes_to_the_partition_that_kafkas_own_client_would_choose(
    kafka: Broker, topics: KafkaTopics
) -> None:
    feed = TopicFeed(topics)
    assert feed.write_items(item_line(name) for name in MURMUR2) == len(MURMUR2)
    assert feed.write_events([event(1, user_id="foobar"), event_line(2, user_id="abc")]) == 2
    for topic, names in ((topics.items, list(MURMUR2)), (topics.events, ["foobar", "abc"])):
        found = {
            (message.key() or b"").decode(): message.partition()
            for message in read(kafka, topic, len(names))
        }
        assert found == {name: (MURMUR2[name] & 0x7FFFFFFF) % 8 for name in names}


def test_a_line_without_a_readable_key_goes_in_as_it_is(kafka: Broker, topics: KafkaTopics) -> None:
    lines = [b"no json", b'{"user_id": true}', b'["user_id"]', command_line("ada", "forget")]
    assert TopicFeed(topics).write_control(lines) == 4
    found = [(message.key(), message.value()) for message in read(kafka, topics.control, 4)]
    assert found == [(None, lines[0]), (None, lines[1]), (None, lines[2]), (b"ada", lines[3])]


def test_records_for_a_topic_of_another_shape_have_the_keys_that_they_would_have_here(
    kafka: Broker, topics: KafkaTopics
) -> None:
    config = load_config(None, ["sources.formats.events.mapping=taobao"])
    foreign = foreign_records("events", config)
    assert foreign is not None
    ours, theirs = (
        event(1, user_id="abc"),
        b'{"UserID":"foobar","ItemID":7,"BehaviorType":"pv","Timestamp":1773144000}',
    )
    TopicFeed(topics, foreign=config.sources.formats.foreign).write_events([ours])
    TopicFeed(topics, read=foreign.first).write_events([theirs])
    found = {message.key(): message.value() for message in read(kafka, topics.events, 2)}
    assert found == {b"abc": b'{"interestream":%b}' % orjson.dumps(ours), b"foobar": theirs}


def test_records_before_an_error_are_in_the_topic_and_counted(
    kafka: Broker, topics: KafkaTopics
) -> None:
    def broken_off() -> Iterator[bytes]:
        yield event_line(1)
        yield event_line(2)
        raise DatasetFileError("cannot read clicks.csv.gz")

    feed = TopicFeed(topics)
    feed.write_items([item_line("east")])
    with pytest.raises(DatasetFileError):
        feed.write_events(broken_off())
    assert feed.written == {"events": 2, "items": 1, "control": 0}
    assert len(read(kafka, topics.events, 2)) == 2


def test_brokers_that_do_not_answer_are_named(topics: KafkaTopics) -> None:
    nowhere = topics.model_copy(update={"bootstrap": f"127.0.0.1:{free_port()}"})
    with pytest.raises(ConnectorError, match=f"no broker answers at {nowhere.bootstrap}"):
        TopicFeed(nowhere, wait_s=2.0)


def test_the_command_feeds_the_topic_of_the_configuration(
    kafka: Broker, topics: KafkaTopics, tmp_path: Path
) -> None:
    file = tmp_path / "job.toml"
    file.write_text(
        '[sources]\nkind = "kafka"\n[sources.kafka]\n'
        f'bootstrap = "{topics.bootstrap}"\nevents = "{topics.events}"\n'
        f'items = "{topics.items}"\ncontrol = "{topics.control}"\n'
    )
    lines = b"".join(event_line(n) + b"\n" for n in range(3))
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "feed", "events", "--config", str(file)],
        input=lines,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr.decode()
    sentence = f"3 lines went into the topic '{topics.events}' at {topics.bootstrap}"
    assert done.stdout.decode().strip() == sentence
    values = [message.value() for message in read(kafka, topics.events, 3)]
    assert sorted(values) == sorted(lines.splitlines())


def test_the_doctor_counts_partitions_and_names_a_topic_that_is_missing(
    kafka: Broker, topics: KafkaTopics, kafka_connectors: Path, tmp_path: Path
) -> None:
    settings = [
        "sources.kind=kafka",
        f"sources.kafka.bootstrap={kafka.address}",
        f"sources.kafka.events={topics.events}",
        f"sources.kafka.items={topics.items}",
        f"sources.kafka.control={topics.control}",
        f"sources.kafka.connectors={kafka_connectors}",
        "sources.kafka.properties.client.id=s3cret-name",
    ]

    def look(*more: str) -> list[tuple[str, str]]:
        found = examine(None, [*settings, *more], "", jobmanager="", cluster=tmp_path / "cluster")
        assert not any("s3cret" in finding.found + finding.advice for finding in found)
        return [(each.level, each.found) for each in found if each.area == "Streams"]

    jar, held = look()
    assert jar[0] == "ok"
    assert held[0] == "ok"
    assert f"{topics.events} (8 partitions)" in held[1]
    _, missing = look("sources.kafka.items=nowhere")
    assert missing[0] == "fail"
    assert "no topic 'nowhere'" in missing[1]
    _, missing = look("sources.kafka.dead_letters=nobody")
    assert missing[0] == "fail"
    assert "no topic 'nobody'" in missing[1]
