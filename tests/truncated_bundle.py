"""A bundle of another dimension: the first components of an existing one, brought to length 1."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from udfs.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    OUTPUT_NAME,
    TOKENIZER_FILE,
    hash_files,
    manifest_to_json,
    read_manifest,
)


def truncated_bundle(whole: Path, folder: Path, dim: int) -> Path:
    """Write the bundle `whole`, cut to `dim`, to `folder`, and return that."""
    folder.mkdir(parents=True)
    model = onnx.load(str(whole / MODEL_FILE))
    graph = model.graph
    for node in graph.node:
        node.output[:] = ["whole" if name == OUTPUT_NAME else name for name in node.output]
        node.input[:] = ["whole" if name == OUTPUT_NAME else name for name in node.input]
    for name, value in (("cut_from", 0), ("cut_to", dim), ("cut_axis", 1)):
        graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), name))
    graph.node.extend(
        [
            helper.make_node("Slice", ["whole", "cut_from", "cut_to", "cut_axis"], ["cut"]),
            helper.make_node("LpNormalization", ["cut"], [OUTPUT_NAME], axis=1, p=2),
        ]
    )
    graph.output[0].type.tensor_type.shape.dim[1].dim_value = dim
    onnx.save(model, str(folder / MODEL_FILE))
    shutil.copy(whole / TOKENIZER_FILE, folder)
    manifest = replace(
        read_manifest(whole), name="truncated", version="1", dim=dim, files=hash_files(folder)
    )
    (folder / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    return folder
