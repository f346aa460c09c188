"""Submits the job to a running cluster and watches it until it works or fails.

The job is sent as a module of the installed package (`-pym jobs.interest_job`), so that no checkout
is needed. The connection string reaches the client through its environment and the job inside its
pickled settings: neither a command line, nor a log, nor Flink's web interface shows it.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jobs.errors import EnvironmentNotReadyError, JobFailedError
from jobs.runtime.environment import flink_home, job_environment
from jobs.runtime.failure_hints import explained
from jobs.runtime.flink_conf import copy_conf
from jobs.runtime.flink_rest import ENDED, FlinkRest
from jobs.runtime.java_options import QUICK_START
from jobs.secret_values import dsn_environment
from sql.connection import connect

_CLIENT_OPTIONS = "FLINK_ENV_JAVA_OPTS_CLI"
_JOB_ID = re.compile(r"JobID ([0-9a-f]{32})")
BUSY_S = 5.0
"""Slots of TaskManagers that are not used up are waited for so many seconds."""
MAX_RESTARTS = 2
"""A job that restarted more often before its first commit is taken for broken."""


def client_command() -> str:
    """The `flink` command: of FLINK_HOME where it is set, else of the pip package.

    Raises EnvironmentNotReadyError when FLINK_HOME has none.
    """
    home = os.environ.get("FLINK_HOME")
    command = (Path(home) if home else flink_home()) / "bin" / "flink"
    if not command.is_file():
        raise EnvironmentNotReadyError(
            f"FLINK_HOME is {home}, which has no bin/flink: point it to a Flink 2.3, or unset it to"
            " use the one of the pip package"
        )
    return str(command)


def wait_for_slots(rest: FlinkRest, needed: int, *, owned: bool, timeout_s: float = 60.0) -> None:
    """Wait until TaskManagers that can take a job offer `needed` slots.

    In a cluster that is `owned`, used TaskManagers are replaced. That is waited for, since Flink
    could give the job a slot of one that is about to end. Elsewhere nothing is waited for, and
    they count where the cluster has the library that lets them take another job.
    Raises JobFailedError that says how many slots are there, and why the others do not count.
    """
    deadline = time.monotonic() + (timeout_s if owned else 0.0)
    busy_since: float | None = None
    lasting = not owned and rest.has_python_library()
    while True:
        free, used = rest.free_slots(), set() if lasting else rest.used_task_managers()
        fresh = sum(slots for worker, slots in free.items() if worker not in used)
        if fresh >= needed and not (owned and used):
            return
        now = time.monotonic()
        # TaskManagers that run other jobs are not replaced.
        busy_since = (busy_since or now) if free and not used else None
        if now >= deadline or (busy_since is not None and now - busy_since > BUSY_S):
            break
        time.sleep(0.2)
    spent = (
        f" {len(used)} of {len(free)} TaskManagers are used up, since each takes one job in its"
        " life: restart them."
        if used
        else " Start more TaskManagers, or lower batching.parallelism."
    )
    raise JobFailedError(f"the job needs {needed} slots, and {fresh} are free.{spent}")


def submit_job(
    rest: FlinkRest, dsn: str, arguments: Sequence[str], work_dir: Path, savepoint: str | None
) -> str:
    """Submit the job with `arguments` of `jobs.interest_job`, and return its id.

    `work_dir` takes the client's configuration and log. Raises JobFailedError with the sentence of
    the job where it printed one, else with the last lines of the client.
    """
    conf = work_dir / "conf"
    copy_conf(conf)
    environment = {
        **job_environment(work_dir / "log"),
        "FLINK_CONF_DIR": str(conf.absolute()),
        **dsn_environment(dsn),
        _CLIENT_OPTIONS: f"{QUICK_START} {os.environ.get(_CLIENT_OPTIONS, '')}".strip(),
    }
    restore = [] if savepoint is None else ["--fromSavepoint", savepoint]
    command = [client_command(), "run", "--jobmanager", rest.url, "--detached", *restore]
    done = subprocess.run(
        [*command, "--pyModule", "jobs.interest_job", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    match = _JOB_ID.search(done.stdout)
    if done.returncode != 0 or match is None:
        raise JobFailedError(client_problem(done.stdout + done.stderr))
    return match.group(1)


def client_problem(output: str) -> str:
    """What a failed submission printed that a person can use.

    >>> client_problem("WARNING: x\\ninterest job: there is no active space\\n\\tat java.lang.X")
    'there is no active space'
    >>> client_problem("org.apache.X: outer\\nCaused by: java.net.ConnectException: refused")
    'java.net.ConnectException: refused'
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("interest job: "):
            return line.removeprefix("interest job: ")
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return explained(causes[-1] if causes else " / ".join(lines[-2:]) or "Flink printed nothing")


def wait_first_commit(
    rest: FlinkRest,
    job_id: str,
    dsn: str,
    *,
    timeout_s: float = 240.0,
    on_step: Callable[[str], None] = lambda step: None,
) -> str:
    """Wait until every task of the job runs and it has committed, and say what was seen.

    A commit is a row of `job_progress` that is newer than the call, or, where no record arrives,
    the first completed checkpoint. Raises JobFailedError with the root cause and the number of
    restarts.
    """
    deadline = time.monotonic() + timeout_s
    on_step("waiting until every task runs")
    with connect(dsn, autocommit=True) as db:
        (since,) = db.execute("SELECT clock_timestamp()").fetchone() or (None,)
        runs = False
        while time.monotonic() < deadline:
            _raise_if_failed(rest, job_id)
            if not runs and rest.running(job_id):
                runs = True
                on_step("every task runs; waiting for the first commit")
            if runs:
                query = "SELECT count(*) FROM interestream.job_progress WHERE committed_at > %s"
                (committed,) = db.execute(query, (since,)).fetchone() or (0,)
                if committed:
                    return "it runs and commits"
                if rest.checkpoints(job_id).get("counts", {}).get("completed"):
                    return "it runs and has made a checkpoint; no record has arrived yet"
            time.sleep(0.25)
    status = rest.status(job_id)
    cause = status.cause if status and status.cause else "Flink gives no reason"
    raise JobFailedError(f"job {job_id} does not work after {timeout_s:.0f} s: {explained(cause)}")


def _raise_if_failed(rest: FlinkRest, job_id: str) -> None:
    status = rest.status(job_id)
    if status and (status.state in ENDED or status.restarts > MAX_RESTARTS):
        cause = explained(status.cause or "Flink gives no reason")
        raise JobFailedError(
            f"job {job_id} is {status.state.lower()} after {status.restarts} restarts: {cause}"
        )
