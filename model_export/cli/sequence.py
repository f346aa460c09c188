"""`sequence`: what users did in order becomes a model that serves; and the way back."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from model_export.cli.options import AsJson, Dsn, RegistryUrl
from model_export.cli.output import print_json, print_line, print_table
from model_export.cli.progress import shown_progress
from model_export.cli.report_errors import report_errors
from model_export.errors import SourceError
from model_export.extras import require_export_tools
from udfs.registry.registry import open_registry


@report_errors
def sequence(
    registry: RegistryUrl,
    dsn: Dsn = "",
    name: Annotated[str, typer.Option(help="Name of the model.")] = "sequence",
    version: Annotated[str | None, typer.Option(help="Version; by default time and hash.")] = None,
    space: Annotated[
        int | None, typer.Option(help="Space whose vectors are read (default: the active one).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Time in UTC up to which interactions are read.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Longest time to train.")] = 20.0,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the interactions.")] = 20,
    dim: Annotated[int, typer.Option(min=8, max=512, help="Components of a vector.")] = 64,
    layers: Annotated[int, typer.Option(min=1, max=8, help="Layers of the transformer.")] = 2,
    max_events: Annotated[
        int, typer.Option(min=2, max=256, help="Interactions of a user that are read.")
    ] = 32,
    recipe: Annotated[str, typer.Option(help="fp32, or int8 where its gate holds.")] = "fp32",
    seed: Annotated[int, typer.Option(help="The same gives the same model.")] = 0,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing unless more has come to learn from.")
    ] = False,
    refit: Annotated[
        bool, typer.Option(help="Train a better model on with the newest likes, too.")
    ] = True,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Do not go on from the model in use.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Remove all published models but the newest N and those in use."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Publish a model that is no better, too.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--back", help="Train nothing: go back to the model before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a sequence model on what users did, and let it serve where it is better.

    Exit codes: 0 published, no better, or nothing changed; 1 failed; 2 wrong option; 3 the graph
    fell short of the network; 4 a tool is not installed; 5 another run of this name is running.
    """
    if not dsn:
        raise typer.BadParameter("give --dsn, or set INTERESTREAM_DSN", param_hint="--dsn")
    if recipe not in ("fp32", "int8"):
        raise typer.BadParameter("use fp32 or int8", param_hint="--recipe")
    if back:
        _go_back(dsn, space, as_json)
        return
    require_export_tools()
    import psycopg  # noqa: PLC0415

    # torch takes seconds to import.
    from model_export.sequence.run import SequenceRequest, run_sequence  # noqa: PLC0415

    request = SequenceRequest(
        name=name,
        version=version,
        space_id=space,
        until=until and until.replace(tzinfo=UTC),
        minutes=minutes,
        epochs=epochs,
        dim=dim,
        layers=layers,
        max_events=max_events,
        recipe=recipe,
        seed=seed,
        if_changed=if_changed,
        refit=refit,
        from_scratch=from_scratch,
        keep=keep,
        force=force,
        dsn=dsn,
    )
    reports: list[Table] = []
    try:
        with shown_progress(reports.append) as listener:
            result = run_sequence(request, open_registry(registry), listener)
    except psycopg.Error as error:
        raise SourceError(f"the database refuses, or cannot be asked: {error}") from error
    finally:
        for report in reports:
            print_table(report, Console(stderr=True))
    if as_json:
        print_json(
            {
                "published": result.published,
                "reference": result.reference,
                "space_id": result.space_id,
                "figures": dict(result.figures),
                "words": result.words,
            }
        )
        return
    for line in result.words:
        Console(stderr=True).print(line, markup=False, highlight=False, soft_wrap=True)
    if result.published:
        print_line(f"{result.reference} serves (space {result.space_id})")
    else:
        print_line(f"nothing was published; in use: {result.reference or 'none'}")


def _go_back(dsn: str, space_id: int | None, as_json: bool) -> None:
    import psycopg  # noqa: PLC0415

    from model_export.sequence.back import go_back, space_of  # noqa: PLC0415
    from sql.connection import connect  # noqa: PLC0415

    try:
        with connect(dsn, autocommit=True, connect_timeout=10) as db:
            left, now = go_back(db, space_of(db, space_id))
    except psycopg.Error as error:
        raise SourceError(f"the database cannot be asked: {error}") from error
    if as_json:
        print_json({"left": left, "in_use": now})
        return
    print_line(f"{left} serves no longer; in use: {now or 'none'}")
