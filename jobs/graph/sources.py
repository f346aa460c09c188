"""Where the raw lines come from."""

from dataclasses import dataclass
from pathlib import Path

from pyflink.table import StreamTableEnvironment, Table


@dataclass(frozen=True)
class Streams:
    """Tables with one column, `line` BYTES: one raw record a row, unbounded."""

    events: Table
    items: Table
    control: Table


def directory_streams(
    t_env: StreamTableEnvironment, root: Path, monitor_interval_ms: int
) -> Streams:
    """Folders `events`, `items` and `control` under `root`, watched for new files.

    A file is read once and whole: write it aside and rename it into the folder. The names of files
    read stay in the source's state for good: rotate the folder for a job that runs for months.
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
