"""`python -m model_export.search BUNDLE --out DIR`: a float32 bundle becomes a quantised one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from model_export.errors import ParityError
from model_export.exit_codes import exit_code_of
from model_export.extras import require_export_tools
from udfs.errors import UdfError

NEEDED = ("onnx", "onnxruntime", "tokenizers", "scipy", "psutil", "matplotlib")


def main(
    bundle: Annotated[Path, typer.Argument(help="A bundle with a fused float32 graph.")],
    out: Annotated[Path, typer.Option(help="Folder for the graph and the report.")],
    only: Annotated[
        list[str] | None, typer.Option(help="A candidate's name; may be given several times.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="A few candidates, fewer texts and turns.")] = False,
    catalogue: Annotated[
        Path | None, typer.Option(help="A data set whose items are tuned with and judged by.")
    ] = None,
    pairs: Annotated[Path | None, typer.Option(help="A file of labelled sentence pairs.")] = None,
    gate: Annotated[Path | None, typer.Option(help="TOML with the gate's bounds.")] = None,
    seed: Annotated[int, typer.Option(help="Chooses the texts.")] = 0,
) -> None:
    """Search the fastest graph inside the gate for this machine, and report.

    Exit codes: 0 found, 1 failed, 2 wrong option, 3 no graph is inside the gate, 4 a tool is
    not installed.
    """
    console = Console(stderr=True)
    reports: list[Table] = []
    try:
        require_export_tools(NEEDED)
        # The tools take seconds to import: only after the check, when progress is shown.
        from model_export.search.command import run  # noqa: PLC0415

        with (
            Progress(
                TextColumn("{task.percentage:3.0f} %"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}"),
                console=console,
                transient=True,
            ) as progress,
            TemporaryDirectory(prefix="interestream-search-") as scratch,
        ):
            task = progress.add_task("starting", total=1.0)
            run(
                bundle,
                out,
                Path(scratch),
                only=tuple(only or ()),
                quick=quick,
                catalogue=catalogue,
                pairs=pairs,
                gate=gate,
                seed=seed,
                on_progress=lambda what, share: progress.update(
                    task, description=what, completed=share
                ),
                on_report=reports.append,
            )
    except UdfError as error:
        if isinstance(error, ParityError):
            _show(reports)
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(exit_code_of(error)) from error
    _show(reports)


def _show(reports: list[Table]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 1_000
    for report in reports:
        console.print(report)


if __name__ == "__main__":
    typer.run(main)
