"""The graph of the job: streams of raw lines in, rows of interests, vectors and counts out.

items   -> item step -> encode -> batches -> vector writer
               \\                      \\
                announced changes ------> broadcast
events  -> batches (texts through the encoder) -> interest step -> user writer -> trends, neighbors
control -> batches ------------------------------^
"""

from dataclasses import dataclass

from pyflink.common import Row, Types
from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment, Table

from jobs.core.parsing.cut_lines import kept_bytes
from jobs.graph import batch_sql, trends
from jobs.graph.keyed_batches import keyed_batches
from jobs.graph.sources import Streams
from jobs.operators.decode_step import BATCH_TYPE
from jobs.operators.interest_step import InterestStep
from jobs.operators.item_step import ANNOUNCED, CHANGED_ITEM_TYPE, ItemStep
from jobs.operators.item_vectors import (
    ANNOUNCED_VECTORS,
    DELETED_ITEMS,
    ITEM_VECTORS,
    LIVING_BUCKETS,
    VECTOR_ROWS_TYPE,
)
from jobs.operators.neighbor_step import NeighborStep
from jobs.operators.row_kinds import CONTROL, EVENTS
from jobs.operators.settings import OperatorSettings
from jobs.operators.user_writer import COMMITTED_TYPE, PAIRS, TREND_COUNTS, UserWriter
from jobs.operators.vector_writer import VectorWriter

UIDS = {
    "item step": "items-v1",
    "vector writer": "item-vectors-v1",
    "interest step": "interest-v2",
    "user writer": "users-v1",
    "neighbor step": "neighbors-v1",
    **trends.UIDS,
}
"""Names and uids of the stateful steps; never change a uid, since savepoints refer to it."""


@dataclass(frozen=True)
class Encoders:
    """Names of registered functions text -> float16 bytes of the vector in the space.

    `query` encodes with the query prompt, `document` with the document prompt.
    """

    query: str
    document: str


def build(
    t_env: StreamTableEnvironment, streams: Streams, settings: OperatorSettings, encoders: Encoders
) -> None:
    """Add the job's graph to the environment; nothing runs before `env.execute`."""
    changed = _changed_items(t_env, streams, settings)
    vectors = _item_vectors(t_env, changed, settings, encoders)
    _named(
        vectors.key_by(_bucket, key_type=Types.INT()).process(
            VectorWriter(settings), output_type=Types.STRING()
        ),
        "vector writer",
    )
    # A union takes streams of one type, and that of SQL is another one.
    announced = changed.get_side_output(ANNOUNCED)
    news = vectors.map(_same_row, output_type=VECTOR_ROWS_TYPE).union(announced)
    batches = t_env.to_data_stream(_user_batches(t_env, streams, settings, encoders))
    if streams.event_batches is not None:
        batches = batches.map(_same_row, output_type=BATCH_TYPE).union(streams.event_batches)
    folded = _named(
        keyed_batches(batches, settings.rules, settings.config.batching.buckets)
        .connect(news.broadcast(ITEM_VECTORS, ANNOUNCED_VECTORS, LIVING_BUCKETS, DELETED_ITEMS))
        .process(InterestStep(settings), output_type=Types.PICKLED_BYTE_ARRAY()),
        "interest step",
    )
    # The writer is a task of its own, so that the next batch is folded while Postgres commits this
    # one. The edge is a forward edge, so the batches of a bucket stay in order.
    committed = _named(
        folded.set_buffer_timeout(0)
        .process(UserWriter(settings), output_type=COMMITTED_TYPE)
        .disable_chaining(),
        "user writer",
    )
    if settings.fold.pairs is not None:
        _named(
            committed.filter(lambda row: row[2] == PAIRS)
            .key_by(_bucket, key_type=Types.INT())
            .process(NeighborStep(settings), output_type=Types.STRING()),
            "neighbor step",
        )
    if settings.config.trends.enabled:
        counts = committed.filter(lambda row: row[2] == TREND_COUNTS)
        trends.add_trends(t_env, counts, settings)


def _changed_items(
    t_env: StreamTableEnvironment, streams: Streams, settings: OperatorSettings
) -> DataStream:
    """New and changed documents, as `CHANGED_ITEM_TYPE`; those that change also as `ANNOUNCED`."""
    batching = settings.config.batching
    longest = _longest(streams, "items", settings)
    t_env.create_temporary_view("raw_items", streams.items)
    _view(
        t_env,
        "item_lines",
        batch_sql.control_lines(
            f"({batch_sql.keyed_lines('raw_items', 'item_id', batching.buckets, longest)})"
        ),
    )
    lines = t_env.sql_query(batch_sql.batches("item_lines", "ARRAY_AGG(line)", batching.batch_ms))
    return _named(
        t_env.to_data_stream(lines)
        .key_by(_bucket, key_type=Types.INT())
        .process(ItemStep(settings), output_type=CHANGED_ITEM_TYPE),
        "item step",
    )


def _item_vectors(
    t_env: StreamTableEnvironment,
    changed: DataStream,
    settings: OperatorSettings,
    encoders: Encoders,
) -> DataStream:
    """Vectors of new and changed documents, as `ROW<bucket, heads, vectors>`."""
    t_env.create_temporary_view("changed_items", t_env.from_data_stream(changed))
    _view(t_env, "encoded_items", batch_sql.vectors("changed_items", encoders.document))
    columns = "ARRAY_AGG(head), ARRAY_AGG(vector)"
    return t_env.to_data_stream(
        t_env.sql_query(
            batch_sql.batches("encoded_items", columns, settings.config.batching.batch_ms)
        )
    )


def _user_batches(
    t_env: StreamTableEnvironment, streams: Streams, settings: OperatorSettings, encoders: Encoders
) -> Table:
    """Events and commands, as `ROW<bucket, kind, lines, vectors>`.

    A batch of events either has a vector per line, or one empty vector for all lines.
    """
    config = settings.config
    buckets, batch_ms = config.batching.buckets, config.batching.batch_ms
    t_env.create_temporary_view("raw_events", streams.events)
    t_env.create_temporary_view("raw_control", streams.control)
    longest = _longest(streams, "events", settings)
    keyed = batch_sql.keyed_lines("raw_events", "user_id", buckets, longest)
    longest = _longest(streams, "control", settings)
    commands = batch_sql.keyed_lines("raw_control", "user_id", buckets, longest)
    roles = {
        role: [name for name, action in config.actions.items() if action.text == role]
        for role in (batch_sql.QUERY, batch_sql.COMMENT)
    }
    _view(t_env, "keyed_events", batch_sql.texts(f"({keyed})", roles))
    _view(t_env, "plain_events", batch_sql.plain_lines("keyed_events"))
    _view(t_env, "spoken_lines", batch_sql.lines_with_text("keyed_events"))
    _view(t_env, "spoken_events", batch_sql.after_exchange("spoken_lines"))
    encode = {batch_sql.QUERY: encoders.query, batch_sql.COMMENT: encoders.document}
    _view(
        t_env,
        "text_events",
        batch_sql.text_lines("spoken_events", encode, config.limits.max_text_chars),
    )
    _view(t_env, "control_lines", batch_sql.control_lines(f"({commands})"))
    # An array without elements instead of NULL, which Python could not iterate over.
    no_vectors = "ARRAY[X'']"
    parts = [
        ("plain_events", f"{EVENTS}, ARRAY_AGG(line), {no_vectors}"),
        ("text_events", f"{EVENTS}, ARRAY_AGG(line), ARRAY_AGG(vector)"),
        ("control_lines", f"{CONTROL}, ARRAY_AGG(line), {no_vectors}"),
    ]
    return t_env.sql_query(
        " UNION ALL ".join(
            f"SELECT * FROM ({batch_sql.batches(view, columns, batch_ms)})"  # noqa: S608
            for view, columns in parts
        )
    )


def _longest(streams: Streams, stream: str, settings: OperatorSettings) -> int | None:
    """How many bytes of a line go on; None where longer ones were cut already."""
    if stream in streams.decoded:
        return None
    return kept_bytes(settings.config.limits.max_line_bytes)


def _same_row(row: Row) -> Row:
    return row


def _bucket(row: object) -> int:
    return int(row[0])  # type: ignore[index]


def _view(t_env: StreamTableEnvironment, name: str, query: str) -> None:
    t_env.create_temporary_view(name, t_env.sql_query(query))


def _named(stream: DataStream, name: str) -> DataStream:
    return stream.name(name).uid(UIDS[name])
