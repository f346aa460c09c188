"""The settings of Kafka's clients: of the one in Flink, and of librdkafka, which feeds topics."""

import re
from collections.abc import Mapping, Sequence

from jobs.connectors.errors import ConnectorError
from jobs.kafka_topics import KafkaTopics

_SHADED = "org.apache.flink.kafka.shaded."
"""Where the connector's jar has moved the classes of Kafka's own client."""
_JAAS = "sasl.jaas.config"
_JAAS_OPTION = re.compile(r'(username|password)\s*=\s*"((?:[^"\\]|\\.)*)"')


def client_properties(topics: KafkaTopics) -> dict[str, str]:
    """The settings of the client in Flink, secrets and all; never log them.

    The login modules of Kafka are named as in Kafka's documentation: the connector has them under
    a longer name.
    """
    given = {key: value.get_secret_value() for key, value in topics.properties.items()}
    if given.get(_JAAS, "").lstrip().startswith("org.apache.kafka."):
        given[_JAAS] = _SHADED + given[_JAAS].lstrip()
    return {**given, "bootstrap.servers": topics.bootstrap}


def librdkafka_properties(topics: KafkaTopics) -> dict[str, str]:
    """The same settings under the names of librdkafka, secrets and all; never log them.

    Raises ConnectorError for one that it has no name for.
    """
    given = {key: value.get_secret_value() for key, value in topics.properties.items()}
    found = {"bootstrap.servers": topics.bootstrap}
    if (jaas := given.pop(_JAAS, None)) is not None:
        found |= _credentials(jaas)
    for store, names in _STORES.items():
        location = given.get(f"{store}.location")
        if location is not None and given.get(f"{store}.type", "").upper() != "PEM":
            raise ConnectorError(
                f"sources.kafka.properties has {store}.location: to feed a topic it must be a PEM"
                f" file, with {store}.type=PEM, which Java reads as well"
            )
        found |= dict.fromkeys(names, location) if location is not None else {}
    return found | {name: value for name, value in given.items() if name in _SAME}


_SAME = frozenset(
    {
        "security.protocol",
        "sasl.mechanism",
        "ssl.key.password",
        "ssl.endpoint.identification.algorithm",
        "client.id",
    }
)
"""Settings that both clients have; those of consuming alone are left out."""
_STORES: Mapping[str, Sequence[str]] = {
    "ssl.truststore": ("ssl.ca.location",),
    "ssl.keystore": ("ssl.certificate.location", "ssl.key.location"),
}
"""Java's stores, and the files of librdkafka in their place."""


def without_secrets(text: str, topics: KafkaTopics) -> str:
    """Return `text` without the values of the further settings, which may be secrets."""
    for key, value in topics.properties.items():
        secret = value.get_secret_value()
        # Words such as SASL_SSL are no secrets, and an error is clearer with them.
        if key not in _PLAIN and len(secret) > 3:
            text = text.replace(secret, "***")
        for name, option in _JAAS_OPTION.findall(secret) if key == _JAAS else ():
            # Alone, where a server answers with what it was given.
            for form in (option, _unescaped(option)) if name == "password" and option else ():
                text = text.replace(form, "***")
    return text


_PLAIN = {"security.protocol", "sasl.mechanism", "client.id", "isolation.level"}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _credentials(jaas: str) -> dict[str, str]:
    options = {name: _unescaped(text) for name, text in _JAAS_OPTION.findall(jaas)}
    if options.keys() != {"username", "password"}:
        raise ConnectorError(
            "to feed a topic, sasl.jaas.config must hold a user name and a password"
            " (PLAIN and SCRAM); other logins are known to the job alone"
        )
    return {f"sasl.{name}": text for name, text in options.items()}
