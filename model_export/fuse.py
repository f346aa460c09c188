"""Fuse the exported graph: attention, layer norms and activations become one node each."""

from __future__ import annotations

import logging
from pathlib import Path

from onnxruntime.transformers.optimizer import optimize_model

from model_export.errors import ExportError
from model_export.load import LoadedModel

RECIPE = "fp32-fused"


def fuse_graph(model: LoadedModel, raw: Path, fused: Path) -> None:
    """Write the float32 graph of `raw` to `fused` with ONNX Runtime's transformer fusions.

    Raises ExportError when not every layer's attention was recognised: such a graph is right
    but slow, and the recipe's name would promise what it does not hold.
    """
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    config = model.transformer.config
    optimised = optimize_model(
        str(raw),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=0,  # ONNX Runtime's own passes run when a session opens, fit to its machine
    )
    statistics = optimised.get_fused_operator_statistics()
    attention = statistics["Attention"] + statistics["MultiHeadAttention"]
    if attention != config.num_hidden_layers:
        raise ExportError(
            f"{attention} of {config.num_hidden_layers} attention layers were fused: "
            f"{config.model_type!r} is not supported yet"
        )
    optimised.save_model_to_file(str(fused))
