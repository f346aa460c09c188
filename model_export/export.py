"""PyTorch to ONNX: one graph from token ids to the finished vector."""

import warnings
from pathlib import Path

import torch

from model_export.source.load import LoadedModel
from model_export.source.sentence_encoder import SentenceEncoder
from udfs.bundle import OUTPUT_NAME

OPSET = 17


def export_graph(model: LoadedModel, path: Path) -> None:
    """Write the model to `path` as ONNX with free batch size and length.

    Weights go into the file. Beyond 2 GB, the most that an ONNX file holds, they go beside it.
    """
    names = ["input_ids", "attention_mask"]
    names += ["token_type_ids"] if model.uses_token_types else []
    ids = torch.tensor([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    example = (ids, torch.ones_like(ids), torch.zeros_like(ids))[: len(names)]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            SentenceEncoder(model).eval(),
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
