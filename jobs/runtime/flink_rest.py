"""Reads the state of jobs from Flink's REST interface."""

import http.client
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import orjson

from jobs.errors import JobFailedError
from jobs.runtime.failure_cause import first_cause, root_cause
from jobs.runtime.flink_tls import client_context

ENDED = frozenset({"FINISHED", "FAILED", "CANCELED"})
"""States of a job that has ended for good."""


@dataclass(frozen=True)
class JobStatus:
    """State of a job at one moment."""

    job_id: str
    state: str
    """As Flink names it: RUNNING, RESTARTING, FAILED, ..."""
    restarts: int
    cause: str | None
    """What its last failure follows from; None if it never failed."""


class FlinkRest:
    """Client of one JobManager, at `host` and the port of its REST interface.

    While Flink does not answer, methods that read return None, False, 0 or an empty collection.
    """

    def __init__(self, port: int, host: str = "127.0.0.1", *, https: bool = False) -> None:
        """`https` asks over TLS, as `jobs.runtime.flink_tls` says, and may raise ConfigError."""
        self.address = f"{host}:{port}"
        self.https = https
        self.url = f"{'https' if https else 'http'}://{self.address}"
        """Where a browser finds it."""
        self._context = client_context() if https else None

    def why_silent(self) -> str:
        """Why it does not answer, in a few words; empty where it answers."""
        try:
            self._open("/overview", timeout_s=5).close()
        except OSError as error:
            return str(getattr(error, "reason", error))
        except http.client.HTTPException as error:
            return type(error).__name__
        return ""

    def jobs(self) -> list[str]:
        """Return the ids of all jobs, newest first."""
        overview = self._get("/jobs/overview")
        jobs = overview.get("jobs", []) if overview else []
        return [job["jid"] for job in sorted(jobs, key=lambda job: -job["start-time"])]

    def answers(self) -> bool:
        """Return whether a JobManager answers."""
        return self._get("/overview") is not None

    def version(self) -> str | None:
        """Return Flink's version, for example 2.3.0."""
        found = (self._get("/config") or {}).get("flink-version")
        return None if found is None else str(found)

    def setting(self, key: str) -> str | None:
        """Return what the JobManager's configuration sets `key` to; None if it does not."""
        settings = {each["key"]: each["value"] for each in self._get("/jobmanager/config") or []}
        return settings.get(key)

    def has_python_library(self) -> bool | None:
        """Return whether Flink's own libraries hold flink-python, as far as the JobManager knows.

        Its TaskManagers can then take one job after the other. None without an answer.
        """
        found = self._get("/jobmanager/environment")
        return None if found is None else any("flink-python" in each for each in found["classpath"])

    def job_states(self) -> dict[str, str]:
        """Return the state of each job, by its id."""
        overview = self._get("/jobs/overview") or {}
        return {job["jid"]: job["state"] for job in overview.get("jobs", [])}

    def job_names(self) -> dict[str, str]:
        """Return the name of each job, by its id."""
        overview = self._get("/jobs/overview") or {}
        return {job["jid"]: job["name"] for job in overview.get("jobs", [])}

    def free_slots(self) -> dict[str, int]:
        """Return the number of free slots of each registered TaskManager, by its id."""
        overview = self._get("/taskmanagers") or {}
        return {each["id"]: each["freeSlots"] for each in overview.get("taskmanagers", [])}

    def task_managers(self) -> int:
        """Return how many TaskManagers are registered."""
        return len(self.free_slots())

    def used_slots(self) -> int | None:
        """Return how many slots are taken; None while Flink does not answer."""
        overview = self._get("/taskmanagers")
        if overview is None:
            return None
        slots = [each["slotsNumber"] - each["freeSlots"] for each in overview["taskmanagers"]]
        return int(sum(slots))

    def used_task_managers(self) -> set[str]:
        """Return the ids of registered TaskManagers that have run a job which has ended.

        Such a TaskManager cannot run another thread-mode job (docs/traps.md). A TaskManager that
        an earlier attempt of a job used is not found: Flink reports the last attempt.
        """
        used: set[str] = set()
        for job_id in self.ended_jobs():
            used |= self.task_managers_of(job_id) or set()
        return used & self.free_slots().keys()

    def ended_jobs(self) -> set[str]:
        """Return the ids of the jobs that have ended for good."""
        return {job_id for job_id, state in self.job_states().items() if state in ENDED}

    def task_managers_of(self, job_id: str) -> set[str] | None:
        """Return the ids of the TaskManagers of the job's last attempt; None without an answer."""
        job = self._get(f"/jobs/{job_id}")
        if job is None:
            return None
        found: set[str] = set()
        for vertex in job["vertices"]:
            subtasks = self._get(f"/jobs/{job_id}/vertices/{vertex['id']}")
            if subtasks is None:
                return None
            found |= {each["taskmanager-id"] for each in subtasks["subtasks"]}
        return found

    def status(self, job_id: str) -> JobStatus | None:
        """Return the status of a job; None while Flink does not answer or does not know the job."""
        job = self._get(f"/jobs/{job_id}")
        if job is None:
            return None
        failures = self._get(f"/jobs/{job_id}/exceptions") or {}
        history = failures.get("exceptionHistory", {}).get("entries", [])
        metrics = self._get(f"/jobs/{job_id}/metrics?get=numRestarts")
        restarts = int(metrics[0]["value"]) if metrics else 0
        return JobStatus(job_id, job["state"], restarts, first_cause(history))

    def times_ms(self, job_id: str) -> tuple[int, int] | None:
        """Return when the job was submitted and what time it is, both by the JobManager's clock."""
        job = self._get(f"/jobs/{job_id}")
        return None if job is None else (job["start-time"], job["now"])

    def failures(self, job_id: str) -> list[int]:
        """Return when the job failed, in epoch milliseconds; Flink keeps the newest sixteen."""
        failures = self._get(f"/jobs/{job_id}/exceptions") or {}
        history = failures.get("exceptionHistory", {}).get("entries", [])
        return [entry["timestamp"] for entry in history]

    def running(self, job_id: str) -> bool:
        """Return whether every task of the job is running."""
        job = self._get(f"/jobs/{job_id}")
        return bool(job) and all(task["status"] == "RUNNING" for task in job["vertices"])

    def checkpoints(self, job_id: str) -> dict[str, Any]:
        """Return Flink's statistics of the job's checkpoints (`counts`, `latest`, `history`)."""
        return self._get(f"/jobs/{job_id}/checkpoints") or {}

    def metrics(self, job_id: str, ending: str) -> dict[str, float]:
        """Return the job's metrics whose names end with `ending`, by name.

        Flink collects them every 10 s.
        """
        values: dict[str, float] = {}
        for task in (self._get(f"/jobs/{job_id}") or {}).get("vertices", []):
            base = f"/jobs/{job_id}/vertices/{task['id']}/metrics"
            names = [
                metric["id"] for metric in self._get(base) or [] if metric["id"].endswith(ending)
            ]
            if names:
                metrics = self._get(f"{base}?get={','.join(names)}") or []
                values.update({metric["id"]: float(metric["value"]) for metric in metrics})
        return values

    def heap_used_bytes(self) -> int | None:
        """Return the bytes of Java's heap that the JobManager's process uses, garbage included.

        In one process with the job they are the job's. None while Flink does not answer.
        """
        found = self._get("/jobmanager/metrics?get=Status.JVM.Memory.Heap.Used")
        return int(float(found[0]["value"])) if found else None

    def cancel(self, job_id: str) -> None:
        """Ask Flink to cancel the job, without waiting until it has ended.

        Raises urllib.error.URLError when Flink refuses or does not answer.
        """
        self._open(f"/jobs/{job_id}?mode=cancel", timeout_s=10, method="PATCH").close()

    def stop(self, job_id: str, directory: str, timeout_s: float = 600.0) -> str:
        """Stop the job with a savepoint in `directory`, and return the savepoint's path.

        Returns when the job has ended. `directory` is a path or URI that the JobManager can write
        to. Raises JobFailedError with Flink's reason when no savepoint was made within `timeout_s`
        seconds.
        """
        body = orjson.dumps({"targetDirectory": directory, "drain": False})
        stopping = f"/jobs/{job_id}/stop"
        try:
            with self._open(stopping, timeout_s=30, method="POST", body=body) as response:
                trigger = orjson.loads(response.read())["request-id"]
        except OSError as error:
            raise JobFailedError(
                f"the JobManager at {self.address} did not take the request to stop job {job_id}:"
                f" {error}"
            ) from error
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = self._get(f"/jobs/{job_id}/savepoints/{trigger}") or {}
            operation = found.get("operation") or {}
            if "location" in operation:
                self._wait_ended(job_id, deadline)
                return str(operation["location"])
            if "failure-cause" in operation:
                trace = operation["failure-cause"].get("stack-trace", "")
                raise JobFailedError(f"the savepoint failed: {root_cause(trace)}")
            time.sleep(0.2)
        raise JobFailedError(f"there is no savepoint after {timeout_s:.0f} s")

    def _wait_ended(self, job_id: str, deadline: float) -> None:
        """Wait until the job has ended, or a JobManager that ends with its job answers no more."""
        while time.monotonic() < deadline:
            state = self.job_states().get(job_id)
            if state is None or state in ENDED:
                return
            time.sleep(0.1)

    def _get(self, path: str) -> Any:
        try:
            with self._open(path, timeout_s=5) as response:
                return orjson.loads(response.read())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            return None

    def _open(
        self, path: str, *, timeout_s: float, method: str = "GET", body: bytes | None = None
    ) -> Any:
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - http or https
            self.url + path, data=body, headers=headers, method=method
        )
        return urllib.request.urlopen(  # noqa: S310
            request, timeout=timeout_s, context=self._context
        )
