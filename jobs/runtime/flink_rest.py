"""What Flink's REST interface says about a job."""

import http.client
import urllib.request
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class JobStatus:
    """State of a job as Flink names it, how often it restarted, and why it last failed."""

    job_id: str
    state: str
    restarts: int
    cause: str | None


class FlinkRest:
    """Asks one JobManager on the loopback interface."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def jobs(self) -> list[str]:
        """Ids of all jobs, the newest first; none while Flink does not answer yet."""
        found = self._get("/jobs/overview")
        jobs = found.get("jobs", []) if found else []
        return [job["jid"] for job in sorted(jobs, key=lambda job: -job["start-time"])]

    def task_managers(self) -> int:
        found = self._get("/taskmanagers")
        return len(found["taskmanagers"]) if found else 0

    def status(self, job_id: str) -> JobStatus | None:
        """None while Flink does not answer."""
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
        """Whether every task of the job is running."""
        job = self._get(f"/jobs/{job_id}")
        return bool(job) and all(task["status"] == "RUNNING" for task in job["vertices"])

    def checkpoints(self, job_id: str) -> dict[str, Any]:
        return self._get(f"/jobs/{job_id}/checkpoints") or {}

    def metrics(self, job_id: str, ending: str) -> dict[str, float]:
        """Values of the metrics whose names end so, by name; Flink collects them every 10 s."""
        found: dict[str, float] = {}
        for task in (self._get(f"/jobs/{job_id}") or {}).get("vertices", []):
            base = f"/jobs/{job_id}/vertices/{task['id']}/metrics"
            names = [each["id"] for each in self._get(base) or [] if each["id"].endswith(ending)]
            if names:
                told = self._get(f"{base}?get={','.join(names)}") or []
                found.update({each["id"]: float(each["value"]) for each in told})
        return found

    def cancel(self, job_id: str) -> None:
        request = urllib.request.Request(  # noqa: S310 - always http to the loopback interface
            f"{self._base}/jobs/{job_id}?mode=cancel", method="PATCH"
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def _get(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(self._base + path, timeout=5) as answer:  # noqa: S310
                return orjson.loads(answer.read())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            return None


def root_cause(stacktrace: str) -> str:
    """The innermost cause of a Java stack trace, with the Python error's own text.

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
