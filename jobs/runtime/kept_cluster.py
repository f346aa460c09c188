"""A Flink cluster on this machine that outlives the command that started it.

A supervisor process (`jobs.runtime.supervisor`) holds the JobManager and the TaskManagers, and
replaces a TaskManager that has ended or is used up. A file in the cluster's folder names the
supervisor and the REST port, so that any later command finds both.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from jobs.errors import InterestreamError, JobFailedError
from jobs.runtime.flink_rest import FlinkRest
from jobs.secret_values import without_job_secrets

STATE_FILE = "cluster.json"
LAST_START_FILE = "last-start.json"
"""How the cluster was started, for one that takes its place when it has died."""
LOG_FILE = "supervisor.log"
START_S = 240.0
STOP_S = 60.0


class ClusterError(InterestreamError):
    """The cluster of this machine cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class KeptCluster:
    """A running cluster: its folder, its supervisor's process and its JobManager's REST port."""

    folder: Path
    pid: int
    started: float
    """When the supervisor started, in seconds since the epoch: a process id can be reused."""
    rest_port: int
    task_managers: int
    https: bool = False
    """Whether its JobManager's REST interface has TLS."""

    @property
    def rest(self) -> FlinkRest:
        """The REST interface of its JobManager."""
        return FlinkRest(self.rest_port, https=self.https)

    @property
    def conf(self) -> Path:
        """Flink's configuration folder, for clients of this cluster."""
        return self.folder / "conf"


def write_state(cluster: KeptCluster) -> None:
    """Tell later commands of the cluster; the file appears whole."""
    text = orjson.dumps({**asdict(cluster), "folder": str(cluster.folder)})
    aside = cluster.folder / f"{STATE_FILE}.new"
    aside.write_bytes(text)
    aside.rename(cluster.folder / STATE_FILE)


def find_cluster(folder: Path) -> KeptCluster | None:
    """The cluster that runs in `folder`, or None."""
    try:
        found = orjson.loads((folder / STATE_FILE).read_bytes())
        cluster = KeptCluster(**{**found, "folder": Path(found["folder"])})
    except (OSError, orjson.JSONDecodeError, TypeError, KeyError):
        return None
    import psutil  # noqa: PLC0415 - where no cluster was started, the extra `job` may be missing

    with contextlib.suppress(psutil.Error):
        # Clock ticks round the start of a process.
        if abs(psutil.Process(cluster.pid).create_time() - cluster.started) < 1.0:
            return cluster
    return None


def answering_cluster(folder: Path, timeout_s: float = STOP_S) -> KeptCluster | None:
    """The cluster that runs in `folder`, or None; waits for one that is about to end.

    A supervisor whose JobManager has ended takes some seconds to end the others. Raises
    ClusterError when it neither answers nor ends.
    """
    deadline = time.monotonic() + timeout_s
    while (cluster := find_cluster(folder)) is not None and not cluster.rest.answers():
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the JobManager of the cluster in {folder} has not answered for {timeout_s:.0f} s:"
                " `interestream cluster stop`, then `interestream submit --resume`"
            )
        time.sleep(0.2)
    return cluster


def last_start(folder: Path) -> tuple[int, dict[str, str]]:
    """The number of TaskManagers and the options of Flink that the last cluster had here.

    A single TaskManager without options where that is not known.
    """
    try:
        found = orjson.loads((folder / LAST_START_FILE).read_bytes())
        return int(found["task_managers"]), dict(found["options"])
    except (OSError, orjson.JSONDecodeError, TypeError, KeyError):
        return 1, {}


def start_cluster(folder: Path, task_managers: int, options: dict[str, str]) -> KeptCluster:
    """Start a cluster in `folder` and wait until its TaskManagers have registered.

    `options` are further ones of Flink. Raises ClusterError when one runs in the folder already,
    and JobFailedError, with the end of the supervisor's log, when it does not come up.
    """
    folder = folder.absolute()
    if (running := find_cluster(folder)) is not None:
        raise ClusterError(
            f"a cluster runs in {folder} already (process {running.pid}, REST port"
            f" {running.rest_port}): use it, or `interestream cluster stop` first"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STATE_FILE).unlink(missing_ok=True)
    how = orjson.dumps({"task_managers": task_managers, "options": options})
    (folder / LAST_START_FILE).write_bytes(how)
    log = folder / LOG_FILE
    command = [sys.executable, "-m", "jobs.runtime.supervisor", str(folder), str(task_managers)]
    command += [f"{key}={value}" for key, value in options.items()]
    # The job's secrets belong to the job alone, not to the environment of the cluster.
    environment = without_job_secrets(os.environ)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if (found := find_cluster(folder)) is not None:
            return found
        if supervisor.poll() is not None:
            break
        time.sleep(0.1)
    if supervisor.poll() is None:
        os.killpg(supervisor.pid, signal.SIGTERM)
    last = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise JobFailedError(f"the cluster did not start (log: {log}): {' / '.join(last)}")


def stop_cluster(folder: Path) -> bool:
    """Stop the cluster in `folder` with everything that it started; False where none runs."""
    cluster = find_cluster(folder.absolute())
    if cluster is None:
        (folder / STATE_FILE).unlink(missing_ok=True)
        return False
    import psutil  # noqa: PLC0415

    process = psutil.Process(cluster.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except psutil.TimeoutExpired as error:
        raise ClusterError(
            f"the cluster's supervisor (process {cluster.pid}) still runs {STOP_S:.0f} s after it"
            f" was told to stop; see {cluster.folder / LOG_FILE}"
        ) from error
    return True
