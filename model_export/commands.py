"""The command line of the export and of the registry it publishes to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import orjson
import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from model_export import exit_codes
from model_export.errors import ExportError, LockedError, MissingExtraError, ParityError
from model_export.extras import require_export_tools
from model_export.progress import shown_progress
from model_export.publishing.prune import InUse, plan_prune, prune, spaces_in_use
from model_export.recipes.names import RECIPES, SEARCHED, require_recipe
from model_export.recipes.tuning import Tuning
from model_export.run import Order, Result, run_export
from model_export.source.find import PACKAGED
from model_export.source.overrides import Wishes
from model_export.source.sentence_config import Pooling
from udfs.errors import UdfError
from udfs.registry.reference import parse_reference
from udfs.registry.registry import Registry, open_registry

P = ParamSpec("P")


class ExportByDefault(TyperGroup):
    """Options without a command in front are those of `export`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["export", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=ExportByDefault,
    help="Turn sentence encoders into bundles, and look after published ones.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

RegistryUrl = Annotated[
    str,
    typer.Option(
        "--registry",
        "--out",
        envvar="INTERESTREAM_REGISTRY",
        help="Where bundles are published: a folder, or s3://, gs://, memory://.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Dsn = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_DSN",
        help="Database whose spaces keep the versions they name.",
        show_default=False,
    ),
]
Bundle = Annotated[str, typer.Argument(help="NAME@VERSION; NAME alone is NAME@latest.")]


def friendly(command: Callable[P, None]) -> Callable[P, None]:
    """Print errors that are written for people, and end with the exit code of their kind.

    Ctrl-C is met here: further out it would count as a failure.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (ExportError, UdfError) as error:
            Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
            sys.exit(_exit_code(error))
        except KeyboardInterrupt:
            print("Stopped; the registry is as it was.", file=sys.stderr)
            sys.exit(exit_codes.INTERRUPTED)

    return run


def _exit_code(error: Exception) -> int:
    kinds = {
        ParityError: exit_codes.GATE,
        MissingExtraError: exit_codes.MISSING_EXTRA,
        LockedError: exit_codes.LOCKED,
    }
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), 1)


@app.command()
@friendly
def export(
    registry: RegistryUrl,
    name: Annotated[
        str | None,
        typer.Option(
            envvar="INTERESTREAM_EXPORT_NAME", help="Name of the bundle; the model's by default."
        ),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(help="Version; a published one never changes. By default time and hash."),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            envvar="INTERESTREAM_EXPORT_SOURCE",
            help="'package' (MiniLM), a model's folder, or ORGANISATION/MODEL of the hub",
        ),
    ] = PACKAGED,
    revision: Annotated[
        str | None,
        typer.Option(
            envvar="INTERESTREAM_EXPORT_REVISION",
            help="Commit, tag or branch of the hub's repository.",
        ),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(
            envvar="INTERESTREAM_EXPORT_RECIPE",
            help="How the graph is made: " + ", ".join(RECIPES),
        ),
    ] = SEARCHED,
    pooling: Annotated[
        str | None, typer.Option(help="mean, cls or last, where the folder does not say.")
    ] = None,
    query_prompt: Annotated[str | None, typer.Option(help="In front of what a user wants.")] = None,
    document_prompt: Annotated[
        str | None, typer.Option(help="In front of what an item is.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Longest input in tokens.")] = None,
    dim: Annotated[
        int | None, typer.Option(help="Components to keep, for Matryoshka models.")
    ] = None,
    languages: Annotated[
        str, typer.Option(help="Codes of the languages the model understands, as en,de,zh.")
    ] = "en",
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if model, recipe and tools are as ever")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            envvar="INTERESTREAM_EXPORT_KEEP",
            min=1,
            help="Remove all but the newest N that nobody uses.",
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(help="A data set whose items a recipe tunes with or learns from."),
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Labelled sentence pairs, for recipes that search.")
    ] = None,
    gate: Annotated[
        Path | None, typer.Option(help="TOML with a gate's bounds, for recipes that search.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Search or learn with less.")] = False,
    seed: Annotated[int, typer.Option(help="Chooses the texts of a recipe.")] = 0,
    layers: Annotated[int, typer.Option(min=1, help="Layers that a student keeps.")] = 3,
    steps: Annotated[int, typer.Option(min=0, help="Batches that a student learns from.")] = 400,
    max_cpu_s: Annotated[float, typer.Option(help="Processor time for a student to learn.")] = 1800,
    dsn: Dsn = "",
    as_json: AsJson = False,
) -> None:
    """Export a sentence encoder and publish it (the default command).

    Exit codes: 0 published or nothing changed, 1 failed, 2 wrong option, 3 the graph fell short
    of the model, 4 a tool is not installed, 5 another export of this name is running.
    """
    require_export_tools()
    wishes = Wishes(
        pooling=_pooling(pooling),
        query_prompt=query_prompt,
        document_prompt=document_prompt,
        max_tokens=max_tokens,
        dim=dim,
        languages=tuple(code.strip() for code in languages.split(",")),
    )
    require_recipe(recipe)
    tuning = Tuning(catalogue, pairs, gate, quick, seed, layers, steps, max_cpu_s)
    order = Order(source, revision, name, version, recipe, wishes, if_changed, keep, dsn, tuning)
    there = open_registry(registry)
    reports: list[Table] = []
    try:
        with shown_progress() as (on_step, on_progress):
            result = run_export(order, there, on_step, on_progress, reports.append)
    finally:
        # Where nothing was good enough, too: what was measured says why.
        for report in reports:
            _print_table(report, Console(stderr=True))
    _show_result(result, there, as_json)


def _pooling(text: str | None) -> Pooling | None:
    allowed: dict[str | None, Pooling | None] = {
        None: None,
        "mean": "mean",
        "cls": "cls",
        "last": "last",
    }
    if text not in allowed:
        raise typer.BadParameter("use mean, cls or last", param_hint="--pooling")
    return allowed[text]


def _show_result(result: Result, registry: Registry, as_json: bool) -> None:
    reference = result.reference
    place = f"{registry.store.url}/{reference.name}/{reference.version}"
    if as_json:
        _print_json(
            {
                "reference": str(reference),
                "bundle": place,
                "published": result.published,
                "changes": result.changes,
                "removed": [str(removed) for removed in result.removed],
                "notes": result.notes,
            }
        )
        return
    aside = Console(stderr=True)
    for line in (*result.changes, *result.notes):
        aside.print(line, markup=False, highlight=False, soft_wrap=True)
    for removed in result.removed:
        aside.print(f"removed {removed}", markup=False, highlight=False)
    if not result.published:
        aside.print(f"nothing has changed since {reference}: nothing was done", highlight=False)
    _print(place)


@app.command("list")
@friendly
def list_bundles(
    registry: RegistryUrl,
    name: Annotated[str | None, typer.Option(help="Only this name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is published."""
    from model_export.publishing.listing import shown_versions  # noqa: PLC0415

    there = open_registry(registry)
    names = [name] if name else there.names()
    rows = [row for one in names for row in shown_versions(there, one)]
    if as_json:
        _print_json([asdict(row) for row in rows])
        return
    table = Table("bundle", "created", "dim", "recipe", "cosine", "state")
    for row in rows:
        table.add_row(*row.cells())
    _print_table(table)


@app.command()
@friendly
def show(registry: RegistryUrl, bundle: Bundle, as_json: AsJson = False) -> None:
    """Show the manifest of a bundle."""
    there = open_registry(registry)
    manifest = there.manifest(parse_reference(bundle))
    content = asdict(manifest) | {"bundle_sha256": manifest.bundle_sha256}
    if as_json:
        _print_json(content)
        return
    table = Table("field", "value", show_header=False)
    for field, value in content.items():
        lines = value.items() if isinstance(value, dict) else ()
        table.add_row(field, "\n".join(f"{k}: {v}" for k, v in lines) or str(value))
    _print_table(table)


@app.command()
@friendly
def diff(registry: RegistryUrl, old: Bundle, new: Bundle, as_json: AsJson = False) -> None:
    """Compare two bundles: manifests, parity figures, and vectors of the built-in texts."""
    from model_export.publishing.compare_bundles import compare_bundles  # noqa: PLC0415

    there = open_registry(registry)
    left, right = (there.folder(parse_reference(bundle)) for bundle in (old, new))
    difference = compare_bundles(left, right)
    if as_json:
        _print_json(asdict(difference))
        return
    table = Table("field", old, new)
    for field, (before, after) in difference.manifest.items():
        table.add_row(field, str(before), str(after))
    _print_table(table)
    vectors = difference.vectors
    if vectors is None:
        _print("vectors of different dimensions cannot be compared")
        return
    _print(
        f"{vectors.texts} texts: cosine {vectors.mean_cosine:.6f} on average, "
        f"{vectors.min_cosine:.6f} at least ({vectors.furthest[:40]!r}); "
        f"{vectors.top_overlap:.1%} of the 10 nearest agree"
    )


@app.command()
@friendly
def verify(
    registry: RegistryUrl,
    bundle: Annotated[str, typer.Argument(help="NAME@VERSION; all of them by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hash every file of a bundle, or of all; exit code 1 when one does not fit its manifest."""
    from model_export.publishing.listing import all_references  # noqa: PLC0415

    there = open_registry(registry)
    wanted = [there.exact(parse_reference(bundle))] if bundle else all_references(there)
    found = {str(reference): there.problems(reference) for reference in wanted}
    if as_json:
        _print_json({"sound": not any(found.values()), "problems": found})
    else:
        for reference, problems in found.items():
            _print(f"{reference}: {'; '.join(problems) or 'sound'}")
    if any(found.values()):
        sys.exit(exit_codes.FAILED)


@app.command("prune")
@friendly
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

    there = open_registry(registry)
    with export_lock(there, name):
        plan = plan_prune(there, name, keep, spaces_in_use(dsn) if dsn else InUse())
        if not dry_run:
            prune(there, plan)
    if as_json:
        _print_json(
            {
                "kept": {str(kept.reference): kept.reason for kept in plan.kept},
                "removed": [str(removed) for removed in plan.removed],
                "dry_run": dry_run,
                "asked_database": bool(dsn),
            }
        )
        return
    for kept in plan.kept:
        _print(f"kept {kept.reference}: {kept.reason}")
    for removed in plan.removed:
        _print(f"{'would remove' if dry_run else 'removed'} {removed}")
    if not dsn:
        Console(stderr=True).print("no database was asked which versions its spaces use")


@app.command()
@friendly
def pin(registry: RegistryUrl, bundle: Bundle) -> None:
    """Keep a version, whatever its age."""
    open_registry(registry).pin(parse_reference(bundle))


@app.command()
@friendly
def unpin(registry: RegistryUrl, bundle: Bundle) -> None:
    """Let a version go with the others again."""
    open_registry(registry).unpin(parse_reference(bundle))


@app.command()
@friendly
def fetch(
    registry: RegistryUrl,
    bundle: Bundle,
    cache: Annotated[Path | None, typer.Option(help="Where copies are kept.")] = None,
) -> None:
    """Print a verified local folder of a bundle, downloaded where it must be."""
    _print(str(open_registry(registry).folder(parse_reference(bundle), cache)))


def _print(text: str) -> None:
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def _print_table(table: Table, console: Console | None = None) -> None:
    # A pipe has no width: cut nothing off there.
    console = console or Console()
    if not console.is_terminal:
        console.width = 1_000
    console.print(table)


def _print_json(content: object) -> None:
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")
