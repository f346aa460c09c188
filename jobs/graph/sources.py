"""The streams of raw lines that the job reads."""

from dataclasses import dataclass
from pathlib import Path

from pyflink.table import StreamTableEnvironment, Table


@dataclass(frozen=True)
class Streams:
    """Unbounded tables with one column `line` BYTES: one raw record per row."""

    events: Table
    items: Table
    control: Table


def directory_streams(
    t_env: StreamTableEnvironment, root: Path, monitor_interval_ms: int
) -> Streams:
    """Streams of the folders `events`, `items` and `control` under `root`.

    The folders are created, and checked for new files every `monitor_interval_ms`. A file is read
    once and as a whole: write it elsewhere and rename it into the folder. The names of all files
    that were read stay in the source's state, so rotate the folder of a job that runs for months.
    """
    names = ("events", "items", "control")
    for name in names:
        folder = (root / name).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        t_env.execute_sql(
            f"CREATE TEMPORARY TABLE {name}_files (line BYTES) WITH ("
            f" 'connector' = 'filesystem', 'path' = '{folder.as_uri()}', 'format' = 'raw',"
            f" 'source.monitor-interval' = '{monitor_interval_ms} ms')"
        )
    return Streams(*(t_env.from_path(f"{name}_files") for name in names))
