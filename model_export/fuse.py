"""Fuse the exported graph: attention, layer norms and activations become one node each."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

from onnx import numpy_helper
from onnxruntime.transformers.optimizer import optimize_model

from model_export.errors import ExportError
from model_export.source.load import LoadedModel

RECIPE = "fp32-fused"
INLINE_BYTES = 1_800_000_000
"""Larger weights go into a file of their own: one ONNX file holds at most 2 GB."""

_ROTARY_TABLES = ("cos_cache", "sin_cache")


def fuse_graph(
    model: LoadedModel, raw: Path, fused: Path, inline_bytes: int = INLINE_BYTES
) -> None:
    """Write the float32 graph of `raw` to `fused` with ONNX Runtime's transformer fusions.

    Weights beyond `inline_bytes` are written to `fused` with `.data` behind its name. Raises
    ExportError when less was fused than the model's family must give: such a graph is correct
    but slow, and the recipe's name would promise more.
    """
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    config = model.transformer.config
    optimised = optimize_model(
        str(raw),
        model_type=model.family.optimizer,
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=0,  # ONNX Runtime runs its own passes as a session opens, for its machine
    )
    found = Counter(node.op_type for node in optimised.model.graph.node)
    short = [
        f"{found[kind]} of {wanted} {kind}"
        for kind, wanted in model.family.fused(config).items()
        if found[kind] < wanted
    ]
    if short:
        raise ExportError(
            f"too little of a {config.model_type!r} model was fused: {', '.join(short)}; "
            "its export is not supported with these versions of the tools"
        )
    _shorten_rotary_tables(optimised.model.graph, model.max_tokens)
    weights = sum(parameter.nbytes for parameter in model.transformer.parameters())
    optimised.save_model_to_file(
        str(fused), use_external_data_format=weights > inline_bytes, all_tensors_to_one_file=True
    )


def _shorten_rotary_tables(graph: Any, max_tokens: int) -> None:
    """Cut the tables to the rows that the longest input needs; the fusion writes 131,072."""
    for tensor in graph.initializer:
        if tensor.name in _ROTARY_TABLES:
            rows = numpy_helper.to_array(tensor)[:max_tokens]
            tensor.CopyFrom(numpy_helper.from_array(rows.copy(), tensor.name))
