"""Removes logs of processes of the kept cluster that have ended."""

from pathlib import Path

from jobs.maintenance.outcome import Removed
from jobs.runtime.kept_cluster import find_cluster

FOLDERS = ("log", "client")
"""Where the cluster and the clients that submit jobs to it write, in the cluster's folder."""


def remove_old_logs(cluster: Path, before_s: float, *, dry_run: bool = False) -> Removed:
    """Remove files of the logs below `cluster` that nobody has written to since `before_s`.

    What a process of the running cluster has open stays, however old it is. Raises OSError where a
    file cannot be removed.
    """
    in_use = _open_files(cluster)
    count = freed = 0
    for name in FOLDERS:
        for file in sorted((cluster / name).rglob("*")):
            if not file.is_file() or file.stat().st_mtime >= before_s or file.resolve() in in_use:
                continue
            count, freed = count + 1, freed + file.stat().st_size
            if not dry_run:
                file.unlink(missing_ok=True)
    return Removed(count, "files", freed_bytes=freed)


def _open_files(cluster: Path) -> set[Path]:
    running = find_cluster(cluster)
    if running is None:
        return set()
    import psutil  # noqa: PLC0415 - of the extra `job`, which a cluster has

    found = set()
    supervisor = psutil.Process(running.pid)
    for process in (supervisor, *supervisor.children(recursive=True)):
        try:
            found |= {Path(each.path).resolve() for each in process.open_files()}
        except psutil.NoSuchProcess:
            continue
    return found
