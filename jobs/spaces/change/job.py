"""The job of a space beside the active one: on this machine, or as a line to start it elsewhere."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from jobs.bundles.find import OF_SPACE
from jobs.runtime.in_process import InProcessJob
from udfs.registry.reference import is_reference, parse_reference


def job_settings(
    space_id: int, bundle: str, config: Path | None, overrides: Sequence[str]
) -> list[str]:
    """Arguments of `jobs.interest_job`; what the caller sets comes last and counts."""
    settings = [f"encoder.bundle={bundle}", *overrides]
    given = [] if config is None else ["--config", str(config)]
    return [*given, f"--space={space_id}", *(f"--set={setting}" for setting in settings)]


def flink_run_line(
    space_id: int, bundle: str, registry: str, config: Path | None, overrides: Sequence[str]
) -> str:
    """What starts the job on a cluster, from any folder and whatever is published later.

    >>> flink_run_line(2, "e5@latest", "s3://bundles", None, ["sources.root=/data/streams"])
    'flink run --detached --python jobs/interest_job.py --space=2 --set=encoder.bundle=e5@space --set=encoder.registry=s3://bundles --set=sources.root=/data/streams'
    """  # noqa: E501
    lasting = str(Path(bundle).absolute())
    if is_reference(bundle) and not Path(bundle).is_dir():
        lasting = f"{parse_reference(bundle).name}@{OF_SPACE}"
        where = registry if "://" in registry else Path(registry).absolute()
        overrides = [f"encoder.registry={where}", *overrides]
    arguments = job_settings(space_id, lasting, config, overrides)
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
