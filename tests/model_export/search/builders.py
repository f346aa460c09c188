"""Measurements as a search would make them, to be varied."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from model_export.search.choose import choose
from model_export.search.footprint import Footprint
from model_export.search.gate import Gate
from model_export.search.invariance import PADDED, RUNTIME_COMPANY, Invariance
from model_export.search.measurement import Measurement
from model_export.search.processor import Processor
from model_export.search.search import SearchResult
from model_export.search.speed import Cell, Speed

COMPANY = (*RUNTIME_COMPANY, *(f"padded by {count}" for count in PADDED))


def company(cosine: float = 1.0) -> Invariance:
    """All companies alike."""
    return Invariance(dict.fromkeys(COMPANY, cosine), dict.fromkeys(COMPANY, 1.0))


def speed(speedup: float) -> Speed:
    cells = (Cell(8, 1, speedup, 100 * speedup), Cell(8, 32, speedup, 200 * speedup))
    return Speed(speedup, 300 * speedup, 300, cells)


REFERENCE = Measurement(
    name="fp32-fused",
    what="the fused float32 graph itself",
    mean_cosine=1.0,
    min_cosine=1.0,
    overlap_by_kind={"generated": 1.0},
    invariance=company(),
    speed=speed(1.0),
    footprint=Footprint(0.4, 200),
    size_mb=90,
    rank_correlation=0.86,
    made_s=0.1,
)

GOOD = replace(
    REFERENCE,
    name="good",
    what="a good one",
    mean_cosine=0.999,
    min_cosine=0.99,
    overlap_by_kind={"parity": 0.99, "generated": 0.96},
    invariance=company(0.999999),
    speed=speed(2.5),
    footprint=Footprint(0.2, 60),
    size_mb=23,
    rank_correlation=0.858,
)


def search_result(*candidates: Measurement, gate: Gate = Gate(), **failed: Any) -> SearchResult:  # noqa: B008
    """What a search that measured these would return."""
    return SearchResult(
        graph=Path("model.onnx"),
        choice=choose(REFERENCE, candidates, gate),
        measured=(REFERENCE, *candidates),
        failed=failed,
        processor=Processor("A processor", ("avx2", "avx512_vnni")),
        texts={"tuning": 10, "parity": 20, "generated": 30},
        gate=gate,
    )
