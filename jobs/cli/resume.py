"""What `--resume` goes on from."""

from pathlib import Path
from typing import TYPE_CHECKING

from jobs.cli.output import print_line
from jobs.errors import InterestreamError

if TYPE_CHECKING:
    from jobs.runtime.flink_rest import FlinkRest


def state_to_resume(
    directory: Path | None, from_savepoint: str | None, space_id: int | None = None
) -> str | None:
    """Return the address of the newest state below `directory`, and print which it is.

    With `space_id`, states of other spaces are left out. None where there is no state yet. Raises
    InterestreamError where `--resume` cannot be followed.
    """
    from jobs.runtime.flink_path import flink_path  # noqa: PLC0415
    from jobs.runtime.newest_state import newest_state  # noqa: PLC0415

    if from_savepoint is not None:
        raise InterestreamError("--resume and --from-savepoint: give one of them")
    if directory is None:
        raise InterestreamError(
            "--resume looks for a checkpoint in checkpoints.directory: set it, or name the"
            " checkpoint with --from-savepoint"
        )
    found = newest_state(directory.absolute(), space_id)
    print_line(f"going on from {found}" if found else f"{directory} holds no state: a new start")
    return None if found is None else flink_path(found)


def refuse_second_job(rest: "FlinkRest", space_id: int) -> None:
    """Check that no job of the space runs, which would write the same rows.

    Raises InterestreamError that names it when one does.
    """
    from jobs.runtime.find_flink import living_jobs  # noqa: PLC0415

    for job_id, state in living_jobs(rest, space_id).items():
        raise InterestreamError(
            f"job {job_id} of space {space_id} is {state.lower()}, and goes on from its checkpoints"
            " by itself: end it with `interestream stop` first (with `interestream cluster stop`"
            " where it cannot take a savepoint)"
        )
