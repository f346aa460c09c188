"""The cluster: whether it answers, and whether its slots suffice for the job."""

from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.flink import NEEDED, fits
from jobs.doctor.high_availability import check_high_availability
from jobs.doctor.jobs_of_cluster import check_jobs
from jobs.doctor.situation import Situation
from jobs.errors import InterestreamError
from jobs.runtime.find_flink import JOB_NAME, find_flink
from jobs.runtime.flink_rest import ENDED, FlinkRest
from jobs.runtime.kept_cluster import find_cluster

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
    return [
        _version(rest),
        *_libraries(rest),
        *check_high_availability(rest),
        *_slots(rest, situation),
        *check_jobs(rest),
    ]


def _version(rest: FlinkRest) -> Finding:
    version = rest.version() or "of unknown version"
    answers = f"Flink {version} answers at {rest.url}"
    if fits(version):
        return ok(AREA, answers)
    return fail(AREA, f"{answers}, the job needs {NEEDED}", f"run the job on a Flink {NEEDED}")


def _libraries(rest: FlinkRest) -> list[Finding]:
    if rest.has_python_library() is not False:
        return []
    found = (
        "flink-python is not among Flink's libraries: a TaskManager that was cut off from the"
        " JobManager for longer than heartbeat.timeout cannot take its job up again"
    )
    return [warn(AREA, found, "link it (docs/operations.md); else restart such a TaskManager")]


def _slots(rest: FlinkRest, situation: Situation) -> list[Finding]:
    needed = situation.config.batching.parallelism
    lasting = situation.jobmanager and rest.has_python_library()
    free, used = rest.free_slots(), set() if lasting else rest.used_task_managers()
    fresh = sum(slots for worker, slots in free.items() if worker not in used)
    found = f"{_count(len(free), 'TaskManager')}, {_count(fresh, 'free slot')}"
    names = rest.job_names()
    living = [
        job_id
        for job_id, state in rest.job_states().items()
        if names.get(job_id, "").startswith(JOB_NAME) and state not in ENDED
    ]
    findings = [_used_up(len(used), owned=not situation.jobmanager)] if used else []
    if living and not free:
        owned = "run this again in a minute: the cluster replaces TaskManagers that ended"
        advice = "start TaskManagers" if situation.jobmanager else owned
        return [fail(AREA, f"{found}: the job waits for slots", advice)]
    if living:
        has = all(rest.running(job_id) for job_id in living)
        holds = "the job has its slots" if has else "the job is taking its slots"
        return [ok(AREA, f"{found}; {holds}"), *findings]
    wanted = f"{found}, the job needs {needed} (batching.parallelism)"
    if fresh >= needed:
        return [ok(AREA, wanted), *findings]
    kept = None if situation.jobmanager else find_cluster(situation.cluster.absolute())
    if kept is None:
        start = f"start {_count(needed - fresh, 'more TaskManager')} of one slot each"
    elif fresh + len(used) + kept.task_managers - len(free) >= needed:
        # The supervisor starts those that are missing or used up.
        return [warn(AREA, wanted, "run this again in a minute: TaskManagers are starting")]
    else:
        count = kept.task_managers + needed - fresh
        start = (
            "`interestream cluster stop`, then"
            f" `interestream cluster start --task-managers {count}`"
        )
    return [fail(AREA, wanted, f"{start}; or lower batching.parallelism"), *findings]


def _count(number: int, what: str) -> str:
    """A number and what it counts.

    >>> _count(1, "free slot"), _count(0, "free slot")
    ('1 free slot', '0 free slots')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def _used_up(count: int, *, owned: bool) -> Finding:
    found = f"TaskManagers that are used up, since each takes one job in its life: {count}"
    advice = "nothing: they are being replaced" if owned else "restart these TaskManagers"
    return warn(AREA, found, advice)
