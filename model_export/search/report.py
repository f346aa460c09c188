"""The search's report: for a terminal, for people in a bundle, for programs."""

from dataclasses import asdict
from importlib.metadata import version as version_of

import orjson
from rich import box
from rich.table import Table

from model_export.search.choose import pareto
from model_export.search.measurement import Measurement
from model_export.search.search import SearchResult

COLUMNS = (
    "graph",
    "speed",
    "texts/s",
    "mean cosine",
    "worst",
    "overlap",
    "in company",
    "same bits",
    "MB",
    "load s",
    "memory MB",
    "Spearman",
    "verdict",
)


TERMINAL_COLUMNS = (
    "graph",
    "speed",
    "mean cosine",
    "worst",
    "overlap",
    "in company",
    "MB",
    "verdict",
)


def as_table(result: SearchResult) -> Table:
    """Return a table of all graphs, the fastest first.

    A star marks those that none beats in both speed and overlap. `as_markdown` has more columns,
    and the values of shortfalls.
    """
    title = f"{result.processor.model} ({_features(result)}): {result.choice.name}, "
    table = Table(title=title + result.choice.reason, title_justify="left", box=box.SIMPLE)
    shown = [COLUMNS.index(column) for column in TERMINAL_COLUMNS]
    for column in TERMINAL_COLUMNS:
        left = column in ("graph", "verdict")
        table.add_column(column, justify="left" if left else "right", no_wrap=column == "graph")
    for row, one in _rows(result):
        short = ", ".join(map(_bound, result.choice.shortfalls.get(one.name, [])))
        cells = [row[position] for position in shown[:-1]] + [short or row[-1]]
        table.add_row(*cells, style="bold" if one.name == result.choice.name else None)
    for name, reason in result.failed.items():
        table.add_row(name, *[""] * (len(shown) - 2), reason, style="red")
    return table


def as_markdown(result: SearchResult) -> str:
    """Return the report as a page for people, which explains its columns."""
    processor = result.processor
    chosen = next(one for one in result.measured if one.name == result.choice.name)
    lines = [
        "# Which graph was chosen, and why",
        "",
        f"**{result.choice.name}**: {result.choice.reason}. {_sentence(chosen.what)}",
        "",
        f"Measured on {processor.model} ({_features(result)}) with ONNX Runtime "
        f"{version_of('onnxruntime')}, one thread, processor time, turn by turn with the "
        "reference. "
        + (
            "The processor adds products of bytes in 32 bits (VNNI or alike); on one that does "
            "not, speed and, for weights of 8 bits, vectors differ: search there again."
            if processor.has_integer_products
            else "The processor has no VNNI: products of bytes are added in 16 bits."
        ),
        "",
        f"{result.texts['tuning']} texts tuned; others judged: "
        + ", ".join(f"{count} {kind}" for kind, count in result.texts.items() if kind != "tuning")
        + ".",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(row) + " |" for row, _ in _rows(result)),
        *(
            f"| {name} |" + " |" * (len(COLUMNS) - 2) + f" {reason} |"
            for name, reason in result.failed.items()
        ),
        "",
        "* is not beaten in both speed and overlap. `speed` is times the reference's on judging "
        "texts as the runtime batches them, `overlap` the share of the ten nearest texts that "
        "agree, of the worst kind of texts; `in company` the smallest cosine of a text alone and "
        "in any batch, order or padding; `same bits` the share of texts whose vector is then "
        "equal to the last bit, in batches as the runtime makes them.",
        "",
        "![speed against overlap](report.png)",
        "",
        *_by_shape(chosen),
        "## The gate",
        "",
        *(f"- `{name}` {value:g}" for name, value in asdict(result.gate).items()),
        "",
        "## The graphs",
        "",
        *(f"- `{one.name}`: {_sentence(one.what)}" for one in result.measured),
        "",
    ]
    return "\n".join(lines)


def as_json(result: SearchResult) -> bytes:
    """Return everything that was measured as JSON."""
    content = {
        "chosen": result.choice.name,
        "reason": result.choice.reason,
        "gate": asdict(result.gate),
        "processor": asdict(result.processor),
        "onnxruntime": version_of("onnxruntime"),
        "texts": result.texts,
        "pareto": sorted(pareto(result.measured)),
        "measured": [
            asdict(one)
            | {
                "overlap": one.overlap,
                "batch_cosine": one.batch_cosine,
                "shortfalls": result.choice.shortfalls.get(one.name, []),
            }
            for one in result.measured
        ],
        "failed": result.failed,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _rows(result: SearchResult) -> list[tuple[list[str], Measurement]]:
    best = pareto(result.measured)
    ordered = sorted(result.measured, key=lambda one: -one.speed.speedup)
    return [(_row(result, one, one.name in best), one) for one in ordered]


def _row(result: SearchResult, one: Measurement, is_best: bool) -> list[str]:
    shortfalls = result.choice.shortfalls.get(one.name, [])
    inside = "chosen" if one.name == result.choice.name else "inside"
    correlation = one.rank_correlation
    return [
        one.name + (" *" if is_best else ""),
        f"{one.speed.speedup:.2f}x",
        f"{one.speed.texts_per_s:,.0f}",
        f"{one.mean_cosine:.5f}",
        f"{one.min_cosine:.4f}",
        f"{one.overlap:.3f}",
        f"{one.batch_cosine:.6f}",
        f"{one.invariance.identical_in_runtime:.0%}",
        f"{one.size_mb:.1f}",
        f"{one.footprint.load_s:.2f}",
        f"{one.footprint.memory_mb:.0f}",
        "" if correlation is None else f"{correlation:.4f}",
        "; ".join(shortfalls) or inside,
    ]


def _by_shape(chosen: Measurement) -> list[str]:
    cells = chosen.speed.cells
    if not cells:
        return []
    batches = sorted({cell.batch for cell in cells})
    rows: dict[int, list[str]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.tokens, cell.batch)):
        rows.setdefault(cell.tokens, []).append(f"{cell.speedup:.2f}x, {cell.texts_per_s:,.0f}/s")
    return [
        f"## {chosen.name} by shape",
        "",
        "| tokens | " + " | ".join(f"batch of {batch}" for batch in batches) + " |",
        "|" + "---|" * (len(batches) + 1),
        *(f"| {tokens} | " + " | ".join(row) + " |" for tokens, row in rows.items()),
        "",
    ]


def _features(result: SearchResult) -> str:
    return ", ".join(result.processor.features) or "features unknown"


def _bound(shortfall: str) -> str:
    """Return the name of the bound that a shortfall is about.

    >>> _bound("worst cosine 0.97, at least 0.98")
    'worst cosine'
    """
    return shortfall.partition(",")[0].rpartition(" ")[0]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
