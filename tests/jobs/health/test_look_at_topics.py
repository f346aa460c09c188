"""What waits in topics, asked of a real broker, and of a JobManager where nobody can ask it."""

import pytest
from confluent_kafka import Consumer, TopicPartition

from jobs.connectors.errors import ConnectorError
from jobs.errors import EnvironmentNotReadyError
from jobs.health import look_at_topics
from jobs.health.look_at_topics import TopicsOfJob
from jobs.health.reading import TopicReading
from jobs.kafka_topics import KafkaTopics
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.processes import free_port
from tests.fakes.job_manager import JOB, job_manager
from tests.fixtures.kafka import Broker
from tests.fixtures.kafka_records import new_topics, write_aged

HOUR_MS = 3_600_000


@pytest.fixture
def topics(kafka: Broker, request: pytest.FixtureRequest) -> KafkaTopics:
    return new_topics(kafka, f"lag-{abs(hash(request.node.name))}")


def commit(kafka: Broker, group: str, topic: str, offsets: dict[int, int]) -> None:
    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": group})
    places = [TopicPartition(topic, number, offset) for number, offset in offsets.items()]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def test_what_waits_is_what_is_behind_the_groups_offsets_and_its_age_that_of_the_oldest(
    kafka: Broker, topics: KafkaTopics
) -> None:
    write_aged(kafka, topics.events, 0, [9 * HOUR_MS, 5 * HOUR_MS, 2 * HOUR_MS])
    write_aged(kafka, topics.events, 1, [8 * HOUR_MS, 3 * HOUR_MS])
    group = topics.group_of(7)
    assert group == "interestream-space-7"
    commit(kafka, group, topics.events, {0: 2, 1: 1})
    found = TopicsOfJob(topics, 7).look() or {}
    events = found["events"]
    assert (events.unread, events.end, events.deleted) == (2, 5, 0)
    assert events.waited_s == pytest.approx(3 * 3600, abs=120)
    # The topics of the tests keep their records.
    assert events.retention_s is None
    assert found["items"] == TopicReading(topics.items, unread=0)
    other = (TopicsOfJob(topics, 8).look() or {})["events"]
    assert other.unread == 5
    at_end = topics.model_copy(update={"start": "latest"})
    assert (TopicsOfJob(at_end, 8).look() or {})["events"].unread == 0
    assert other.waited_s == pytest.approx(9 * 3600, abs=120)


def test_records_that_were_deleted_unread_are_counted_and_retention_is_known(
    kafka: Broker, topics: KafkaTopics
) -> None:
    write_aged(kafka, topics.items, 0, [0] * 6)
    commit(kafka, topics.group_of(1), topics.items, {0: 1})
    kafka.delete_before(topics.items, 4)
    kafka.configure(topics.items, {"retention.ms": "604800000"})
    items = (TopicsOfJob(topics, 1).look() or {})["items"]
    assert (items.unread, items.deleted, items.retention_s) == (2, 3, 604_800.0)


def test_a_second_look_tells_what_was_read_meanwhile(
    kafka: Broker, topics: KafkaTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_aged(kafka, topics.events, 0, [HOUR_MS] * 4)
    reads = iter([{"events": 100}, {"events": 101}])
    monkeypatch.setattr(
        "jobs.health.look_at_topics.time.sleep",
        lambda _: write_aged(kafka, topics.events, 1, [0] * 3),
    )
    found = TopicsOfJob(topics, 1).look_twice(30.0, lambda: next(reads))["events"]
    assert found.unread == 7
    assert found.grows_per_s is not None
    assert found.grows_per_s > 0
    assert not found.stands
    once = TopicsOfJob(topics, 1).look_twice(2 * 3600.0, dict)["events"]
    assert once.grows_per_s is None


def test_brokers_that_are_away_are_told(
    topics: KafkaTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.health.read_topics.WAIT_S", 1.0)
    nowhere = topics.model_copy(update={"bootstrap": f"127.0.0.1:{free_port()}"})
    with pytest.raises(ConnectorError, match="no broker answers at"):
        TopicsOfJob(nowhere, 1).look()


def test_without_the_package_flink_tells_what_is_pending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*_: object) -> None:
        raise EnvironmentNotReadyError("the package is missing")

    monkeypatch.setattr(look_at_topics, "read_topics", missing)
    topics = KafkaTopics(bootstrap="b:9092", events="shop.e", items="shop.i")
    with job_manager() as flink:
        flink.add_job("RUNNING")
        source = "Source__KafkaSource-default_catalog_default_database"
        names = [
            f"0.{source}_events_topic.pendingRecords",
            f"1.{source}_events_topic.pendingRecords",
            f"0.{source}_items_topic.pendingRecords",
        ]
        base = f"/jobs/{JOB}/vertices/v/metrics"
        flink.answers[base] = [{"id": name} for name in [*names, "0.numRecordsIn"]]
        values = [{"id": name, "value": value} for name, value in zip(names, "345", strict=True)]
        flink.answers[f"{base}?get={','.join(names)}"] = values
        host, port = flink.address.split(":")
        rest = FlinkRest(int(port), host)
        assert TopicsOfJob(topics, 1, rest, JOB).look() == {
            "events": TopicReading("shop.e", unread=7),
            "items": TopicReading("shop.i", unread=5),
        }
        assert TopicsOfJob(topics, 1, rest, None).look() is None
    assert TopicsOfJob(topics, 1).look() is None
