"""Brokers that ask for a certificate of the client, beside its login."""

import pytest

from jobs.config import load_config
from jobs.connectors.errors import ConnectorError
from jobs.datasets.topic_feed import TopicFeed
from jobs.secret_values import KAFKA_PROPERTIES
from tests.builders import event_line, item_line
from tests.fixtures.kafka_logins import LoginBroker
from tests.jobs.datasets.test_topic_logins import values

TOPICS = {stream: f"certificates.{stream}" for stream in ("events", "items", "control")}


@pytest.fixture
def settings(kafka_certificates: LoginBroker) -> list[str]:
    given = {"bootstrap": kafka_certificates.address, **TOPICS}
    return ["sources.kind=kafka", *(f"sources.kafka.{key}={text}" for key, text in given.items())]


def test_topics_are_fed_with_the_clients_certificate_and_not_without(
    kafka_certificates: LoginBroker, settings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka_certificates.broker.create(dict.fromkeys(TOPICS.values(), 1))
    login = kafka_certificates.client_properties("SCRAM-SHA-512")
    monkeypatch.setenv(KAFKA_PROPERTIES, login)
    with pytest.raises(ConnectorError, match=r"no broker answers at .*ssl\.keystore"):
        TopicFeed(load_config(None, settings).sources.kafka)

    monkeypatch.setenv(KAFKA_PROPERTIES, f"{login}\n{kafka_certificates.certificate_properties}")
    feed = TopicFeed(load_config(None, settings).sources.kafka)
    feed.write_items([item_line("tea")])
    feed.write_events([event_line("1")])
    assert values(kafka_certificates, TOPICS["items"]) == [item_line("tea")]
    assert values(kafka_certificates, TOPICS["events"]) == [event_line("1")]
