"""Clients of Kafka in Python (librdkafka): how one is made, and what keeps it from the brokers."""

import time
from typing import TYPE_CHECKING, Any, Literal

from jobs.connectors.client_properties import librdkafka_properties, without_secrets
from jobs.connectors.errors import ConnectorError
from jobs.errors import EnvironmentNotReadyError
from jobs.kafka_topics import KafkaTopics
from jobs.secret_values import KAFKA_PROPERTIES

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, KafkaException

_ASK_S = 2.0
"""How long one question waits; between them it is looked whether the brokers refuse the login."""


class KafkaClient:
    """A producer, consumer or administrator of librdkafka, with the configuration's settings.

    Raises EnvironmentNotReadyError without the package, and ConnectorError for settings that it
    does not take.
    """

    def __init__(
        self,
        kind: Literal["Producer", "Consumer", "AdminClient"],
        topics: KafkaTopics,
        **settings: object,
    ) -> None:
        """`settings` are named as in librdkafka, with `_` for each point."""
        try:
            import confluent_kafka  # noqa: PLC0415
            import confluent_kafka.admin  # noqa: PLC0415
        except ImportError as error:
            raise EnvironmentNotReadyError(
                "the package that talks to brokers is missing: run `pip install"
                " 'interestream[kafka]'`"
            ) from error
        self._topics = topics
        self._refused = ""
        self._refusals = {
            confluent_kafka.KafkaError._AUTHENTICATION: _LOGIN,
            confluent_kafka.KafkaError._SSL: _TLS,
        }
        given: dict[str, object] = {
            **librdkafka_properties(topics),
            # Errors are raised or reported with the record; the log would repeat them.
            "log_level": 0,
            "error_cb": self._on_error,
            **{name.replace("_", "."): value for name, value in settings.items()},
        }
        try:
            module = confluent_kafka.admin if kind == "AdminClient" else confluent_kafka
            self.raw: Any = getattr(module, kind)(given)
        except confluent_kafka.KafkaException as error:
            raise ConnectorError(
                f"sources.kafka.properties cannot be used: {self.shown(error)}"
            ) from None

    @property
    def refused(self) -> str:
        """Why the brokers do not let this client in, as a sentence; empty where they do."""
        return self._refused

    def shown(self, error: "KafkaException") -> str:
        """What an exception says, without secrets."""
        return without_secrets(error.args[0].str(), self._topics)

    def partitions(self, wait_s: float) -> dict[str, int]:
        """How many partitions each topic of the brokers has, by its name.

        Raises ConnectorError where no broker answers within `wait_s`, and at once where they refuse
        the login or the certificates do not fit.
        """
        from confluent_kafka import KafkaException  # noqa: PLC0415

        deadline = time.monotonic() + wait_s
        while True:
            try:
                left = min(_ASK_S, max(deadline - time.monotonic(), 0.1))
                found = self.raw.list_topics(timeout=left).topics
            except KafkaException as error:
                self.raw.poll(0)
                if self._refused:
                    raise ConnectorError(self._refused) from None
                if time.monotonic() < deadline:
                    continue
                raise ConnectorError(
                    f"no broker answers at {self._topics.bootstrap}"
                    f" ({self.shown(error)}): check"
                    " sources.kafka.bootstrap, and sources.kafka.properties where the brokers ask"
                    " for a login, or for a certificate of the client (ssl.keystore.location)"
                ) from None
            return {name: len(topic.partitions) for name, topic in found.items()}

    def _on_error(self, error: "KafkaError") -> None:
        sentence = self._refusals.get(error.code())
        if sentence is not None:
            reason = without_secrets(error.str(), self._topics)
            self._refused = sentence.format(bootstrap=self._topics.bootstrap, reason=reason)


_WHERE = f"in {KAFKA_PROPERTIES} or sources.kafka.properties"
_LOGIN = (
    "the brokers at {bootstrap} refuse the login ({reason}): check user, password and"
    " sasl.mechanism " + _WHERE
)
_TLS = (
    "there is no TLS with the brokers at {bootstrap} ({reason}): check security.protocol and the"
    " stores (ssl.truststore.location) " + _WHERE
)
