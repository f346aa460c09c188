"""`interestream space`: makes, lists and activates embedding spaces."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli import space_change, space_status
from jobs.cli.options import AsJson, BundleRegistry, Dsn, console, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_dataset_notes, print_json, print_rows
from sql.connection import connect


def add_commands(app: typer.Typer) -> None:
    """Add `space` and its subcommands to `interestream`."""
    group = typer.Typer(
        help="Embedding spaces: an encoder bundle and the mean of a catalogue.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    group.command("create")(space_create)
    group.command("list")(space_list)
    group.command("activate")(space_activate)
    space_change.add_commands(group)
    space_status.add_commands(group)
    app.add_typer(group, name="space", rich_help_panel="Maintain")


@report_errors
def space_create(
    bundle: Annotated[
        str, typer.Argument(help="folder of an encoder bundle, or NAME@VERSION of the registry")
    ],
    data: Annotated[Path, typer.Argument(help="data set whose items give the mean")],
    dsn: Dsn = "",
    registry: BundleRegistry = "",
    mapping: Annotated[
        Path | None, typer.Option(help="TOML mapping, or a name of `interestream map list`")
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="items to encode for the mean")] = 1000,
    index: Annotated[
        bool, typer.Option(help="build the vector index now (a replay builds it after loading)")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make a space; the first one becomes active."""
    from jobs.datasets.detect import open_dataset  # noqa: PLC0415
    from jobs.spaces.build import build_space, documents  # noqa: PLC0415
    from udfs.registry.registry import local_bundle  # noqa: PLC0415

    folder = local_bundle(bundle, registry)
    dataset = open_dataset(data, mapping)
    print_dataset_notes(dataset)
    catalogue = documents(dataset.items())
    space_id = build_space(require_dsn(dsn), folder, catalogue, sample=sample, index=index)
    if as_json:
        print_json({"space_id": space_id})
    else:
        console.print(f"space {space_id}", highlight=False)


@report_errors
def space_list(dsn: Dsn = "", as_json: AsJson = False) -> None:
    """List the spaces."""
    with connect(require_dsn(dsn)) as db:
        rows = fetch_rows(
            db,
            "SELECT space_id, bundle_name, bundle_version, bundle_sha256, dim, active, created_at"
            " FROM interestream.spaces WHERE of_space IS NULL ORDER BY space_id",
        )
    if as_json:
        print_json(rows)
        return
    columns = {
        "space_id": "space",
        "bundle_name": "bundle",
        "bundle_version": "version",
        "dim": "dimension",
        "active": "active",
        "created_at": "created",
    }
    print_rows(rows, columns)


@report_errors
def space_activate(space_id: int, dsn: Dsn = "") -> None:
    """Make a space the active one."""
    with connect(require_dsn(dsn)) as db:
        db.execute("SELECT interestream.activate_space(%s)", (space_id,))
