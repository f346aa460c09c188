"""`interestream connectors`: fetches what the job needs to read topics of Kafka."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import report_errors
from jobs.cli.output import print_line

EXAMPLES = """
[bold]Examples[/]

interestream connectors

interestream connectors --folder /opt/interestream/connectors
"""


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command(rich_help_panel="Maintain", epilog=EXAMPLES)(connectors)


@report_errors
def connectors(
    folder: Annotated[
        Path, typer.Option(help="folder for the jar (the job's sources.kafka.connectors)")
    ] = Path(".interestream") / "connectors",
) -> None:
    """Fetch Flink's Kafka connector through Maven, and check its hash."""
    from jobs.connectors.kafka_jar import fetch_kafka_jar  # noqa: PLC0415

    print_line(f"{fetch_kafka_jar(folder)} is there, and its hash is right")
