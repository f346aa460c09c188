"""Asks the brokers whether the topics are there, before a job starts that would restart for ever.

It asks with the client of Flink's connector, so with the settings and rights that the job has.
"""

from typing import Any

from py4j.protocol import Py4JJavaError
from pyflink.java_gateway import get_gateway

from jobs.connectors.client_properties import client_properties, without_secrets
from jobs.graph.errors import TopicError
from jobs.kafka_topics import KafkaTopics
from jobs.secret_values import KAFKA_PROPERTIES

_PROPERTIES = f"{KAFKA_PROPERTIES} or sources.kafka.properties"
WAIT_S = 20
"""How long the brokers have for an answer, in seconds."""


def check_topics(topics: KafkaTopics) -> None:
    """Check that the topics exist and can be seen; the connector must be on the class path.

    Raises TopicError that names the key to put right.
    """
    jvm = get_gateway().jvm
    given = jvm.java.util.Properties()
    limits = {"default.api.timeout.ms": f"{WAIT_S}000", "request.timeout.ms": f"{WAIT_S}000"}
    for key, text in {**client_properties(topics), **limits}.items():
        given.setProperty(key, text)
    clients = jvm.org.apache.flink.kafka.shaded.org.apache.kafka.clients
    try:
        admin = clients.admin.AdminClient.create(given)
    except Py4JJavaError as error:
        cause = without_secrets(_cause(error), topics)
        raise TopicError(
            f"Kafka's client does not take sources.kafka.properties: {cause}"
        ) from None
    try:
        names = topics.by_stream()
        if topics.dead_letters:
            names["dead_letters"] = topics.dead_letters
        answers = admin.describeTopics(list(names.values())).topicNameValues()
        for stream, topic in names.items():
            try:
                answers.get(topic).get(WAIT_S + 5, jvm.java.util.concurrent.TimeUnit.SECONDS)
            except Py4JJavaError as error:
                # Without the cause: Java's messages may show settings.
                raise TopicError(_sentence(stream, topic, topics, _cause(error))) from None
    finally:
        admin.close()


def _sentence(stream: str, topic: str, topics: KafkaTopics, cause: str) -> str:
    key = f"sources.kafka.{stream}"
    if "UnknownTopicOrPartitionException" in cause:
        return (
            f"there is no topic '{topic}' at {topics.bootstrap} ({key}): create it, or set {key}"
            " to the one that there is"
        )
    if "AuthorizationException" in cause:
        return (
            f"Kafka does not let this user use the topic '{topic}' ({key}): grant it DESCRIBE and"
            f" {'WRITE' if stream == 'dead_letters' else 'READ'}"
        )
    # SslAuthenticationException is the failed handshake.
    if "SslAuthenticationException" in cause or "SSLHandshakeException" in cause:
        return (
            f"there is no TLS with the brokers at {topics.bootstrap}"
            f" ({without_secrets(cause, topics)}): check ssl.truststore.location in {_PROPERTIES}"
        )
    if "AuthenticationException" in cause:
        return (
            f"the brokers at {topics.bootstrap} refuse the login"
            f" ({without_secrets(cause, topics)}): check user, password and sasl.mechanism in"
            f" {_PROPERTIES}"
        )
    if "TimeoutException" in cause:
        return (
            f"no broker answers at {topics.bootstrap} within {WAIT_S} s: check"
            " sources.kafka.bootstrap, and that the brokers' advertised addresses can be reached"
            " from here"
        )
    return f"the topic '{topic}' ({key}) cannot be read: {without_secrets(cause, topics)}"


def _cause(error: Py4JJavaError) -> str:
    """The class and message of the innermost Java exception."""
    found: Any = error.java_exception
    while (inner := found.getCause()) is not None:
        found = inner
    return f"{found.getClass().getSimpleName()}: {found.getMessage()}"
