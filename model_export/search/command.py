"""One search as its command line runs it: from a bundle to a graph with a report."""

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
    """Search the fastest graph for a bundle; write it and the report to `out`.

    `on_progress` is called with what is being done and the share of candidates that is done,
    `on_report` with the measurements. Raises ParityError, after `on_report`, when no graph is
    inside the gate, and SearchError when a file cannot be read.
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
    """Return the files of the report, which a bundle has beside the graph, by name."""
    contents = (as_json(result), as_markdown(result).encode(), as_png(result))
    return dict(zip(REPORT_FILES, contents, strict=True))
