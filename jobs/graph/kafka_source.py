"""The streams of raw records that the job reads from topics of Kafka."""

from pyflink.table import StreamTableEnvironment, Table

from jobs.connectors.client_properties import client_properties
from jobs.graph.sources import Streams
from jobs.kafka_topics import KafkaTopics

_MODES = {"earliest": "earliest-offset", "latest": "latest-offset", "group": "group-offsets"}


def kafka_streams(t_env: StreamTableEnvironment, topics: KafkaTopics, group: str) -> Streams:
    """Streams of the topics; a record's value is a line, and its `file` is where it stands.

    `group` is the consumer group that takes the committed offsets. The connector's jar must be on
    the class path.

    - A value of null (a tombstone) in the topic of items, with a key, becomes the line
      `{"item_id": KEY, "available": false}`, a withdrawal. Any other one becomes an empty line, as
      an empty value is, and so a dead letter: a line of null would be lost in the batches.
    - A record of several lines stays one.
    """
    events = _topic(t_env, "events", topics.events, topics, group)
    items = _topic(t_env, "items", topics.items, topics, group, tombstone=_WITHDRAWN)
    control = _topic(t_env, "control", topics.control, topics, group)
    return Streams(events, items, control)


_EMPTY = "X''"
_WITHDRAWN = (
    "COALESCE(ENCODE('{\"item_id\": ' || JSON_STRING(DECODE(id, 'UTF-8')) || ', \"available\":"
    " false}', 'UTF-8'), X'')"
)
"""The line of a tombstone, from its key."""


def _topic(
    t_env: StreamTableEnvironment,
    stream: str,
    topic: str,
    topics: KafkaTopics,
    group: str,
    tombstone: str = _EMPTY,
) -> Table:
    options = {
        "connector": "kafka",
        "topic": topic,
        "scan.startup.mode": _MODES[topics.start],
        "scan.topic-partition-discovery.interval": f"{round(topics.discovery_s * 1000)} ms",
        "key.format": "raw",
        "key.fields": "id",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        **{f"properties.{key}": text for key, text in client_properties(topics).items()},
        "properties.group.id": group,
    }
    if topics.start == "group":
        options["properties.auto.offset.reset"] = topics.reset
    given = ", ".join(f"{_quoted(key)} = {_quoted(text)}" for key, text in options.items())
    table = f"{stream}_topic"
    t_env.execute_sql(
        f"CREATE TEMPORARY TABLE {table} (id BYTES, line BYTES,"
        " topic STRING METADATA VIRTUAL, `partition` INT METADATA VIRTUAL,"
        f" `offset` BIGINT METADATA VIRTUAL) WITH ({given})"
    )
    return t_env.sql_query(
        f"SELECT COALESCE(line, {tombstone}) AS line,"  # noqa: S608
        " topic || '/' || CAST(`partition` AS STRING) || '/' || CAST(`offset` AS STRING) AS file"
        f" FROM {table}"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
