"""Commands that prepare a database and list the configuration keys."""

from typing import Annotated

import typer
from rich.table import Table

from jobs.cli.options import AsJson, Dsn, console, report_errors, require_dsn
from jobs.cli.output import print_json

PANEL = "Maintain"


def add_commands(app: typer.Typer) -> None:
    """Add `apply` and `config` to `interestream`."""
    app.command("apply", rich_help_panel=PANEL)(apply_schema)
    app.command("config", rich_help_panel=PANEL)(show_config)


@report_errors
def apply_schema(dsn: Dsn = "") -> None:
    """Bring the database's schema and functions up to date."""
    from sql.apply import apply  # noqa: PLC0415

    for line in apply(require_dsn(dsn)).lines():
        console.print(line, markup=False, highlight=False)


@report_errors
def show_config(
    markdown: Annotated[bool, typer.Option(help="as a Markdown table")] = False,
    as_json: AsJson = False,
) -> None:
    """List every configuration key with its default and meaning."""
    from jobs.cli.config_table import config_rows  # noqa: PLC0415

    if as_json:
        columns = ("key", "default", "meaning")
        print_json([dict(zip(columns, row, strict=True)) for row in config_rows()])
    elif markdown:
        print("| key | default | meaning |\n|---|---|---|")
        for key, default, meaning in config_rows():
            print(f"| `{key}` | `{default}` | {meaning} |")
    else:
        table = Table("key", "default", "meaning")
        for row in config_rows():
            table.add_row(*row)
        console.print(table)
