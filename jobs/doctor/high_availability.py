"""Whether a job in application mode has somebody to take it over."""

from pathlib import PurePosixPath

from jobs.doctor.finding import Finding, ok, warn
from jobs.runtime.flink_rest import FlinkRest

AREA = "Cluster"
_PAGE = "docs/high-availability.md"
_EMPTIED = PurePosixPath("/tmp")  # noqa: S108 - named, not used


def check_high_availability(rest: FlinkRest) -> list[Finding]:
    """Check how a JobManager is replaced; nothing for a cluster that no job comes with."""
    mode = rest.setting("high-availability.type") or "NONE"
    if mode.upper() == "NONE":
        if rest.setting("execution.target") != "embedded":
            return []
        found = (
            "no high availability: where the JobManager ends, what has started it must start it"
            f" again, with --resume ({_PAGE})"
        )
        return [ok(AREA, found)]
    storage = rest.setting("high-availability.storageDir") or ""
    scheme, _, path = storage.rpartition(":")
    folder = PurePosixPath("/" + path.lstrip("/"))
    if scheme in {"", "file"} and folder.is_relative_to(_EMPTIED):
        found = f"high availability by {mode} keeps the job in {storage}, which a restart empties"
        advice = "set high-availability.storageDir to a folder that all JobManagers see and keep"
        return [warn(AREA, found, advice)]
    return [ok(AREA, f"high availability by {mode}, with the job in {storage} ({_PAGE})")]
