"""Commands that decide how long versions stay: `prune`, `pin` and `unpin`."""

from typing import Annotated

import typer
from rich.console import Console

from model_export.cli.options import AsJson, Bundle, Dsn, RegistryUrl
from model_export.cli.output import print_json, print_line
from model_export.cli.report_errors import report_errors
from model_export.publishing.prune import InUse, plan_prune, prune, spaces_in_use
from udfs.registry.reference import parse_reference
from udfs.registry.registry import open_registry


@report_errors
def prune_command(
    registry: RegistryUrl,
    name: Annotated[str, typer.Option(help="Name whose old versions go.")],
    keep: Annotated[int, typer.Option(min=1, help="Newest versions to leave.")],
    dsn: Dsn = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old versions that are not the latest, not pinned, and of no space."""
    from model_export.publishing.lock import export_lock  # noqa: PLC0415

    published = open_registry(registry)
    with export_lock(published, name):
        plan = plan_prune(published, name, keep, spaces_in_use(dsn) if dsn else InUse())
        if not dry_run:
            prune(published, plan)
    if as_json:
        print_json(
            {
                "kept": {str(kept.reference): kept.reason for kept in plan.kept},
                "removed": [str(removed) for removed in plan.removed],
                "dry_run": dry_run,
                "asked_database": bool(dsn),
            }
        )
        return
    for kept in plan.kept:
        print_line(f"kept {kept.reference}: {kept.reason}")
    for removed in plan.removed:
        print_line(f"{'would remove' if dry_run else 'removed'} {removed}")
    if not dsn:
        Console(stderr=True).print("no database was asked which versions its spaces use")


@report_errors
def pin(registry: RegistryUrl, bundle: Bundle) -> None:
    """Keep a version, whatever its age."""
    open_registry(registry).pin(parse_reference(bundle))


@report_errors
def unpin(registry: RegistryUrl, bundle: Bundle) -> None:
    """Let a version go with the others again."""
    open_registry(registry).unpin(parse_reference(bundle))
