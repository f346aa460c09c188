"""PyTorch to ONNX: one graph from token ids to the finished vector."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model_export.load import LoadedModel, Pooling
from udfs.bundle import OUTPUT_NAME

OPSET = 17


class SentenceEncoder(torch.nn.Module):
    """A transformer with pooling and L2 normalisation behind it."""

    def __init__(self, transformer: Any, pooling: Pooling) -> None:
        super().__init__()
        self.transformer = transformer
        self.pooling = pooling

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> Tensor:
        """Ids, mask and types `(batch, tokens)` int64 to unit vectors `(batch, dim)` float32."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        tokens = self.transformer(
            input_ids=input_ids, attention_mask=attention_mask, **types
        ).last_hidden_state
        pooled = tokens[:, 0] if self.pooling == "cls" else _mean(tokens, attention_mask)
        unit: Tensor = pooled / pooled.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return unit


def _mean(tokens: Tensor, attention_mask: Tensor) -> Tensor:
    # A product of matrices, not a sum along an axis: ONNX Runtime sums a batch of one in another
    # order than a batch of many, and a text's vector would depend on its company.
    weights = attention_mask.unsqueeze(1).to(tokens.dtype)
    count = attention_mask.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.matmul(weights, tokens).squeeze(1) / count.to(tokens.dtype)


def export_graph(model: LoadedModel, path: Path) -> None:
    """Write the model to `path` as ONNX with free batch size and length, weights inside."""
    names = ["input_ids", "attention_mask"]
    names += ["token_type_ids"] if model.uses_token_types else []
    ids = torch.tensor([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    example = (ids, torch.ones_like(ids), torch.zeros_like(ids))[: len(names)]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            SentenceEncoder(model.transformer, model.pooling).eval(),
            example,
            str(path),
            input_names=names,
            output_names=[OUTPUT_NAME],
            dynamic_axes={
                **{name: {0: "batch", 1: "tokens"} for name in names},
                OUTPUT_NAME: {0: "batch"},
            },
            opset_version=OPSET,
            # The traced form is what ONNX Runtime's fusions recognise.
            dynamo=False,
        )
