"""The cluster: whether it answers, and whether its slots suffice for the job."""

from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.flink import NEEDED, fits
from jobs.doctor.jobs_of_cluster import check_jobs
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError
from jobs.runtime.find_flink import JOB_NAME, find_flink
from jobs.runtime.flink_rest import ENDED, FlinkRest

AREA = "Cluster"


def check_cluster(situation: Situation) -> list[Finding]:
    """Check the named cluster, or the one of this machine if it was started."""
    try:
        rest = find_flink(situation.jobmanager, situation.cluster)
    except InterestreamError as error:
        return [from_message(AREA, str(error))]
    if rest is None:
        return [
            warn(
                AREA,
                f"none runs in {situation.cluster}, and --jobmanager names none",
                "`interestream submit` starts one here; or name one with --jobmanager HOST:PORT",
            )
        ]
    return [_version(rest), *_slots(rest, situation), *check_jobs(rest)]


def _version(rest: FlinkRest) -> Finding:
    version = rest.version() or "of unknown version"
    answers = f"Flink {version} answers at http://{rest.address}"
    if fits(version):
        return ok(AREA, answers)
    return fail(AREA, f"{answers}, the job needs {NEEDED}", f"run the job on a Flink {NEEDED}")


def _slots(rest: FlinkRest, situation: Situation) -> list[Finding]:
    needed = situation.config.batching.parallelism
    free, used = rest.free_slots(), rest.used_task_managers()
    fresh = sum(slots for worker, slots in free.items() if worker not in used)
    found = f"{len(free)} TaskManager{'' if len(free) == 1 else 's'}, {fresh} slots free"
    names, states = rest.job_names(), rest.job_states()
    holds = any(
        names.get(job_id, "").startswith(JOB_NAME) and state not in ENDED
        for job_id, state in states.items()
    )
    findings = [_used_up(len(used), owned=not situation.jobmanager)] if used else []
    if holds:
        return [ok(AREA, f"{found}; the job has its slots"), *findings]
    wanted = f"{found}, the job needs {needed} (batching.parallelism)"
    if fresh >= needed:
        return [ok(AREA, wanted), *findings]
    if used and not situation.jobmanager:
        # The supervisor brings fresh ones within a second.
        return [warn(AREA, wanted, "run this again in a few seconds"), *findings]
    start = (
        f"start {needed - fresh} more TaskManagers of one slot each"
        if situation.jobmanager
        else "`interestream cluster stop`, then `interestream cluster start --task-managers"
        f" {len(free) + needed - fresh}`"
    )
    return [fail(AREA, wanted, f"{start}; or lower batching.parallelism"), *findings]


def _used_up(count: int, *, owned: bool) -> Finding:
    found = f"TaskManagers that are used up, since each takes one job in its life: {count}"
    advice = "nothing: they are being replaced" if owned else "restart these TaskManagers"
    return warn(AREA, found, advice)
