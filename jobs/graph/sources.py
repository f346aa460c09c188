"""The streams of raw lines that the job reads."""

from dataclasses import dataclass
from pathlib import Path

from pyflink.table import StreamTableEnvironment, Table

from jobs.checkpoints.prune import STREAMS, files_table
from jobs.runtime.flink_path import flink_path


@dataclass(frozen=True)
class Streams:
    """Unbounded tables of raw records: the columns `line` BYTES and `file` STRING, its path."""

    events: Table
    items: Table
    control: Table


def directory_streams(
    t_env: StreamTableEnvironment, root: Path, monitor_interval_ms: int
) -> Streams:
    """Streams of the folders `events`, `items` and `control` under `root`.

    The folders are created, and checked for new files every `monitor_interval_ms`. A file is read
    once and as a whole: write it elsewhere and rename it into the folder. The paths of all files
    that were read stay in the source's state, also when the files are removed (`sources.keep_s`).
    """
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
    return Streams(*(t_env.from_path(files_table(name)) for name in STREAMS))
