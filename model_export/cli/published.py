"""Commands that look at published bundles: `list`, `show`, `diff`, `verify` and `fetch`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from model_export import exit_codes
from model_export.cli.options import AsJson, Bundle, RegistryUrl
from model_export.cli.output import print_json, print_line, print_table
from model_export.cli.report_errors import report_errors
from udfs.registry.reference import parse_reference
from udfs.registry.registry import open_registry


@report_errors
def list_bundles(
    registry: RegistryUrl,
    name: Annotated[str | None, typer.Option(help="Only this name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is published."""
    from model_export.publishing.listing import list_versions  # noqa: PLC0415

    published = open_registry(registry)
    names = [name] if name else published.names()
    rows = [row for one in names for row in list_versions(published, one)]
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    table = Table("bundle", "created", "dim", "recipe", "cosine", "state")
    for row in rows:
        table.add_row(*row.cells())
    print_table(table)


@report_errors
def show(registry: RegistryUrl, bundle: Bundle, as_json: AsJson = False) -> None:
    """Show the manifest of a bundle."""
    published = open_registry(registry)
    manifest = published.manifest(parse_reference(bundle))
    content = asdict(manifest) | {"bundle_sha256": manifest.bundle_sha256}
    if as_json:
        print_json(content)
        return
    table = Table("field", "value", show_header=False)
    for field, value in content.items():
        lines = value.items() if isinstance(value, dict) else ()
        table.add_row(field, "\n".join(f"{k}: {v}" for k, v in lines) or str(value))
    print_table(table)


@report_errors
def diff(registry: RegistryUrl, old: Bundle, new: Bundle, as_json: AsJson = False) -> None:
    """Compare two bundles: manifests, parity figures, and vectors of the built-in texts."""
    from model_export.publishing.compare_bundles import compare_bundles  # noqa: PLC0415

    published = open_registry(registry)
    left, right = (published.folder(parse_reference(bundle)) for bundle in (old, new))
    difference = compare_bundles(left, right)
    if as_json:
        print_json(asdict(difference))
        return
    table = Table("field", old, new)
    for field, (before, after) in difference.manifest.items():
        table.add_row(field, str(before), str(after))
    print_table(table)
    vectors = difference.vectors
    if vectors is None:
        print_line("vectors of different dimensions cannot be compared")
        return
    print_line(
        f"{vectors.texts} texts: cosine {vectors.mean_cosine:.6f} on average, "
        f"{vectors.min_cosine:.6f} at least ({vectors.furthest[:40]!r}); "
        f"{vectors.top_overlap:.1%} of the 10 nearest agree"
    )


@report_errors
def verify(
    registry: RegistryUrl,
    bundle: Annotated[str, typer.Argument(help="NAME@VERSION; all of them by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hash every file of a bundle, or of all; exit code 1 when one does not fit its manifest."""
    from model_export.publishing.listing import all_references  # noqa: PLC0415

    published = open_registry(registry)
    wanted = [published.exact(parse_reference(bundle))] if bundle else all_references(published)
    found = {str(reference): published.problems(reference) for reference in wanted}
    if as_json:
        print_json({"sound": not any(found.values()), "problems": found})
    else:
        for reference, problems in found.items():
            print_line(f"{reference}: {'; '.join(problems) or 'sound'}")
    if any(found.values()):
        sys.exit(exit_codes.FAILED)


@report_errors
def fetch(
    registry: RegistryUrl,
    bundle: Bundle,
    cache: Annotated[Path | None, typer.Option(help="Where copies are kept.")] = None,
) -> None:
    """Print a verified local folder of a bundle, downloaded where it must be."""
    print_line(str(open_registry(registry).folder(parse_reference(bundle), cache)))
