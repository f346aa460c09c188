"""`interestream space change`: builds the space of a new bundle and switches to it."""

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import (
    CHECK_FAILED,
    AsJsonLines,
    BundleRegistry,
    Dsn,
    console,
    report_errors,
    require_dsn,
)
from jobs.cli.output import print_line
from sql.connection import connect

START_S = 600.0
"""How long the job of --run may take to start: another job may keep the machine busy."""


def add_commands(space: typer.Typer) -> None:
    """Add the command to `interestream space`."""
    space.command("change")(change)


@report_errors
def change(
    bundle: Annotated[
        str, typer.Option(help="folder of an encoder bundle, or NAME@VERSION of the registry")
    ],
    dsn: Dsn = "",
    registry: BundleRegistry = "",
    data: Annotated[
        Path | None, typer.Option(help="data set for the mean (default: the items table)")
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="items to encode for the mean")] = 1000,
    fresh: Annotated[
        bool, typer.Option(help="make a new space even if the bundle has an inactive one")
    ] = False,
    run: Annotated[
        bool, typer.Option("--run", help="run the space's job here instead of on a cluster")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="the job's TOML file")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="SECTION.KEY=VALUE",
            help="configuration key of the space's job; may be repeated",
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help="folder for log and checkpoints of --run (default: .interestream/space-N)"
        ),
    ] = None,
    items: Annotated[
        float, typer.Option(min=0, max=1, help="share of items that must have a vector")
    ] = 0.999,
    users: Annotated[
        float, typer.Option(min=0, max=1, help="share of users that must have a vector")
    ] = 0.99,
    overlap: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="least overlap@10 of recommend(); 0 switches whatever changes"
        ),
    ] = 0.5,
    overlap_users: Annotated[
        int, typer.Option(min=1, help="users over whom the overlap is averaged")
    ] = 200,
    behind_s: Annotated[
        float, typer.Option(min=0, help="seconds behind the active job that count as caught up")
    ] = 5.0,
    missing_records: Annotated[
        int,
        typer.Option(
            min=0, help="records that the active job has read and the sources no longer hold"
        ),
    ] = 0,
    patience_s: Annotated[
        float,
        typer.Option(min=0, help="seconds that coverage may stand still before the check is made"),
    ] = 120.0,
    switch: Annotated[bool, typer.Option(help="make it the active space")] = True,
    as_json: AsJsonLines = False,
) -> None:
    """Build the space of a bundle beside the active one, and switch when it has caught up."""
    from jobs.spaces.change.change import find_or_build_space, switch_when_ready  # noqa: PLC0415
    from jobs.spaces.change.job import local_job, submit_command  # noqa: PLC0415
    from jobs.spaces.change.readiness import Requirements  # noqa: PLC0415
    from jobs.spaces.change.reporters import change_reporter  # noqa: PLC0415
    from udfs.registry.registry import local_bundle  # noqa: PLC0415

    requirements = Requirements(
        items, users, behind_s, missing_records, overlap, overlap_users, patience_s
    )
    folder = local_bundle(bundle, registry)
    overrides = override or []
    check: Callable[[], None] = lambda: None  # noqa: E731
    with (
        connect(require_dsn(dsn), autocommit=True) as db,
        contextlib.ExitStack() as running,
    ):
        with change_reporter(console, as_json=as_json) as reporter:
            space_id = find_or_build_space(
                db, dsn, folder, reporter, data=data, sample=sample, fresh=fresh
            )
            if run:
                work_dir = work or Path(".interestream") / f"space-{space_id}"
                job = local_job(dsn, space_id, folder, config, overrides, work_dir)
                reporter.message(
                    "job", f"starting the job of space {space_id} here", space_id=space_id
                )
                running.enter_context(job)
                job.wait_running(timeout_s=START_S)
                check = job.check
            else:
                command = submit_command(space_id, bundle, registry, config, overrides)
                reporter.message(
                    "job", f"waiting for the job; start it with\n  {command}", command=command
                )
            passed = switch_when_ready(
                db, space_id, requirements, reporter, check=check, switch=switch
            )
        if not passed:
            sys.exit(CHECK_FAILED)
        if run:
            if not as_json:
                print_line(f"the job of space {space_id} runs here; Ctrl-C ends it")
            while True:
                check()
                time.sleep(1)
