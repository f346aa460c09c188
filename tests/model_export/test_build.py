"""The whole export on a small model with random weights."""

import numpy as np
import pytest

from model_export import build
from model_export.build import STEPS, build_bundle
from model_export.errors import ExportError, ParityError
from model_export.load import load
from model_export.parity import reference_vectors
from model_export.source import folder_source
from model_export.tolerances import FP32
from tests.model_export.builders import tiny_model
from udfs.bundle import verify
from udfs.encoder import Encoder


@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_a_folder_becomes_a_bundle_with_the_models_vectors(tmp_path, pooling):
    source = folder_source(tiny_model(tmp_path / "m", pooling))
    steps: list[str] = []
    bundle = build_bundle(source, tmp_path / "out", "tiny", "1", steps.append)
    assert steps == [*STEPS]
    manifest = verify(bundle)
    assert (manifest.dim, manifest.max_tokens, manifest.source) == (32, 32, "m")
    assert manifest.recipe == "fp32-fused"
    assert manifest.parity.min_cosine >= FP32.min_cosine
    texts = ["a tea house", "tree " * 50]
    vectors = Encoder.open(bundle, provider="cpu", threads=1).encode(texts, "document")
    np.testing.assert_allclose(vectors, reference_vectors(load(source), texts), atol=1e-6)


def test_nothing_is_published_or_left_behind_when_the_gate_fails(tmp_path, monkeypatch):
    def shifted(model, texts):
        return np.roll(reference_vectors(model, texts), 1, axis=1)

    monkeypatch.setattr(build, "reference_vectors", shifted)
    with pytest.raises(ParityError, match="cosine with the model"):
        build_bundle(folder_source(tiny_model(tmp_path / "m")), tmp_path / "out", "tiny", "1")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_graph_that_was_not_fused_is_not_called_fused(tmp_path, monkeypatch):
    model = load(folder_source(tiny_model(tmp_path / "m")))
    from model_export.export import export_graph
    from model_export.fuse import fuse_graph

    export_graph(model, tmp_path / "raw.onnx")
    model.transformer.config.num_hidden_layers = 3
    with pytest.raises(ExportError, match="2 of 3 attention layers"):
        fuse_graph(model, tmp_path / "raw.onnx", tmp_path / "fused.onnx")
