"""The part of the graph that makes lines of the contract of a stream of another shape."""

from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment, Table

from jobs.config import Batching
from jobs.core.parsing.cut_lines import kept_bytes
from jobs.decoding.decode_settings import DecodeSettings
from jobs.graph import batch_sql
from jobs.operators.decode_step import EVENT_BATCHES, LINES_TYPE, DecodeStep
from jobs.operators.loaded_code import LOADED
from jobs.operators.pseudonym_step import PseudonymSettings

PARTS = 128
"""Groups of files whose records stay in their order."""
ITEMS_WINDOW_MS = 10
"""Records of items are decoded in batches of so many milliseconds, and batched again as lines."""


def decoded(
    t_env: StreamTableEnvironment,
    records: Table,
    settings: DecodeSettings,
    batching: Batching,
    pseudonyms: PseudonymSettings | None = None,
) -> tuple[Table, DataStream | None]:
    """Lines of the contract, as a table of the columns `line` and `file`, which is empty; and of
    events the batches of those that need nothing of SQL (`EVENT_BATCHES`).

    `records` has the columns `line`, `file`, `id`, `headers` and `part`; the records of a part stay
    in their order.

    With `pseudonyms` every record of events is decoded by itself, since a window would keep it, and
    its raw user ids, in checkpoints; all lines then go on in the table.
    """
    stream = settings.stream
    is_events = stream == "events"
    # Each batch of events is one for the interest step, so there are as few as without decoding.
    parts = batching.parallelism if is_events else PARTS
    window_ms = batching.batch_ms if is_events else ITEMS_WINDOW_MS
    t_env.create_temporary_view(f"{stream}_records", records)
    longest = kept_bytes(settings.rules.max_line_bytes)
    t_env.create_temporary_view(
        f"{stream}_parts",
        t_env.sql_query(batch_sql.records_to_decode(f"{stream}_records", longest, parts)),
    )
    hidden = pseudonyms if is_events else None
    batches = t_env.sql_query(
        batch_sql.record_batches(f"{stream}_parts", settings.columns, window_ms)
        if hidden is None
        else batch_sql.records_alone(f"{stream}_parts", settings.columns)
    )
    lines = (
        t_env.to_data_stream(batches)
        .process(DecodeStep(settings, LOADED, hidden), output_type=LINES_TYPE)
        .name(f"decode {stream}")
        .uid(f"decode-{stream}-v1")
    )
    t_env.create_temporary_view(f"decoded_{stream}", t_env.from_data_stream(lines))
    table = t_env.sql_query(batch_sql.lines_of_batches(f"decoded_{stream}"))
    in_batches = is_events and hidden is None
    return table, lines.get_side_output(EVENT_BATCHES) if in_batches else None
