"""One configuration for two clients of Kafka, and its secrets in no message."""

import pytest

from jobs.connectors.client_properties import (
    client_properties,
    librdkafka_properties,
    without_secrets,
)
from jobs.connectors.errors import ConnectorError
from jobs.kafka_topics import KafkaTopics

JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required"
    ' username="ada" password="s3\\"cret";'
)


def topics(**properties: str) -> KafkaTopics:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return KafkaTopics.model_validate({"bootstrap": "b:1", "properties": given})


def test_the_login_module_has_the_name_that_it_has_in_the_connector():
    found = client_properties(topics(sasl_jaas_config=JAAS))
    assert found["sasl.jaas.config"].startswith("org.apache.flink.kafka.shaded.org.apache.kafka.")
    assert found["bootstrap.servers"] == "b:1"
    own = client_properties(topics(sasl_jaas_config="com.example.Login required;"))
    assert own["sasl.jaas.config"] == "com.example.Login required;"


def test_the_client_that_feeds_gets_the_same_login_and_nothing_that_is_for_readers():
    found = librdkafka_properties(
        topics(security_protocol="SASL_SSL", sasl_jaas_config=JAAS, max_poll_records="7")
    )
    assert found == {
        "bootstrap.servers": "b:1",
        "security.protocol": "SASL_SSL",
        "sasl.username": "ada",
        "sasl.password": 's3"cret',
    }


def test_files_of_pem_serve_both_clients():
    found = librdkafka_properties(
        topics(
            ssl_truststore_type="PEM",
            ssl_truststore_location="/ca.pem",
            ssl_keystore_type="pem",
            ssl_keystore_location="/job.pem",
        )
    )
    assert found == {
        "bootstrap.servers": "b:1",
        "ssl.ca.location": "/ca.pem",
        "ssl.certificate.location": "/job.pem",
        "ssl.key.location": "/job.pem",
    }


def test_what_the_client_that_feeds_cannot_have_is_named_and_not_shown():
    with pytest.raises(ConnectorError, match=r"ssl\.truststore\.location.*PEM"):
        librdkafka_properties(topics(ssl_truststore_location="/keys/trust.jks"))
    with pytest.raises(ConnectorError, match="a user name and a password") as raised:
        librdkafka_properties(topics(sasl_jaas_config='x required token="s3cret";'))
    assert "s3cret" not in str(raised.value)


def test_no_value_of_a_setting_is_left_in_a_message():
    given = topics(security_protocol="SASL_SSL", sasl_jaas_config="a s3cret")
    text = "SASL_SSL refused: sasl.jaas.config = a s3cret"
    assert without_secrets(text, given) == "SASL_SSL refused: sasl.jaas.config = ***"


@pytest.mark.parametrize("shown", ['pa55 "of" ada', r"pa55 \"of\" ada"])
def test_the_password_alone_is_hidden_in_both_of_its_forms(shown):
    given = topics(sasl_jaas_config=r'x.Login required username="ada" password="pa55 \"of\" ada";')
    assert without_secrets(f"ada gave {shown}", given) == "ada gave ***"
