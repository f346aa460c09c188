"""Graphs of other architectures: what is known is quantised, what is not stays as it is."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from model_export.export import export_graph
from model_export.fuse import fuse_graph
from model_export.parity_texts import PARITY_TEXTS
from model_export.quantise.candidate_inputs import BY_ROW, CandidateInputs
from model_export.quantise.products import in_float32, products
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.families import EXAMPLES, write_example
from tests.model_export.tiny import vectors
from udfs.batching import pad


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_family_is_made_lean_and_quantised(tmp_path, name):
    model = load(folder_source(write_example(EXAMPLES[name], tmp_path / "source")))
    export_graph(model, tmp_path / "raw.onnx")
    (tmp_path / "fused").mkdir()
    fused = tmp_path / "fused" / "model.onnx"
    fuse_graph(model, tmp_path / "raw.onnx", fused)
    tokenizer: Tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(32)
    ids = [tokenizer.encode(text).ids or [model.pad_token_id] for text in PARITY_TEXTS]
    batches = [pad(ids[n : n + 8], model.pad_token_id) for n in range(0, len(ids), 8)]
    wanted = vectors(fused, batches)
    inputs = CandidateInputs(fused, batches, tmp_path)
    layers = model.transformer.config.num_hidden_layers
    assert len(products(inputs.lean)) >= 4 * layers
    lean = inputs.lowered(in_float32, small_tables=False).write(tmp_path / "lean.onnx")
    np.testing.assert_allclose(vectors(lean, batches), wanted, atol=2e-5)
    rows = inputs.quantised(BY_ROW).write(tmp_path / "rows.onnx")
    cosine = np.sum(vectors(rows, batches) * wanted, axis=1)
    assert np.median(cosine) > 0.99
    assert cosine.min() > 0.9
