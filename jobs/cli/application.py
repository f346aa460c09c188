"""Commands that run one process of Flink in application mode: `jobmanager` and `taskmanager`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.options import (
    ConfigFile,
    Dsn,
    FlinkOptions,
    Overrides,
    flink_pairs,
    report_errors,
    require_dsn,
)
from jobs.cli.resume import state_to_resume

if TYPE_CHECKING:
    from jobs.runtime.application import FlinkProcess

PANEL = "Run in production"

Folder = Annotated[
    Path,
    typer.Option(help="folder of this process alone, for configuration, logs, temporary files"),
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `interestream`."""
    app.command(rich_help_panel=PANEL, epilog=JOBMANAGER_EXAMPLE)(jobmanager)
    app.command(rich_help_panel=PANEL, epilog=TASKMANAGER_EXAMPLE)(taskmanager)


JOBMANAGER_EXAMPLE = """
[bold]Example[/]

interestream jobmanager --host flink-1 --resume --set checkpoints.directory=/data/checkpoints
"""


@report_errors
def jobmanager(
    dsn: Dsn = "",
    host: Annotated[str, typer.Option(help="name at which TaskManagers reach it")] = "127.0.0.1",
    folder: Folder = Path(".interestream") / "jobmanager",
    config: ConfigFile = None,
    override: Overrides = None,
    option: FlinkOptions = None,
    space: Annotated[int | None, typer.Option(help="space to fill (default: the active)")] = None,
    from_savepoint: Annotated[
        str | None, typer.Option(help="savepoint or checkpoint to go on from")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            help="go on from the newest checkpoint or savepoint below the job's"
            " checkpoints.directory, if there is one"
        ),
    ] = False,
) -> None:
    """Run a JobManager with the job until the job ends. systemd or a container starts it again.

    It ends with 0 when the job was stopped, and with another code when the job has failed.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.runtime.application import job_manager  # noqa: PLC0415
    from jobs.runtime.flink_options import reporter_options  # noqa: PLC0415

    dsn = require_dsn(dsn)
    settings = load_config(config, override or [])
    known = state_to_resume(settings.checkpoints.directory, from_savepoint) if resume else None
    options = flink_pairs(option)
    arguments = [] if config is None else ["--config", str(config.absolute())]
    arguments += [f"--set={setting}" for setting in override or []]
    arguments += [f"--flink={key}={value}" for key, value in options.items()]
    arguments += [] if space is None else [f"--space={space}"]
    # The job looks again itself: a standby may become the leader long after its start.
    arguments += [f"--resume={known or ''}"] if resume else []
    options = {**reporter_options(settings.metrics), **options}
    _become(job_manager(folder, host, dsn, arguments, savepoint=from_savepoint, options=options))


TASKMANAGER_EXAMPLE = """
[bold]Example[/]

interestream taskmanager --jobmanager flink-1 --folder /var/lib/interestream/taskmanager-1
"""


@report_errors
def taskmanager(
    jobmanager: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="the JobManager, and its jobmanager.rpc.port")
    ] = "127.0.0.1",
    host: Annotated[
        str, typer.Option(help="name at which the others reach it (default: Flink finds it)")
    ] = "",
    folder: Folder = Path(".interestream") / "taskmanager",
    config: ConfigFile = None,
    override: Overrides = None,
    option: FlinkOptions = None,
) -> None:
    """Run a TaskManager of one slot. systemd or a container starts it again when it ends.

    The job's settings come from the JobManager. Of --config and --set it reads the section metrics.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.runtime.application import task_manager  # noqa: PLC0415
    from jobs.runtime.flink_options import reporter_options  # noqa: PLC0415

    options = reporter_options(load_config(config, override or []).metrics)
    if host:
        options |= {"taskmanager.host": host, "taskmanager.bind-host": host}
    _become(task_manager(folder, jobmanager, {**options, **flink_pairs(option)}))


def _become(process: "FlinkProcess") -> None:
    """Replace this process by Flink's, so that signals and the exit code are Flink's own."""
    sys.stdout.flush()
    command = list(process.command)
    os.execve(command[0], command, dict(process.environment))  # noqa: S606
