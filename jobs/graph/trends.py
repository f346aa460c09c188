"""The branch of the graph that counts trends: counts of the user writer in, rows of `trends` out.

counts -> clock (merged, with event time) -> windows over event time (SQL) -> writer
"""

from pyflink.common import Types
from pyflink.datastream import DataStream
from pyflink.table import DataTypes, Schema, StreamTableEnvironment

from jobs.graph import batch_sql, trend_sql
from jobs.operators.private_trend_writer import PrivateTrendWriter
from jobs.operators.settings import OperatorSettings
from jobs.operators.trend_clock_step import CLOCKED_COUNTS_TYPE, TrendClockStep
from jobs.operators.trend_writer import TrendWriter

UIDS = {
    "trend clock": "trend-clock-v1",
    "trend writer": "trend-writer-v1",
}
"""Names and uids of the stateful steps of trends."""


def add_trends(
    t_env: StreamTableEnvironment, counts: DataStream, settings: OperatorSettings
) -> None:
    """Add the steps of trends behind `counts`, the output of the user writer.

    Call this last: Flink derives the uids of SQL state from the order in which queries are added.
    """
    # One clock for all buckets, so that a bucket or subtask without events cannot hold it back.
    clocked = (
        counts.key_by(lambda _: 0, key_type=Types.INT())
        .process(TrendClockStep(settings), output_type=CLOCKED_COUNTS_TYPE)
        .set_parallelism(1)
        .name("trend clock")
        .uid(UIDS["trend clock"])
    )
    t_env.create_temporary_view("clocked_batches", t_env.from_data_stream(clocked))
    # A watermark can only be declared where a stream becomes a table (docs/traps.md).
    entries = t_env.to_data_stream(t_env.sql_query(trend_sql.clocked_counts("clocked_batches")))
    schema = (
        Schema.new_builder()
        .column("interactions", DataTypes.BIGINT())
        .column("weight", DataTypes.BIGINT())
        .column("entry", DataTypes.STRING())
        .column("event_at", DataTypes.TIMESTAMP_LTZ(3))
        .column("clock_at", DataTypes.TIMESTAMP_LTZ(3))
        .watermark("event_at", "clock_at")
        .build()
    )
    t_env.create_temporary_view("timed_entries", t_env.from_data_stream(entries, schema))
    t_env.create_temporary_view(
        "counted_entries", t_env.sql_query("SELECT * FROM timed_entries WHERE interactions > 0")
    )
    trends = settings.config.trends
    windows = trend_sql.windows("counted_entries", trends.update_s)
    t_env.create_temporary_view("trend_windows", t_env.sql_query(windows))
    batches = t_env.sql_query(
        batch_sql.batches("trend_windows", "ARRAY_AGG(packed)", trends.merge_ms)
    )
    private = settings.config.privacy.epsilon is not None
    writer = PrivateTrendWriter(settings) if private else TrendWriter(settings)
    (
        t_env.to_data_stream(batches)
        .key_by(lambda _: 0, key_type=Types.INT())
        .process(writer, output_type=Types.STRING())
        .set_parallelism(1)
        .name("trend writer")
        .uid(UIDS["trend writer"])
    )
