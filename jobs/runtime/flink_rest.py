"""Reads the state of jobs from Flink's REST interface."""

import http.client
import urllib.request
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class JobStatus:
    """State of a job at one moment."""

    job_id: str
    state: str
    """As Flink names it: RUNNING, RESTARTING, FAILED, ..."""
    restarts: int
    cause: str | None
    """Root cause of its last failure; None if it never failed."""


class FlinkRest:
    """Client of one JobManager on the loopback interface.

    While Flink does not answer, methods that read return None, False, 0 or an empty collection.
    """

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def jobs(self) -> list[str]:
        """Return the ids of all jobs, newest first."""
        overview = self._get("/jobs/overview")
        jobs = overview.get("jobs", []) if overview else []
        return [job["jid"] for job in sorted(jobs, key=lambda job: -job["start-time"])]

    def task_managers(self) -> int:
        """Return how many TaskManagers are registered."""
        overview = self._get("/taskmanagers")
        return len(overview["taskmanagers"]) if overview else 0

    def status(self, job_id: str) -> JobStatus | None:
        """Return the status of a job; None while Flink does not answer or does not know the job."""
        job = self._get(f"/jobs/{job_id}")
        if job is None:
            return None
        failures = self._get(f"/jobs/{job_id}/exceptions") or {}
        history = failures.get("exceptionHistory", {}).get("entries", [])
        metrics = self._get(f"/jobs/{job_id}/metrics?get=numRestarts")
        restarts = int(metrics[0]["value"]) if metrics else 0
        cause = root_cause(history[0]["stacktrace"]) if history else None
        return JobStatus(job_id, job["state"], restarts, cause)

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

    def cancel(self, job_id: str) -> None:
        """Ask Flink to cancel the job, without waiting until it has ended.

        Raises urllib.error.URLError when Flink refuses or does not answer.
        """
        request = urllib.request.Request(  # noqa: S310 - always http to the loopback interface
            f"{self._base}/jobs/{job_id}?mode=cancel", method="PATCH"
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def _get(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(self._base + path, timeout=5) as response:  # noqa: S310
                return orjson.loads(response.read())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            return None


def root_cause(stacktrace: str) -> str:
    """Return the message of the innermost cause of a Java stack trace.

    A Python error is returned without the name of its Java wrapper.

    >>> root_cause("a.B: outer\\n\\tat x\\nCaused by: pemja.core.PythonException: boom\\n\\tat y")
    'boom'
    """
    lines = stacktrace.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("Caused by: ")]
    first = starts[-1] if starts else 0
    message = [lines[first].removeprefix("Caused by: ")] if lines else []
    for line in lines[first + 1 :]:
        if line.startswith(("\tat ", "\t...", "Caused by: ")):
            break
        message.append(line)
    text = " ".join(part.strip() for part in message if part.strip())
    return text.removeprefix("pemja.core.PythonException: ") or "Flink gave no reason"
