"""The part of the graph that makes lines of the contract of a stream of another shape."""

from pyflink.table import StreamTableEnvironment, Table

from jobs.core.parsing.cut_lines import kept_bytes
from jobs.decoding.decode_settings import DecodeSettings
from jobs.graph import batch_sql
from jobs.operators.decode_step import LINES_TYPE, DecodeStep
from jobs.operators.loaded_code import LOADED

PARTS = 128
"""Groups by which records are spread over the decode step's subtasks."""
WINDOW_MS = 10
"""Records are decoded in batches of so many milliseconds, which is what they wait at most."""


def decoded(t_env: StreamTableEnvironment, records: Table, settings: DecodeSettings) -> Table:
    """Lines of the contract, as a table of the columns `line` and `file`, which is empty.

    `records` has the columns `line`, `file`, `id`, `headers` and `part`; the records of a part stay
    in their order.
    """
    stream = settings.stream
    t_env.create_temporary_view(f"{stream}_records", records)
    longest = kept_bytes(settings.rules.max_line_bytes)
    t_env.create_temporary_view(
        f"{stream}_parts",
        t_env.sql_query(batch_sql.records_to_decode(f"{stream}_records", longest)),
    )
    batches = t_env.sql_query(
        batch_sql.record_batches(f"{stream}_parts", settings.columns, WINDOW_MS)
    )
    lines = (
        t_env.to_data_stream(batches)
        .process(DecodeStep(settings, LOADED), output_type=LINES_TYPE)
        .name(f"decode {stream}")
        .uid(f"decode-{stream}-v1")
    )
    t_env.create_temporary_view(f"decoded_{stream}", t_env.from_data_stream(lines))
    return t_env.sql_query(batch_sql.lines_of_batches(f"decoded_{stream}"))
