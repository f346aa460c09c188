"""Dead letters in a topic: what a record holds, and what happens while the brokers are away."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, KafkaError, Message
from pyflink.common import Row

from jobs.config import Config
from jobs.core.interest.user_batch import UserBatch
from jobs.core.parsing.events import DELETED_ITEM, FORGOTTEN_USER, DeadLetter
from jobs.core.progress import Progress
from jobs.kafka_topics import KafkaTopics
from jobs.operators.item_step import ItemStep
from jobs.operators.user_batches import CountedBatch
from jobs.operators.user_writer import UserWriter
from jobs.sinks import dead_letter_topic
from jobs.sinks.dead_letter_topic import DeadLetterTopic
from tests.builders import NOON_MS, item_line, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.fixtures.kafka import Broker, broker_folder
from tests.jobs.operators.builders import create_space

Shown = tuple[bytes | None, bytes | None, dict[str, bytes]]
BROKEN = DeadLetter(b'{"user_id":"ada"\xff', "not_utf8", "byte 16", "ada")


def letters(*raw: bytes) -> dict[str, list[DeadLetter]]:
    return {"events": [DeadLetter(each, "not_json") for each in raw]}


@pytest.fixture
def topic(kafka: Broker, request: pytest.FixtureRequest) -> KafkaTopics:
    name = f"dead-{abs(hash(request.node.name))}"
    kafka.create({name: 1})
    return KafkaTopics(bootstrap=kafka.address, dead_letters=name)


def read(topic: KafkaTopics, count: int) -> list[Shown]:
    consumer = Consumer(
        {
            "bootstrap.servers": topic.bootstrap,
            "group.id": "test",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic.dead_letters])
    found: list[Message] = []
    while len(found) < count:
        (message,) = consumer.consume(1, timeout=30) or [None]
        assert message is not None, f"{len(found)} of {count} records came"
        assert message.error() is None
        found.append(message)
    assert consumer.consume(1, timeout=0.2) == []
    consumer.close()
    return [(each.key(), each.value(), dict(each.headers() or [])) for each in found]


def test_a_record_is_the_raw_bytes_with_the_users_or_items_id_as_key_and_why_in_its_headers(
    topic: KafkaTopics,
) -> None:
    sent = DeadLetterTopic(topic, space_id=3)
    sent.send({"events": [BROKEN], "control": [DeadLetter(b"x", "not_json", "é")]})
    sent.send(
        {
            "items": [
                DeadLetter(b'{"item_id": 7}', "missing_field", "title"),
                DeadLetter(b"", "not_json"),
            ]
        }
    )
    sent.send({"events": [DeadLetter(b"", FORGOTTEN_USER, user_id="bob")]})
    sent.send({"items": [DeadLetter(b"", DELETED_ITEM)]})
    events = {"reason": b"not_utf8", "detail": b"byte 16", "stream": b"events", "space": b"3"}
    control = {"reason": b"not_json", "detail": "é".encode(), "stream": b"control", "space": b"3"}
    items = {"detail": b"title", "stream": b"items", "space": b"3"}
    assert read(topic, 4) == [
        (b"ada", BROKEN.raw, events),
        (None, b"x", control),
        (b"7", b'{"item_id": 7}', {"reason": b"missing_field", **items}),
        (None, b"", {"reason": b"not_json", **items, "detail": b""}),
    ]


def flink_of(operator: Any, dsn: str, topic: KafkaTopics) -> FakeFlink:
    sources = {"kind": "kafka", "kafka": topic.model_dump(), "items_first": False}
    settings = operator_settings(dsn, space_id=create_space(dsn), sources=sources)
    return FakeFlink(lambda: operator(settings), NOON_MS)


def test_the_writers_of_users_and_items_send_what_they_have_committed(
    topic: KafkaTopics, job_dsn: str
) -> None:
    users = flink_of(UserWriter, job_dsn, topic)
    after = Progress(records_in=1, dead_letters=1)
    batch = UserBatch(1, 1, 0, progress={"events": after}, dead={"events": [BROKEN]})
    for _ in range(2):  # The second time after a failure: the table has the row once.
        assert list(users.operator.process_element(CountedBatch(batch, Progress()), None)) == []
    users.close()
    items = flink_of(ItemStep, job_dsn, topic)
    items.send(Row(0, [item_line("tea", title="Tea"), b'{"item_id": "cup"}']))
    items.close()
    found = [(key, value) for key, value, _ in read(topic, 3)]
    assert found == [(b"ada", BROKEN.raw)] * 2 + [(b"cup", b'{"item_id": "cup"}')]
    with psycopg.connect(job_dsn) as db:
        rows = db.execute("SELECT raw FROM interestream.dead_letters ORDER BY stream").fetchall()
    assert rows == [(BROKEN.raw,), (b'{"item_id": "cup"}',)]


def test_without_a_topic_nothing_is_opened() -> None:
    assert DeadLetterTopic.of(Config(), 1) is None


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    with broker_folder() as folder:
        broker = Broker(folder)
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()


def test_while_the_broker_is_away_the_job_goes_on_with_a_word_and_the_letters_follow(
    own_broker: Broker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dead_letter_topic, "WAIT_S", 1.0)
    caplog.set_level(logging.WARNING)
    own_broker.create({"shop.dead": 1})
    topic = KafkaTopics(bootstrap=own_broker.address, dead_letters="shop.dead")
    sent = DeadLetterTopic(topic, space_id=1)
    sent.send(letters(b"before"))
    own_broker.kill()
    started = time.monotonic()
    sent.send(letters(b"first"))
    assert 0.9 <= time.monotonic() - started < 5
    assert "'shop.dead' at" in caplog.text
    assert "1 wait in memory, 0 are in the table dead_letters alone; the job goes on" in caplog.text
    started = time.monotonic()
    for number in range(100):
        sent.send(letters(b"%d" % number))
    sent.send({"events": []})
    assert time.monotonic() - started < 1.0, "no other batch waits"
    assert caplog.text.count("the job goes on") == 1
    own_broker.start()
    deadline = time.monotonic() + 60
    while "has taken those that waited" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        sent.send({"events": []})
    expected = [b"before", b"first", *(b"%d" % number for number in range(100))]
    assert sorted(value or b"" for _, value, _ in read(topic, 102)) == sorted(expected)
    assert sent.missing == 0


def test_a_letter_that_the_topic_cannot_take_stays_in_the_table_with_a_word(
    kafka: Broker, topic: KafkaTopics, caplog: pytest.LogCaptureFixture
) -> None:
    kafka.configure(topic.dead_letters, {"max.message.bytes": "1000"})
    sent = DeadLetterTopic(topic, space_id=1)
    sent.send(letters(b"x" * 5_000, b"small"))
    assert sent.missing == 1
    assert "1 are in the table dead_letters alone" in caplog.text
    sent.send(letters(b"next"))
    assert [value for _, value, _ in read(topic, 2)] == [b"small", b"next"]


def test_more_letters_than_memory_may_hold_stay_in_the_table(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dead_letter_topic, "WAIT_S", 0.1)
    monkeypatch.setattr(dead_letter_topic, "MOST_HELD", 10)
    nowhere = KafkaTopics(bootstrap="127.0.0.1:1", dead_letters="shop.dead")
    sent = DeadLetterTopic(nowhere, space_id=1)
    sent.send(letters(*[b"x"] * 25))
    assert sent.missing == 15
    assert "10 wait in memory, 15 are in the table" in caplog.text


def test_a_letter_that_was_refused_for_want_of_a_right_is_tried_again(topic: KafkaTopics) -> None:
    sent = DeadLetterTopic(topic, space_id=1)
    record = sent._record("events", BROKEN)
    refusal = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    sent._delivered(refusal, Message(topic.dead_letters), record)
    sent.send(letters(b"next"))
    assert [value for _, value, _ in read(topic, 2)] == [BROKEN.raw, b"next"]
    assert sent.missing == 0
