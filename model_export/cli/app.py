"""All commands by name, in the order in which `--help` lists them."""

from typing import Any

import typer
from typer.core import TyperGroup

from model_export.cli.export import export
from model_export.cli.published import diff, fetch, list_bundles, show, verify
from model_export.cli.retention import pin, prune_command, unpin
from model_export.cli.sequence import sequence


class ExportByDefault(TyperGroup):
    """Options without a command in front are those of `export`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Put `export` in front of arguments that name no command."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["export", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=ExportByDefault,
    help="Turn sentence encoders into bundles, and look after published ones.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(export)
app.command("list")(list_bundles)
app.command()(show)
app.command()(diff)
app.command()(verify)
app.command("prune")(prune_command)
app.command()(pin)
app.command()(unpin)
app.command()(fetch)
app.command()(sequence)
