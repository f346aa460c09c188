"""Judges what Flink says of the job."""

from jobs.core.ages import age
from jobs.health.reading import JobReading
from jobs.health.verdict import Limits, State, Thresholds, Verdict
from jobs.runtime.failure_hints import explained


def judge_job(job: JobReading, thresholds: Thresholds) -> list[Verdict]:
    """Return the verdicts on a job: whether it runs, its restarts and its checkpoints."""
    return [
        _state(job),
        _restarts(job, thresholds.restarts),
        _failed_checkpoints(job, thresholds.failed_checkpoints),
        _checkpoint_age(job, thresholds.checkpoint_age_s),
    ]


def is_idle(job: JobReading, thresholds: Thresholds) -> bool:
    """Return whether a job that commits nothing has nothing to commit.

    A checkpoint passes through every task, so one that is young shows that no task hangs.
    """
    young = thresholds.checkpoint_age_s.judge(job.checkpoint_age_s) is State.OK
    return job.runs and job.has_checkpoint and young


def _state(job: JobReading) -> Verdict:
    if job.runs:
        return Verdict("job", State.OK, f"job {job.job_id} runs")
    if job.state in {"RUNNING", "CREATED", "INITIALIZING"} and not job.recent_failures:
        return Verdict("job", State.WARNING, f"job {job.job_id} starts: not every task runs yet")
    state = "restarts its tasks" if job.state == "RUNNING" else f"is {job.state.lower()}"
    cause = f": {explained(job.cause)}" if job.cause else ""
    return Verdict("job", State.CRITICAL, f"job {job.job_id} {state}{cause}")


def _restarts(job: JobReading, limits: Limits) -> Verdict:
    recent = job.recent_failures
    sentence = f"failures in the last hour: {recent}, restarts in all: {job.restarts}"
    if recent and job.cause:
        sentence += f"; the last cause: {explained(job.cause)}"
    return Verdict("restarts", limits.judge(recent), sentence, recent)


def _failed_checkpoints(job: JobReading, limits: Limits) -> Verdict:
    failed = job.failed_checkpoints
    sentence = f"checkpoints that failed since the newest completed one: {failed}"
    if failed and job.checkpoint_failure:
        sentence += f"; the last one: {explained(job.checkpoint_failure)}"
    return Verdict("failed checkpoints", limits.judge(failed), sentence, failed)


def _checkpoint_age(job: JobReading, limits: Limits) -> Verdict:
    since = age(job.checkpoint_age_s)
    sentence = (
        f"the newest completed checkpoint is {since} old"
        if job.has_checkpoint
        else f"no checkpoint was completed in the {since} since the job was submitted"
    )
    state = limits.judge(job.checkpoint_age_s)
    return Verdict("checkpoint", state, sentence, job.checkpoint_age_s)
