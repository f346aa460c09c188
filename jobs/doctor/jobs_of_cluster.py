"""The jobs of this project on a cluster: whether they run, and why not."""

from jobs.doctor.finding import Finding, fail, ok, warn
from jobs.runtime.failure_hints import explained
from jobs.runtime.find_flink import JOB_NAME
from jobs.runtime.flink_rest import ENDED, FlinkRest, JobStatus

AREA = "Job"


def check_jobs(rest: FlinkRest) -> list[Finding]:
    """Check each job that has not ended; where none is left, the newest that has."""
    names = rest.job_names()
    ours = [job_id for job_id in rest.jobs() if names.get(job_id, "").startswith(JOB_NAME)]
    found = [status for job_id in ours if (status := rest.status(job_id)) is not None]
    living = [status for status in found if status.state not in ENDED]
    if living:
        return [_living(rest, status, names[status.job_id]) for status in living]
    if not found:
        return [warn(AREA, "no job was submitted to this cluster", "interestream submit --set ...")]
    newest, name = found[0], names[found[0].job_id]
    if newest.state == "FAILED":
        return [_failed(rest, newest, f"{name}, job {newest.job_id}, has failed")]
    advice = "interestream submit --from-savepoint SAVEPOINT --set ..."
    return [warn(AREA, f"{name}, job {newest.job_id}, is {newest.state.lower()}", advice)]


def _living(rest: FlinkRest, status: JobStatus, name: str) -> Finding:
    title = f"{name}, job {status.job_id},"
    restarts = f"after {status.restarts} restart{'' if status.restarts == 1 else 's'}"
    if status.state == "RUNNING" and rest.running(status.job_id):
        if not status.restarts:
            return ok(AREA, f"{title} runs, without a restart")
        cause = status.cause or "Flink gives no reason"
        return warn(AREA, f"{title} runs {restarts}; the last cause: {cause}", _hint(rest, status))
    # Right after a failure the restart is not counted yet, but the cause is known.
    if status.restarts or status.cause or status.state in {"RESTARTING", "FAILING"}:
        state = "restarts its tasks" if status.state == "RUNNING" else f"is {status.state.lower()}"
        so_far = f"(restarts so far: {status.restarts})"
        return _failed(rest, status, f"{title} {state} {so_far}")
    state = "starts: not every task runs yet"
    return warn(AREA, f"{title} {state}", "run this again in a minute")


def _failed(rest: FlinkRest, status: JobStatus, title: str) -> Finding:
    return fail(AREA, f"{title}: {status.cause or 'Flink gives no reason'}", _hint(rest, status))


def _hint(rest: FlinkRest, status: JobStatus) -> str:
    """What is known about the cause, or the page that says more."""
    cause = status.cause or ""
    known = explained(cause).removeprefix(cause).removeprefix(" - ")
    folder = "completed" if status.state in ENDED else "running"
    return known or (
        f"see {rest.url}/#/job/{folder}/{status.job_id}/exceptions, and docs/troubleshooting.md"
    )
