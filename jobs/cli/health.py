"""`interestream health`: whether the job works, for monitoring systems."""

import sys
from typing import Annotated

import typer

from jobs.cli.cluster import DEFAULT_FOLDER, ClusterFolder, JobManager
from jobs.cli.options import (
    AsJson,
    ConfigFile,
    Dsn,
    Overrides,
    Space,
    StreamsFolder,
    console,
    report_errors,
)
from jobs.cli.output import print_json, print_line
from jobs.errors import ConfigError
from jobs.health.verdict import Limits, Thresholds, parse_limits

STYLES = {"OK": "green", "WARNING": "yellow", "CRITICAL": "bold red"}
DEFAULTS = Thresholds()
EXAMPLES = """
[bold]Examples[/]

interestream health --streams /data/streams

interestream health --jobmanager flink:8081 --lag-s 60:600 --json

[bold]Exit codes[/] 0 ok, 1 a warning, 2 critical; 2 also for a wrong option, which is told on the
standard error alone.
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("health", rich_help_panel="Query", epilog=EXAMPLES)(health)


def _limits(help_text: str) -> object:
    return typer.Option(metavar="WARN:CRIT", help=help_text)


@report_errors
def health(
    dsn: Dsn = "",
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
    streams: StreamsFolder = None,
    config: ConfigFile = None,
    override: Overrides = None,
    space: Space = None,
    commit_age_s: Annotated[str, _limits("age of the newest commit, unless the job is idle")] = str(
        DEFAULTS.commit_age_s
    ),
    lag_s: Annotated[str, _limits("how long a file or record has waited")] = str(DEFAULTS.lag_s),
    checkpoint_age_s: Annotated[str, _limits("age of the newest completed checkpoint")] = str(
        DEFAULTS.checkpoint_age_s
    ),
    failed_checkpoints: Annotated[
        str, _limits("checkpoints that failed since the newest completed one")
    ] = str(DEFAULTS.failed_checkpoints),
    restarts: Annotated[str, _limits("failures of the job in the last hour")] = str(
        DEFAULTS.restarts
    ),
    waiting_share: Annotated[
        str, _limits("share of a stream's records that wait for their item")
    ] = str(DEFAULTS.waiting_share),
    dead_letter_share: Annotated[
        str, _limits("share of a stream's records that are dead letters")
    ] = str(DEFAULTS.dead_letter_share),
    as_json: AsJson = False,
) -> None:
    """Tell a monitoring system whether the job works: exit code 0 ok, 1 warning, 2 critical.

    It says one sentence per check, the worst first. The job itself is checked where --jobmanager
    names a cluster or `interestream cluster` keeps one here.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.health.document import health_document, worst_state  # noqa: PLC0415
    from jobs.health.watch import watch, watched_by  # noqa: PLC0415

    thresholds = Thresholds(
        commit_age_s=_parsed("--commit-age-s", commit_age_s),
        lag_s=_parsed("--lag-s", lag_s),
        checkpoint_age_s=_parsed("--checkpoint-age-s", checkpoint_age_s),
        failed_checkpoints=_parsed("--failed-checkpoints", failed_checkpoints),
        restarts=_parsed("--restarts", restarts),
        waiting_share=_parsed("--waiting-share", waiting_share),
        dead_letter_share=_parsed("--dead-letter-share", dead_letter_share),
    )
    loaded = load_config(config, override or [])
    verdicts = watch(
        watched_by(
            loaded,
            dsn=dsn,
            jobmanager=jobmanager,
            cluster=folder,
            streams=streams,
            space=space,
        ),
        thresholds,
    )
    if as_json:
        print_json(health_document(verdicts))
    else:
        for verdict in verdicts:
            name = verdict.state.name
            console.print(f"{name.lower():<8}", style=STYLES[name], end="  ")
            print_line(verdict.sentence)
    sys.exit(worst_state(verdicts).value)


def _parsed(option: str, text: str) -> Limits:
    try:
        return parse_limits(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
