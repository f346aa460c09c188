"""Finds the JobManager that a command is about: one that is named, or the one of this machine."""

from pathlib import Path

from jobs.errors import EnvironmentNotReadyError, InterestreamError
from jobs.runtime.flink_rest import ENDED, FlinkRest
from jobs.runtime.flink_tls import CA_FILE, CLIENT_FILE
from jobs.runtime.kept_cluster import STATE_FILE, find_cluster

JOB_NAME = "interestream space "
"""How the names of this project's jobs begin; the number of the space follows."""


def space_of(name: str) -> int | None:
    """The space that the job of this name fills; None for a job that is not of this project.

    >>> space_of("interestream space 2"), space_of("another job")
    (2, None)
    """
    number = name.removeprefix(JOB_NAME)
    return int(number) if number != name and number.isdecimal() else None


def living_jobs(rest: FlinkRest, space_id: int) -> dict[str, str]:
    """Return the state of each job of the space that has not ended, by the job's id."""
    names = rest.job_names()
    return {
        job_id: state
        for job_id, state in rest.job_states().items()
        if state not in ENDED and space_of(names.get(job_id, "")) == space_id
    }


def flink_at(jobmanager: str) -> FlinkRest:
    """Return the JobManager at `HOST:PORT`, or at `https://HOST:PORT`.

    Raises InterestreamError for an address that cannot be read, or where nothing answers.
    """
    scheme, _, address = jobmanager.rpartition("://")
    host, separator, port = address.rstrip("/").rpartition(":")
    if not separator or not port.isdecimal() or scheme not in {"", "http", "https"}:
        raise InterestreamError(
            f"--jobmanager reads HOST:PORT, which '{jobmanager}' is not: name the REST address, as"
            " in --jobmanager flink:8081"
        )
    rest = FlinkRest(int(port), host, https=scheme == "https")
    if rest.answers():
        return rest
    why = rest.why_silent()
    if "CERTIFICATE" in why.upper() or "SSL" in why.upper():
        raise InterestreamError(
            f"there is no TLS with the JobManager at {rest.url} ({why}): check {CA_FILE}, and"
            f" {CLIENT_FILE} where it asks for a certificate"
        )
    advice = "" if rest.https else " (with security.ssl.rest.enabled write https:// before it)"
    raise InterestreamError(
        f"no JobManager answers at {rest.url}: is Flink running, and is this its REST"
        f" address?{advice}"
    )


def find_flink(jobmanager: str, folder: Path) -> FlinkRest | None:
    """Return the JobManager at `jobmanager`, or where that is empty the one kept in `folder`.

    Returns None where none is named and none was started. Raises InterestreamError when it does
    not answer, or when the cluster that was started has died.
    """
    if jobmanager:
        return flink_at(jobmanager)
    try:
        cluster = find_cluster(folder.absolute())
    except ModuleNotFoundError as error:
        raise EnvironmentNotReadyError(
            f"a cluster was started in {folder}, and the package '{error.name}' that would find it"
            " is missing: run `pip install 'interestream[job]'`"
        ) from error
    if cluster is not None:
        return flink_at(cluster.rest.url)
    if (folder / STATE_FILE).exists():
        raise InterestreamError(
            f"the cluster that was started in {folder} has died: `interestream submit --resume`"
            " starts another, and the job goes on from its newest checkpoint"
        )
    return None
