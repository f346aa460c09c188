"""Commands that run the job on a Flink cluster: `cluster`, `submit` and `stop`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import (
    ConfigFile,
    Dsn,
    FlinkOptions,
    Overrides,
    console,
    flink_pairs,
    report_errors,
    require_dsn,
)
from jobs.cli.output import print_line, print_note
from jobs.cli.resume import refuse_second_job, state_to_resume
from jobs.errors import InterestreamError

PANEL = "Run"

ClusterFolder = Annotated[
    Path, typer.Option("--cluster", help="folder of the cluster on this machine")
]
JobManager = Annotated[
    str,
    typer.Option(
        metavar="[https://]HOST:PORT",
        help="REST address of a cluster of your own (default: the one on this machine)",
        show_default=False,
    ),
]
TaskManagers = Annotated[int, typer.Option(min=1, help="TaskManagers, of one slot each")]
DEFAULT_FOLDER = Path(".interestream") / "cluster"


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `interestream`."""
    cluster = typer.Typer(
        help="A Flink cluster on this machine that is kept until you stop it.",
        no_args_is_help=True,
    )
    cluster.command("start")(start)
    cluster.command("stop")(stop)
    cluster.command("status")(status)
    app.add_typer(cluster, name="cluster", rich_help_panel=PANEL)
    app.command("submit", rich_help_panel=PANEL, epilog=SUBMIT_EXAMPLES)(submit)
    app.command("stop", rich_help_panel=PANEL)(stop_job)


@report_errors
def start(
    folder: ClusterFolder = DEFAULT_FOLDER,
    task_managers: TaskManagers = 1,
    option: FlinkOptions = None,
) -> None:
    """Start a JobManager and TaskManagers that stay up; a TaskManager that ends is replaced."""
    from jobs.runtime.kept_cluster import start_cluster  # noqa: PLC0415

    options = flink_pairs(option)
    with console.status("Starting Flink"):
        cluster = start_cluster(folder, task_managers, options)
    print_line(
        f"Flink runs: {cluster.rest.url}, TaskManagers: {task_managers}, folder {cluster.folder}"
    )


@report_errors
def stop(folder: ClusterFolder = DEFAULT_FOLDER) -> None:
    """Stop the cluster on this machine; jobs that run on it end without a savepoint."""
    from jobs.runtime.kept_cluster import stop_cluster  # noqa: PLC0415

    stopped = stop_cluster(folder)
    print_line("Flink is stopped" if stopped else f"no cluster runs in {folder}")


@report_errors
def status(folder: ClusterFolder = DEFAULT_FOLDER) -> None:
    """Show the cluster on this machine: its jobs and its TaskManagers."""
    from jobs.runtime.find_flink import find_flink  # noqa: PLC0415

    rest = find_flink("", folder)
    if rest is None:
        raise InterestreamError(f"no cluster runs in {folder}: `interestream cluster start`")
    free = rest.free_slots()
    print_line(
        f"Flink runs: {rest.url}, TaskManagers: {len(free)}, free slots: {sum(free.values())}"
    )
    names = rest.job_names()
    for job_id, state in rest.job_states().items():
        print_line(f"job {job_id} {state.lower()}: {names.get(job_id, '')}")


SUBMIT_EXAMPLES = """
[bold]Examples[/]

interestream submit --set encoder.bundle=minilm@space --set sources.root=/data/streams

interestream submit --resume --config job.toml

interestream submit --jobmanager flink:8081 --config job.toml --from-savepoint s3://state/savepoint-1
"""


@report_errors
def submit(
    dsn: Dsn = "",
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
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
            help="go on from the newest checkpoint or savepoint of the space below the job's"
            " checkpoints.directory, if there is one"
        ),
    ] = False,
) -> None:
    """Run the job on a cluster and watch it until it has committed.

    Without --jobmanager it runs on the cluster of this machine, which is started if need be: with
    --resume as the one before it was started.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.runtime.find_flink import flink_at  # noqa: PLC0415
    from jobs.runtime.flink_options import reporter_options  # noqa: PLC0415
    from jobs.runtime.kept_cluster import (  # noqa: PLC0415
        answering_cluster,
        last_start,
        start_cluster,
    )
    from jobs.runtime.newest_state import mark_space  # noqa: PLC0415
    from jobs.runtime.submit import (  # noqa: PLC0415
        submit_job,
        wait_first_commit,
        wait_for_slots,
    )

    dsn = require_dsn(dsn)
    loaded = load_config(config, override or [])
    arguments = [] if config is None else ["--config", str(config.absolute())]
    arguments += [f"--set={setting}" for setting in override or []]
    arguments += [f"--flink={key}={value}" for key, value in flink_pairs(option).items()]
    arguments += [] if space is None else [f"--space={space}"]
    needed, directory = loaded.batching.parallelism, loaded.checkpoints.directory
    with console.status("Looking for Flink") as shown:
        if jobmanager:
            rest = flink_at(jobmanager)
        else:
            cluster = answering_cluster(folder.absolute())
            if cluster is None:
                shown.update("Starting Flink on this machine")
                count, options = last_start(folder) if resume else (1, {})
                options = {**options, **reporter_options(loaded.metrics)}
                cluster = start_cluster(folder, max(needed, count), options)
            rest = cluster.rest
            if loaded.metrics.prometheus_port and not rest.setting("metrics.reporters"):
                print_note(
                    "the cluster runs already, and without metrics.prometheus_port: `interestream"
                    " cluster stop`, then submit again with --resume"
                )
        if resume:
            space_id = _space_to_fill(dsn, space)
            refuse_second_job(rest, space_id)
            from_savepoint = state_to_resume(directory, from_savepoint, space_id)
        wait_for_slots(rest, needed, owned=not jobmanager)
        shown.update("Submitting the job")
        job_id = submit_job(rest, dsn, arguments, folder.absolute() / "client", from_savepoint)
        try:
            seen = wait_first_commit(
                rest, job_id, dsn, on_step=lambda step: shown.update(f"Job {job_id}: {step}")
            )
        finally:
            if directory is not None:
                # Flink makes the folder of the checkpoints when the job starts.
                mark_space(directory.absolute() / job_id, rest.job_names().get(job_id, ""))
    print_line(f"job {job_id}: {seen} ({rest.url})")


@report_errors
def stop_job(
    savepoints: Annotated[Path, typer.Option(help="folder that takes the savepoint")],
    job: Annotated[str, typer.Argument(help="id of the job (default: the only one)")] = "",
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
) -> None:
    """Stop a job with a savepoint, from which `submit --from-savepoint` goes on."""
    from jobs.runtime.find_flink import find_flink  # noqa: PLC0415
    from jobs.runtime.flink_path import flink_path  # noqa: PLC0415
    from jobs.runtime.newest_state import mark_space  # noqa: PLC0415

    rest = find_flink(jobmanager, folder)
    if rest is None:
        raise InterestreamError(f"no cluster runs in {folder}: name one with --jobmanager")
    running = [job_id for job_id, state in rest.job_states().items() if state == "RUNNING"]
    if not job and len(running) != 1:
        found = f"{len(running)} jobs run: name one of {', '.join(running)}" if running else ""
        raise InterestreamError(found or f"no job runs at {rest.address}")
    with console.status("Taking the savepoint"):
        stopped = job or running[0]
        name = rest.job_names().get(stopped, "")
        savepoint = rest.stop(stopped, flink_path(savepoints))
        mark_space(savepoints.absolute() / savepoint.rpartition("/")[2], name)
    print_line(
        f"stopped; go on with `interestream submit --from-savepoint {shlex.quote(savepoint)}`"
    )


def _space_to_fill(dsn: str, space: int | None) -> int:
    """The space that is named, or else the active one; raises InterestreamError without one."""
    from jobs.cli.active_space import active_space  # noqa: PLC0415
    from sql.connection import connect  # noqa: PLC0415

    if space is not None:
        return space
    with connect(dsn) as db:
        return active_space(db)
