"""The job that fills a new space: run on this machine, or as a command to start it elsewhere."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from jobs.bundles.find import SPACE_VERSION
from jobs.runtime.in_process import InProcessJob
from udfs.registry.reference import is_reference, parse_reference


def job_settings(
    space_id: int, bundle: str, config: Path | None, overrides: Sequence[str]
) -> list[str]:
    """Return the arguments of `jobs.interest_job`; `overrides` come last, so that they win."""
    settings = [f"encoder.bundle={bundle}", *overrides]
    config_file = [] if config is None else ["--config", str(config)]
    return [*config_file, f"--space={space_id}", *(f"--set={setting}" for setting in settings)]


def submit_command(
    space_id: int, bundle: str, registry: str, config: Path | None, overrides: Sequence[str]
) -> str:
    """Return the command that starts the job on a cluster; it needs no checkout.

    Its paths are absolute, and its bundle is named by the space rather than as the latest: it
    works from any folder, and starts the same job after newer bundles are published.

    >>> submit_command(2, "e5@latest", "s3://bundles", None, ["sources.root=/data/streams"])
    'interestream submit --space=2 --set=encoder.bundle=e5@space --set=encoder.registry=s3://bundles --set=sources.root=/data/streams'
    """  # noqa: E501
    lasting_bundle = str(Path(bundle).absolute())
    if is_reference(bundle) and not Path(bundle).is_dir():
        lasting_bundle = f"{parse_reference(bundle).name}@{SPACE_VERSION}"
        address = registry if "://" in registry else Path(registry).absolute()
        overrides = [f"encoder.registry={address}", *overrides]
    arguments = job_settings(space_id, lasting_bundle, config, overrides)
    return "interestream submit " + shlex.join(arguments)


def local_job(
    dsn: str,
    space_id: int,
    bundle: Path,
    config: Path | None,
    overrides: Sequence[str],
    work_dir: Path,
) -> InProcessJob:
    """Return the job as a process of this machine, not yet started; its files are in `work_dir`."""
    work_dir.mkdir(parents=True, exist_ok=True)
    settings = [f"checkpoints.directory={(work_dir / 'checkpoints').absolute()}", *overrides]
    arguments = job_settings(space_id, str(bundle.absolute()), config, settings)
    return InProcessJob(arguments, dsn, work_dir)
