"""What the command line runs: a bundle in, a graph and its report out."""

import shutil
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from model_export.search.choose import require_inside
from model_export.search.gate import read_gate
from model_export.search.pairs import read_pairs
from model_export.search.plot import as_png
from model_export.search.report import as_json, as_markdown, as_table
from model_export.search.search import Options, SearchResult, search
from model_export.search.texts import catalogue_texts
from udfs.bundle import MODEL_FILE, TOKENIZER_FILE, verify

REPORT_FILES = ("report.json", "report.md", "report.png")


def run(
    bundle: Path,
    out: Path,
    scratch: Path,
    *,
    only: tuple[str, ...],
    quick: bool,
    catalogue: Path | None,
    pairs: Path | None,
    gate: Path | None,
    seed: int,
    on_progress: Callable[[str, float], None],
    on_report: Callable[[Table], None],
) -> None:
    """Search beside a bundle; the chosen graph and the report are written to `out`.

    Raises ParityError, after `on_report`, when no graph is inside the gate.
    """
    manifest = verify(bundle)
    options = Options(
        only=only,
        quick=quick,
        gate=read_gate(gate),
        catalogue=() if catalogue is None else tuple(catalogue_texts(catalogue)),
        pairs=None if pairs is None else read_pairs(pairs),
        seed=seed,
    )
    result = search(
        bundle / MODEL_FILE, manifest, bundle / TOKENIZER_FILE, scratch, options, on_progress
    )
    on_report(as_table(result))
    require_inside(result.choice)
    out.mkdir(parents=True, exist_ok=True)
    for file in result.graph.parent.iterdir():
        shutil.copyfile(file, out / file.name)
    for name, content in report_files(result).items():
        (out / name).write_bytes(content)


def report_files(result: SearchResult) -> dict[str, bytes]:
    """What stands beside the graph in a bundle, by name."""
    contents = (as_json(result), as_markdown(result).encode(), as_png(result))
    return dict(zip(REPORT_FILES, contents, strict=True))
