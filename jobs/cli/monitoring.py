"""`interestream monitoring`: the files for Prometheus and Grafana that come with the package."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import report_errors
from jobs.cli.output import print_line
from jobs.errors import InterestreamError

EXAMPLE = """
[bold]Example[/]

interestream monitoring /etc/interestream/monitoring
"""
FILES = (
    "prometheus.yml",
    "alerts.yml",
    "dashboard.json",
    "grafana/datasource.yml",
    "grafana/dashboards.yml",
)


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("monitoring", rich_help_panel="Run in production", epilog=EXAMPLE)(monitoring)


@report_errors
def monitoring(
    folder: Annotated[Path, typer.Argument(help="folder to write them to; it is made")],
    force: Annotated[bool, typer.Option("--force", help="replace files that are there")] = False,
) -> None:
    """Write the scrape configuration, alert rules and dashboard for Prometheus and Grafana."""
    import jobs.monitoring  # noqa: PLC0415

    source = Path(jobs.monitoring.__path__[0])
    there = [name for name in FILES if (folder / name).exists()]
    if there and not force:
        raise InterestreamError(
            f"{folder} has {', '.join(there)} already: take another folder, or --force"
        )
    for name in FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
        print_line(str(target))
