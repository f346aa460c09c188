"""The graphs that compete, by name."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from model_export.quantise.blocks import in_blocks
from model_export.quantise.candidate_inputs import BY_ROW, STATIC, CandidateInputs
from model_export.quantise.fit import Scheme
from model_export.quantise.library import dynamic_int8, half_precision
from model_export.quantise.products import in_float32
from model_export.quantise.ranges import Ranges
from model_export.quantise.weights import LARGEST_INT7

REFERENCE = "fp32-fused"
"""The graph that candidates are compared with, and that is published when none is better."""

WORST_SHARE = 0.25
"""Share of the products that get a scale for each row in `int8-mixed`."""
WORSE_SHARE = 0.5
"""Share of the products that get a scale for each row in `int8-mixed-half`."""
EXCLUDED_SHARE = 0.1
"""Share of the products that stay in float32 in `int8-excluded`."""

Make = Callable[[CandidateInputs, Path], object]
"""Writes a graph to the path, `model.onnx` in a folder of its own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to make a graph."""

    name: str
    what: str
    """One sentence for the report."""
    make: Make
    quick: bool = False
    """Whether a search with `--quick` tries it."""
    without_vnni: bool = False
    """Whether it is only tried on processors without VNNI."""


def _static(scheme: Scheme) -> Make:
    return lambda inputs, path: inputs.quantised(scheme).write(path)


def _ranges(method: Ranges) -> Make:
    return _static(Scheme(ranges=method))


def _mixed(share: float) -> Make:
    return lambda inputs, path: inputs.quantised(STATIC, by_row=inputs.worst(share)).write(path)


def _excluded(scheme: Scheme) -> Make:
    return lambda inputs, path: inputs.quantised(
        scheme, in_float=inputs.worst(EXCLUDED_SHARE)
    ).write(path)


def _mixed_excluded(inputs: CandidateInputs, path: Path) -> object:
    excluded = inputs.worst(EXCLUDED_SHARE)
    return inputs.quantised(STATIC, by_row=inputs.worst(WORST_SHARE), in_float=excluded).write(path)


def _copy(inputs: CandidateInputs, path: Path) -> object:
    for file in inputs.fused.parent.glob(f"{inputs.fused.name}*"):
        shutil.copyfile(file, path.with_name(file.name))
    return path


def _blocks(bits: int) -> Make:
    return lambda inputs, path: inputs.lowered(in_blocks(bits), small_tables=True).write(path)


def _dynamic(per_channel: bool) -> Make:
    return lambda inputs, path: dynamic_int8(inputs.fused, path, per_channel=per_channel)


def _lean(small_tables: bool) -> Make:
    return lambda inputs, path: inputs.lowered(in_float32, small_tables=small_tables).write(path)


_SEVEN_BITS = replace(STATIC, largest_weight=LARGEST_INT7)

_ALL = (
    Candidate(REFERENCE, "the fused float32 graph itself", _copy, quick=True),
    Candidate("fp32-lean", "float32 with layer norms from cheap parts", _lean(False), quick=True),
    Candidate("fp32-lean-table8", "the same with an int8 embedding table", _lean(True)),
    Candidate(
        "int8-dynamic-tensor",
        "ONNX Runtime's dynamic quantisation, a scale for each tensor",
        _dynamic(False),
    ),
    Candidate(
        "int8-dynamic",
        "ONNX Runtime's dynamic quantisation, a scale for each column of weights",
        _dynamic(True),
        quick=True,
    ),
    Candidate("int8-minmax", "fixed scales over all that was seen", _ranges("minmax")),
    Candidate(
        "int8-percentile", "fixed scales but for the outermost 0.01 %", _ranges("percentile")
    ),
    Candidate("int8-entropy", "fixed scales of least divergence", _ranges("entropy")),
    Candidate(
        "int8-smooth",
        "fixed scales, wide columns narrowed, weights rounded to the nearest",
        _static(replace(STATIC, compensated=False)),
    ),
    Candidate(
        "int8-static",
        "fixed scales, wide columns narrowed, weights that make good each other's rounding",
        _static(STATIC),
        quick=True,
    ),
    Candidate(
        "int8-mixed",
        f"int8-static, the worst {WORST_SHARE:.0%} of the products with a scale for each row",
        _mixed(WORST_SHARE),
        quick=True,
    ),
    Candidate(
        "int8-mixed-half",
        f"int8-static, the worst {WORSE_SHARE:.0%} of the products with a scale for each row",
        _mixed(WORSE_SHARE),
        quick=True,
    ),
    Candidate(
        "int8-excluded",
        f"int8-static, the worst {EXCLUDED_SHARE:.0%} of the products in float32",
        _excluded(STATIC),
    ),
    Candidate(
        "int8-mixed-excluded",
        f"int8-mixed, the worst {EXCLUDED_SHARE:.0%} of the products in float32",
        _mixed_excluded,
    ),
    Candidate(
        "int8-rows-excluded",
        f"int8-rows, the worst {EXCLUDED_SHARE:.0%} of the products in float32",
        _excluded(BY_ROW),
    ),
    Candidate(
        "int8-rows", "a scale for each row of every product's inputs", _static(BY_ROW), quick=True
    ),
    Candidate(
        "int7-static",
        "int8-static with weights of 7 bits, which cannot saturate without VNNI",
        _static(_SEVEN_BITS),
        without_vnni=True,
        quick=True,
    ),
    Candidate("int8-blocks", "weights in blocks of 8 bits, inputs as bytes by block", _blocks(8)),
    Candidate("int4-blocks", "weights in blocks of 4 bits, inputs as bytes by block", _blocks(4)),
    Candidate(
        "fp16",
        "float16 for GPUs",
        lambda inputs, path: half_precision(inputs.fused, path),
    ),
)

CANDIDATES: Mapping[str, Candidate] = {one.name: one for one in _ALL}
