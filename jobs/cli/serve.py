"""`interestream serve`: metrics and health over HTTP."""

import logging
import os

import typer

from jobs.cli.cluster import DEFAULT_FOLDER, ClusterFolder, JobManager
from jobs.cli.options import (
    ConfigFile,
    Dsn,
    Overrides,
    Space,
    StreamsFolder,
    report_errors,
    require_dsn,
)
from jobs.cli.output import print_line
from jobs.errors import EnvironmentNotReadyError
from jobs.secret_values import API_KEY, secret

EXAMPLES = """
[bold]Examples[/]

interestream serve --config job.toml --jobmanager flink:8081

interestream serve --set serve.host=0.0.0.0 --set serve.port=8090
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("serve", rich_help_panel="Run in production", epilog=EXAMPLES)(serve)


@report_errors
def serve(
    dsn: Dsn = "",
    jobmanager: JobManager = "",
    folder: ClusterFolder = DEFAULT_FOLDER,
    streams: StreamsFolder = None,
    config: ConfigFile = None,
    override: Overrides = None,
    space: Space = None,
) -> None:
    """Answer over HTTP: the API (/api/v1, schema at /openapi.json), /metrics, /health, /live.

    It never writes to the database: a role that is a member of interestream_reader is enough. It
    goes on while Postgres is away, and runs until SIGTERM or Ctrl-C. Whoever asks needs the key of
    INTERESTREAM_API_KEY (or serve.api_key), where there is one.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.health.verdict import Thresholds  # noqa: PLC0415
    from jobs.health.watch import watch, watched_by  # noqa: PLC0415
    from jobs.pseudonym_key import pseudonyms_of_job  # noqa: PLC0415
    from jobs.serve_settings import with_api_key  # noqa: PLC0415

    try:
        from jobs.serve.app import make_app  # noqa: PLC0415
        from jobs.serve.append.streams import streams_of  # noqa: PLC0415
        from jobs.serve.run import listen  # noqa: PLC0415
        from jobs.serve.run import serve as run  # noqa: PLC0415
    except ImportError as error:
        raise EnvironmentNotReadyError(
            "the packages that answer over HTTP are missing: run `pip install"
            " 'interestream[serve]'`"
        ) from error
    loaded = load_config(config, override or [])
    dsn = require_dsn(dsn or loaded.database.dsn.get_secret_value())
    watched = watched_by(
        loaded, dsn=dsn, jobmanager=jobmanager, cluster=folder, streams=streams, space=space
    )
    folders = {"streams": watched.streams, "checkpoints": watched.checkpoints}
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # Its warnings would repeat every attempt to connect.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    settings = loaded.serve
    if not settings.api_key.get_secret_value():
        settings = with_api_key(settings, secret(API_KEY))
    app = make_app(
        dsn,
        settings,
        lambda: watch(watched, Thresholds()),
        {name: each for name, each in folders.items() if each is not None},
        pseudonyms_of_job(loaded.privacy, os.environ),
        streams_of(loaded, streams),
        loaded,
    )
    with listen(settings.host, settings.port) as listening:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{settings.port}"
        run(
            app,
            listening,
            lambda: print_line(
                f"Answering at {address}: / /api/v1 /openapi.json /metrics /health /live"
            ),
        )
