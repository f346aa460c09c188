"""Topics behind a login and TLS: feeding, the doctor, and what a wrong setting is told as."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from jobs.config import load_config
from jobs.connectors.errors import ConnectorError
from jobs.datasets.topic_feed import TopicFeed
from jobs.doctor.run import examine
from jobs.kafka_topics import KafkaTopics
from jobs.secret_values import KAFKA_PROPERTIES
from tests.builders import event_line
from tests.fixtures.kafka_logins import PASSWORD, LoginBroker

WRONG = "s3cret but wrong"


@pytest.fixture(scope="module")
def names(kafka_logins: LoginBroker) -> dict[str, str]:
    found = {stream: f"logins.{stream}" for stream in ("events", "items", "control")}
    kafka_logins.broker.create(dict.fromkeys(found.values(), 1))
    return found


@pytest.fixture
def settings(kafka_logins: LoginBroker, names: dict[str, str]) -> list[str]:
    given = {"bootstrap": kafka_logins.address, **names}
    return ["sources.kind=kafka", *(f"sources.kafka.{key}={text}" for key, text in given.items())]


def topics_with(
    monkeypatch: pytest.MonkeyPatch, settings: list[str], properties: str
) -> KafkaTopics:
    monkeypatch.setenv(KAFKA_PROPERTIES, properties)
    return load_config(None, settings).sources.kafka


def values(kafka_logins: LoginBroker, topic: str) -> list[bytes | None]:
    consumer = Consumer(
        {
            "bootstrap.servers": kafka_logins.broker.address,
            "group.id": "test",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([topic])
    found: list[bytes | None] = []
    while (message := consumer.poll(30)) is not None and message.error() is None:
        found.append(message.value())
    consumer.close()
    return found


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_the_commands_log_in_with_the_lines_of_a_client_properties(
    kafka_logins: LoginBroker,
    kafka_connectors: Path,
    settings: list[str],
    names: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mechanism: str,
) -> None:
    given = [*settings, f"sources.kafka.connectors={kafka_connectors}"]
    monkeypatch.setenv(KAFKA_PROPERTIES, kafka_logins.client_properties(mechanism))
    line = event_line(mechanism)
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "feed", "events", *(f"--set={one}" for one in given)],
        input=line + b"\n",
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert line in values(kafka_logins, names["events"])
    found = examine(None, given, "", jobmanager="", cluster=tmp_path / "cluster")
    jar, topics = (each for each in found if each.area == "Streams")
    assert (jar.level, topics.level) == ("ok", "ok")
    assert f"{names['events']} (1 partitions)" in topics.found


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_wrong_password_is_told_at_once_in_one_sentence_without_it(
    kafka_logins: LoginBroker,
    settings: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mechanism: str,
) -> None:
    topics = topics_with(monkeypatch, settings, kafka_logins.client_properties(mechanism, WRONG))
    started = time.monotonic()
    with pytest.raises(ConnectorError) as raised:
        TopicFeed(topics)
    assert time.monotonic() - started < 15
    sentence = str(raised.value)
    assert sentence.startswith(f"the brokers at {kafka_logins.address} refuse the login (")
    assert sentence.endswith(
        "check user, password and sasl.mechanism in INTERESTREAM_KAFKA_PROPERTIES or"
        " sources.kafka.properties"
    )
    assert WRONG not in sentence
    (topic,) = (
        each
        for each in examine(None, settings, "", jobmanager="", cluster=tmp_path / "cluster")
        if each.area == "Streams" and "refuse the login" in each.found
    )
    assert topic.level == "fail"
    assert topic.advice.startswith("check user, password")
    assert WRONG not in topic.found + topic.advice


def test_a_certificate_of_an_authority_that_is_not_known_is_told(
    kafka_logins: LoginBroker, settings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = kafka_logins.client_properties("PLAIN").splitlines()
    without = "\n".join(line for line in lines if "truststore" not in line)
    topics = topics_with(monkeypatch, settings, without)
    with pytest.raises(ConnectorError, match="there is no TLS with the brokers at") as raised:
        TopicFeed(topics)
    assert "ssl.truststore.location" in str(raised.value)
    assert PASSWORD not in str(raised.value)
