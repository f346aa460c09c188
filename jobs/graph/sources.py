"""The streams of raw lines that the job reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment, Table

from jobs.checkpoints.prune import STREAMS, files_table
from jobs.config import Batching
from jobs.decoding.decode_settings import DecodeSettings
from jobs.graph.decoded import PARTS, decoded
from jobs.graph.pseudonymous import cut_streams, is_of_users, pseudonymous
from jobs.operators.pseudonym_step import PseudonymSettings
from jobs.runtime.flink_path import flink_path


@dataclass(frozen=True)
class Streams:
    """Unbounded tables of raw records: the columns `line` BYTES and `file` STRING, its path.

    `decoded` are the streams whose lines were made of records of another shape, or of raw user ids:
    these are cut. Of events so decoded `events` are those with a text, and `event_batches` all
    others, unless they have pseudonyms.
    """

    events: Table
    items: Table
    control: Table
    decoded: frozenset[str] = frozenset()
    event_batches: DataStream | None = None


def directory_streams(
    t_env: StreamTableEnvironment,
    root: Path,
    monitor_interval_ms: int,
    decode: Mapping[str, DecodeSettings],
    batching: Batching,
    pseudonyms: PseudonymSettings | None = None,
) -> Streams:
    """Streams of the folders `events`, `items` and `control` under `root`.

    The folders are created, and checked for new files every `monitor_interval_ms`. A file is read
    once and as a whole: write it elsewhere and rename it into the folder. The paths of all files
    that were read stay in the source's state, also when the files are removed (`sources.keep_s`).

    The streams of `decode` have records of another shape, a line each. With `pseudonyms` no line of
    the streams has a raw user id.
    """
    tables = []
    event_batches = None
    for name in STREAMS:
        folder = (root / name).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        path = flink_path(folder).replace("'", "''")
        t_env.execute_sql(
            f"CREATE TEMPORARY TABLE {files_table(name)}"
            " (line BYTES, file STRING METADATA FROM 'file.path') WITH ("
            f" 'connector' = 'filesystem', 'path' = '{path}', 'format' = 'raw',"
            f" 'source.monitor-interval' = '{monitor_interval_ms} ms')"
        )
        table = t_env.from_path(files_table(name))
        if name in decode:
            records = t_env.sql_query(_records(files_table(name)))
            table, batches = decoded(t_env, records, decode[name], batching, pseudonyms)
            event_batches = batches or event_batches
        elif pseudonyms is not None and is_of_users(name):
            table = pseudonymous(t_env, table, name, pseudonyms)
        tables.append(table)
    events, items, control = tables
    return Streams(events, items, control, cut_streams(decode, pseudonyms), event_batches)


def _records(files: str) -> str:
    # The lines of a file stay in their order.
    return f"""
SELECT line, file, MOD(HASH_CODE(file), {PARTS}) AS part, CAST(NULL AS BYTES) AS id,
    CAST(NULL AS MAP<STRING, BYTES>) AS headers
FROM {files}"""  # noqa: S608
