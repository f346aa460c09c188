"""Records in topics of a real broker, in the partitions that `interestream feed` would choose."""

import asyncio

import pytest

from jobs.datasets.topic_feed import TopicFeed
from jobs.kafka_topics import KafkaTopics
from jobs.serve.append.errors import AppendError
from jobs.serve.append.to_topic import TopicAppender
from tests.builders import event_line, item_line
from tests.fixtures.kafka import Broker
from tests.jobs.datasets.test_topic_feed import read


def test_a_user_has_one_partition_whoever_writes(kafka: Broker) -> None:
    topics = KafkaTopics(bootstrap=kafka.address, events="api.e", items="api.i", control="api.c")
    kafka.create({topics.events: 8, topics.items: 8, topics.control: 1})
    users = [f"user-{number}" for number in range(12)]
    TopicFeed(topics).write_events(
        event_line(number, user_id=user) for number, user in enumerate(users)
    )

    async def append() -> None:
        events, items = TopicAppender(topics, "events"), TopicAppender(topics, "items")
        await asyncio.gather(
            *(
                events.append([event_line(100 + number, user_id=user)])
                for number, user in enumerate(users)
            ),
            items.append([item_line("i1"), item_line("i2")]),
        )

    asyncio.run(append())
    places: dict[bytes, set[int]] = {}
    for message in read(kafka, topics.events, 24):
        places.setdefault(message.key() or b"", set()).add(message.partition() or 0)
    assert {user.encode() for user in users} == places.keys()
    assert all(len(partitions) == 1 for partitions in places.values())
    assert {message.key() for message in read(kafka, topics.items, 2)} == {b"i1", b"i2"}


def test_a_topic_that_is_missing_is_told(kafka: Broker) -> None:
    topics = KafkaTopics(bootstrap=kafka.address, events="missing.e", items="m.i", control="m.c")
    with pytest.raises(AppendError, match="there is no topic 'missing"):
        asyncio.run(TopicAppender(topics, "events").append([b"{}"]))


def test_brokers_that_are_away_are_told() -> None:
    topics = KafkaTopics(bootstrap="127.0.0.1:1")
    with pytest.raises(AppendError, match="no broker answers"):
        asyncio.run(TopicAppender(topics, "events", wait_s=0.5).append([b"{}"]))
