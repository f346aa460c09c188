"""Reads the state of the job that fills a space."""

from typing import Any

from jobs.errors import InterestreamError
from jobs.health.reading import JobReading
from jobs.runtime.find_flink import JOB_NAME
from jobs.runtime.flink_rest import ENDED, FlinkRest

RECENT_MS = 3_600_000


def read_job(rest: FlinkRest, space_id: int | None) -> JobReading:
    """Return the newest job of the space (None: of any) that has not ended.

    Raises InterestreamError, with the state of the newest that has ended, when there is none, and
    when Flink stops answering.
    """
    names, states = rest.job_names(), rest.job_states()
    ours = [job_id for job_id in rest.jobs() if _fills(names.get(job_id, ""), space_id)]
    living = [job_id for job_id in ours if states.get(job_id) not in ENDED]
    which = "of this project" if space_id is None else f"of space {space_id}"
    if not living:
        last = f": the newest, {ours[0]}, is {states[ours[0]].lower()}" if ours else ""
        raise InterestreamError(f"no job {which} runs at {rest.url}{last}")
    job_id = living[0]
    checkpoints = rest.checkpoints(job_id)
    completed = (checkpoints.get("latest") or {}).get("completed")
    status, times_ms = rest.status(job_id), rest.times_ms(job_id)
    if status is None or times_ms is None:
        raise InterestreamError(f"the JobManager at {rest.url} has stopped answering")
    submitted_ms, now_ms = times_ms
    completed_ms = completed["latest_ack_timestamp"] if completed else submitted_ms
    return JobReading(
        job_id=job_id,
        state=status.state,
        runs=status.state == "RUNNING" and rest.running(job_id),
        cause=status.cause or "",
        restarts=status.restarts,
        recent_failures=sum(now_ms - at_ms < RECENT_MS for at_ms in rest.failures(job_id)),
        failed_checkpoints=failed_in_a_row(checkpoints),
        checkpoint_age_s=(now_ms - completed_ms) / 1000,
        has_checkpoint=completed is not None,
        checkpoint_failure=newest_failure(checkpoints),
    )


def _fills(name: str, space_id: int | None) -> bool:
    return name.startswith(JOB_NAME) if space_id is None else name == f"{JOB_NAME}{space_id}"


def failed_in_a_row(checkpoints: dict[str, Any]) -> int:
    """Return how many checkpoints have failed since the newest completed one.

    >>> newest_first = ["IN_PROGRESS", "FAILED", "FAILED", "COMPLETED", "FAILED"]
    >>> failed_in_a_row({"history": [{"status": status} for status in newest_first]})
    2
    """
    failed = 0
    for checkpoint in checkpoints.get("history", []):
        if checkpoint["status"] == "COMPLETED":
            break
        failed += checkpoint["status"] == "FAILED"
    return failed


def newest_failure(checkpoints: dict[str, Any]) -> str:
    """Return the message of the newest checkpoint that has ended, if it failed.

    >>> newest_first = [{"status": "FAILED", "failure_message": "disk"}, {"status": "COMPLETED"}]
    >>> newest_failure({"history": newest_first})
    'disk'
    """
    for checkpoint in checkpoints.get("history", []):
        if checkpoint["status"] == "FAILED":
            return " ".join((checkpoint.get("failure_message") or "").split())
        if checkpoint["status"] == "COMPLETED":
            break
    return ""
