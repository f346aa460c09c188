"""The streams of raw records that the job reads from topics of Kafka."""

from collections.abc import Mapping

from pyflink.table import StreamTableEnvironment

from jobs.config import Batching
from jobs.connectors.client_properties import client_properties
from jobs.decoding.decode_settings import DecodeSettings
from jobs.graph.decoded import decoded
from jobs.graph.pseudonymous import cut_streams, is_of_users, pseudonymous
from jobs.graph.sources import Streams
from jobs.kafka_topics import KafkaTopics
from jobs.operators.pseudonym_step import PseudonymSettings

_MODES = {"earliest": "earliest-offset", "latest": "latest-offset", "group": "group-offsets"}


def kafka_streams(
    t_env: StreamTableEnvironment,
    topics: KafkaTopics,
    group: str,
    decode: Mapping[str, DecodeSettings],
    batching: Batching,
    pseudonyms: PseudonymSettings | None = None,
) -> Streams:
    """Streams of the topics; a record's value is a line, and its `file` is where it stands.

    `group` is the consumer group that takes the committed offsets. The connector's jar must be on
    the class path. The streams of `decode` have records of another shape, which are read with their
    keys and headers; for the others holds:

    - A value of null (a tombstone) in the topic of items, with a key, becomes the line
      `{"item_id": KEY, "available": false}`, a withdrawal. Any other one becomes an empty line, as
      an empty value is, and so a dead letter: a line of null would be lost in the batches.
    - A record of several lines stays one.

    With `pseudonyms` no line of the streams has a raw user id.
    """
    tables = []
    event_batches = None
    for stream, topic in topics.by_stream().items():
        table = _topic(t_env, stream, topic, topics, group)
        if stream in decode:
            records = t_env.sql_query(_RECORDS.format(table))
            lines, batches = decoded(t_env, records, decode[stream], batching, pseudonyms)
            event_batches = batches or event_batches
            tables.append(lines)
        else:
            tombstone = _WITHDRAWN if stream == "items" else _EMPTY
            lines = t_env.sql_query(_LINES.format(tombstone, table))
            if pseudonyms is not None and is_of_users(stream):
                lines = pseudonymous(t_env, lines, stream, pseudonyms)
            tables.append(lines)
    events, items, control = tables
    return Streams(events, items, control, cut_streams(decode, pseudonyms), event_batches)


_EMPTY = "X''"
_WITHDRAWN = (
    "COALESCE(ENCODE('{\"item_id\": ' || JSON_STRING(DECODE(id, 'UTF-8')) || ', \"available\":"
    " false}', 'UTF-8'), X'')"
)
"""The line of a tombstone, from its key."""
_FILE = "topic || '/' || CAST(`partition` AS STRING) || '/' || CAST(`offset` AS STRING) AS file"
_LINES = f"SELECT COALESCE(line, {{}}) AS line, {_FILE} FROM {{}}"  # noqa: S608
# The records of a partition stay in their order.
_RECORDS = f"SELECT line, {_FILE}, id, headers, `partition` AS part FROM {{}}"  # noqa: S608


def _topic(
    t_env: StreamTableEnvironment, stream: str, topic: str, topics: KafkaTopics, group: str
) -> str:
    """Declare the table of a topic, and return its name."""
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
        " headers MAP<STRING, BYTES> METADATA VIRTUAL,"
        " topic STRING METADATA VIRTUAL, `partition` INT METADATA VIRTUAL,"
        f" `offset` BIGINT METADATA VIRTUAL) WITH ({given})"
    )
    return table


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
