"""The topics that the job reads where `sources.kind` is kafka, and the connector for them."""

import importlib.util

from jobs.connectors.errors import ConnectorError
from jobs.connectors.kafka_client import KafkaClient
from jobs.connectors.kafka_jar import find_kafka_jar, flink_libraries
from jobs.datasets.topic_feed import TopicFeed
from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.situation import Situation
from jobs.runtime.environment import flink_home

_AREA = "Streams"


def check_topics(situation: Situation) -> list[Finding]:
    """Check the connector's jar, and that the brokers answer and have the topics."""
    return [_connector(situation), _topics(situation)]


def _connector(situation: Situation) -> Finding:
    try:
        jar = find_kafka_jar(
            situation.config.sources.kafka.connectors, flink_libraries(flink_home())
        )
    except ConnectorError as error:
        return from_message(_AREA, str(error))
    return ok(_AREA, f"Flink's Kafka connector is {jar or 'among the libraries of Flink'}")


def _topics(situation: Situation) -> Finding:
    topics = situation.config.sources.kafka
    if importlib.util.find_spec("confluent_kafka") is None:
        if topics.dead_letters:
            return fail(
                _AREA,
                "sources.kafka.dead_letters names a topic, and the package that writes to it is"
                " missing, which every TaskManager needs as well",
                "pip install 'interestream[kafka]'",
            )
        return warn(
            _AREA,
            "the brokers were not asked: the package that could do it is missing, which the job"
            " does not need",
            "pip install 'interestream[kafka]'",
        )
    try:
        counts = TopicFeed(topics, wait_s=10.0).partitions()
        if (name := topics.dead_letters) and name not in counts:
            there = KafkaClient("AdminClient", topics).partitions(10.0)
            if name not in there:
                raise ConnectorError(
                    f"there is no topic '{name}' at {topics.bootstrap}"
                    " (sources.kafka.dead_letters): create it"
                )
            counts[name] = there[name]
    except ConnectorError as error:
        found, _, advice = str(error).rpartition(": ")
        return fail(_AREA, found, advice)
    held = ", ".join(f"{name} ({count} partitions)" for name, count in counts.items())
    return ok(_AREA, f"{topics.bootstrap} answers; topics: {held}")
