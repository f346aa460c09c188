"""Keeps a TaskManager from running a job with another version of the package than its own.

A TaskManager that is kept for another job keeps its Python modules, too, and would run that job
with the code that it has loaded once, without a word (docs/traps.md).
"""

import hashlib
import logging
import os
import signal
from pathlib import Path

import jobs
import sql
import udfs
from jobs.errors import OtherCodeError

_PACKAGES = (jobs, sql, udfs)

_log = logging.getLogger(__name__)


def installed_code() -> str:
    """The first characters of a SHA-256 of the package's modules, as they are on the disk now."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        folder = Path(str(package.__file__)).parent
        for file in sorted(folder.rglob("*.py")):
            digest.update(f"{package.__name__}/{file.relative_to(folder).as_posix()}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


LOADED = installed_code()
"""What this process has loaded: its modules as they were when it began to import them."""


def check_code(submitted: str) -> None:
    """Check, when a step opens, that `submitted`, the LOADED of the job, is that of this process.

    Where it is not, and another version was installed since this process began, the process ends
    itself, so that the TaskManager that is started in its place runs the new one. Raises
    OtherCodeError in either case.
    """
    if submitted == LOADED:
        return
    if installed_code() == LOADED:
        raise OtherCodeError(
            f"the job was submitted with code {submitted} of the package, and this TaskManager has"
            f" {LOADED}: install the same version on all machines, restart the TaskManagers, and"
            " submit the job again (`--resume`)"
        )
    message = (
        f"this TaskManager has loaded code {LOADED} of the package, the job has {submitted}, and"
        " another version was installed meanwhile: the TaskManager ends itself, start another"
    )
    _log.error(message)
    os.kill(os.getpid(), signal.SIGTERM)
    raise OtherCodeError(message)
