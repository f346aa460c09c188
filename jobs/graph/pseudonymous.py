"""The part of the graph that takes raw user ids out of the streams, at their entrance.

Without `privacy.pseudonyms` nothing of it is in the graph, so that savepoints keep their ids.
"""

from collections.abc import Iterable
from typing import Literal, TypeGuard

from pyflink.table import StreamTableEnvironment, Table

from jobs.core.parsing.cut_lines import kept_bytes
from jobs.graph import batch_sql
from jobs.operators.pseudonym_step import LINE_TYPE, PseudonymSettings, PseudonymStep

StreamOfUsers = Literal["events", "control"]


def is_of_users(stream: str) -> TypeGuard[StreamOfUsers]:
    """Whether the records of a stream name users."""
    return stream in ("events", "control")


def cut_streams(decode: Iterable[str], pseudonyms: PseudonymSettings | None) -> frozenset[str]:
    """The streams whose lines are cut before the graph reads them (`Streams.decoded`)."""
    return frozenset(decode) | ({"events", "control"} if pseudonyms is not None else set())


def pseudonymous(
    t_env: StreamTableEnvironment,
    lines: Table,
    stream: StreamOfUsers,
    settings: PseudonymSettings,
) -> Table:
    """The table of the columns `line` and `file` with pseudonyms in its lines, which are cut."""
    view = f"raw_lines_of_{stream}"
    t_env.create_temporary_view(view, lines)
    longest = kept_bytes(settings.rules.max_line_bytes)
    cut = t_env.to_data_stream(t_env.sql_query(batch_sql.cut_lines(view, longest)))
    replaced = (
        cut.process(PseudonymStep(stream, settings), output_type=LINE_TYPE)
        .name(f"pseudonyms of {stream}")
        .uid(f"pseudonyms-{stream}-v1")
    )
    return t_env.from_data_stream(replaced)
