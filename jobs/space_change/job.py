"""The job of a space beside the active one: on this machine, or as a line to start it elsewhere."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from jobs.runtime.in_process import InProcessJob


def job_settings(
    space_id: int, bundle: str, config: Path | None, overrides: Sequence[str]
) -> list[str]:
    """Arguments of ``jobs.interest_job``; what the caller sets comes last and counts."""
    settings = [f"encoder.bundle={bundle}", *overrides]
    given = [] if config is None else ["--config", str(config)]
    return [*given, f"--space={space_id}", *(f"--set={setting}" for setting in settings)]


def flink_run_line(
    space_id: int, bundle: str, config: Path | None, overrides: Sequence[str]
) -> str:
    """What starts the job on a cluster.

    >>> flink_run_line(2, "bundles/e5/1", None, ["sources.root=/data/streams"])
    'flink run --detached --python jobs/interest_job.py --space=2 --set=encoder.bundle=bundles/e5/1 --set=sources.root=/data/streams'
    """  # noqa: E501
    arguments = job_settings(space_id, bundle, config, overrides)
    return "flink run --detached --python jobs/interest_job.py " + shlex.join(arguments)


def local_job(
    dsn: str,
    space_id: int,
    bundle: Path,
    config: Path | None,
    overrides: Sequence[str],
    work: Path,
) -> InProcessJob:
    """The job in a process of this machine, with checkpoints of its own; not yet started."""
    work.mkdir(parents=True, exist_ok=True)
    settings = [f"checkpoints.directory={(work / 'checkpoints').absolute()}", *overrides]
    arguments = job_settings(space_id, str(bundle.absolute()), config, settings)
    return InProcessJob(arguments, dsn, work)
