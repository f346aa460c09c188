"""`export`: a sentence encoder becomes a published bundle."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from model_export.cli.options import AsJson, Dsn, RegistryUrl
from model_export.cli.output import print_json, print_line, print_table
from model_export.cli.progress import shown_progress
from model_export.cli.report_errors import report_errors
from model_export.extras import require_export_tools
from model_export.recipes.names import RECIPES, SEARCHED, require_recipe
from model_export.recipes.tuning import Tuning
from model_export.run import ExportRequest, Result, run_export
from model_export.source.find import PACKAGED
from model_export.source.languages import parse_languages
from model_export.source.overrides import EncodingOverrides
from model_export.source.sentence_config import Pooling
from udfs.registry.registry import Registry, open_registry


@report_errors
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
        str | None,
        typer.Option(
            help="Languages the model understands, as en,de,zh (ISO 639-1); en if not given.",
            show_default=False,
        ),
    ] = None,
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
    spoken = _languages(languages)
    require_export_tools()
    overrides = EncodingOverrides(
        pooling=_pooling(pooling),
        query_prompt=query_prompt,
        document_prompt=document_prompt,
        max_tokens=max_tokens,
        dim=dim,
        languages=spoken,
    )
    require_recipe(recipe)
    tuning = Tuning(catalogue, pairs, gate, quick, seed, layers, steps, max_cpu_s)
    request = ExportRequest(
        source, revision, name, version, recipe, overrides, if_changed, keep, dsn, tuning
    )
    target = open_registry(registry)
    reports: list[Table] = []
    try:
        with shown_progress(reports.append) as listener:
            result = run_export(request, target, listener)
    finally:
        # Also after a gate that failed: the measurements show why nothing passed it.
        for report in reports:
            print_table(report, Console(stderr=True))
    _show_result(result, target, as_json)


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


def _languages(text: str | None) -> tuple[str, ...] | None:
    try:
        return None if text is None else parse_languages(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--languages") from None


def _show_result(result: Result, registry: Registry, as_json: bool) -> None:
    reference = result.reference
    url = f"{registry.store.url}/{reference.name}/{reference.version}"
    if as_json:
        print_json(
            {
                "reference": str(reference),
                "bundle": url,
                "published": result.published,
                "changes": result.changes,
                "removed": [str(removed) for removed in result.removed],
                "notes": [*result.model_notes, *result.notes],
            }
        )
        return
    errors = Console(stderr=True)
    for line in (*result.changes, *result.notes):
        errors.print(line, markup=False, highlight=False, soft_wrap=True)
    for removed in result.removed:
        errors.print(f"removed {removed}", markup=False, highlight=False)
    if not result.published:
        errors.print(f"nothing has changed since {reference}: nothing was done", highlight=False)
    print_line(url)
