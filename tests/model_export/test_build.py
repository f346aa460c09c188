"""The whole export on a small model with random weights."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer

from model_export import build
from model_export.build import STEPS, build_bundle, make_bundle, timed_version
from model_export.errors import ExportError, ParityError
from model_export.export import export_graph
from model_export.fuse import fuse_graph
from model_export.listener import ExportListener
from model_export.parity import reference_vectors
from model_export.recipes import fp32
from model_export.source.folder import folder_source
from model_export.source.load import load
from model_export.source.overrides import EncodingOverrides
from model_export.tolerances import FP32
from tests.model_export.builders import tiny_model, write_json
from tests.model_export.families import EXAMPLES, write_example, write_modules
from tests.udfs.builders import manifest as draft
from udfs.bundle import MODEL_FILE, verify
from udfs.encoder import Encoder


@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_a_folder_becomes_a_bundle_with_the_models_vectors(tmp_path, pooling):
    source = folder_source(tiny_model(tmp_path / "m", pooling))
    steps: list[str] = []
    bundle = build_bundle(source, tmp_path / "out", "tiny", "1", ExportListener(steps.append))
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

    monkeypatch.setattr(fp32, "reference_vectors", shifted)
    with pytest.raises(ParityError, match="cosine with the model"):
        build_bundle(folder_source(tiny_model(tmp_path / "m")), tmp_path / "out", "tiny", "1")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_graph_that_was_not_fused_is_not_called_fused(tmp_path):
    model = load(folder_source(tiny_model(tmp_path / "m")))
    export_graph(model, tmp_path / "raw.onnx")
    model.transformer.config.num_hidden_layers = 3
    with pytest.raises(ExportError, match="2 of 3 Attention"):
        fuse_graph(model, tmp_path / "raw.onnx", tmp_path / "fused.onnx")


def test_weights_too_large_for_one_file_lie_beside_the_graph(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "fuse_graph", partial(fuse_graph, inline_bytes=0))
    source = folder_source(tiny_model(tmp_path / "m"))
    bundle = build_bundle(source, tmp_path / "out", "tiny", "1")
    assert f"{MODEL_FILE}.data" in verify(bundle).files
    assert (bundle / f"{MODEL_FILE}.data").stat().st_size > 4 * (bundle / MODEL_FILE).stat().st_size
    vectors = Encoder.open(bundle, provider="cpu", threads=1).encode(["tea"], "document")
    np.testing.assert_allclose(vectors, reference_vectors(load(source), ["tea"]), atol=1e-6)


def test_matryoshka_keeps_the_first_components_at_unit_length(tmp_path):
    source = folder_source(tiny_model(tmp_path / "m"))
    staged = make_bundle(
        source, tmp_path, "tiny", lambda _: "1", overrides=EncodingOverrides(dim=8)
    )
    encoder = Encoder.open(staged, provider="cpu", threads=1)
    texts = ["a tea house", "winter bread"]
    first = reference_vectors(load(source), texts)[:, :8]
    expected = first / np.linalg.norm(first, axis=1, keepdims=True)
    assert encoder.dim == 8
    np.testing.assert_allclose(encoder.encode(texts, "document"), expected, atol=1e-6)


def test_another_pooling_than_the_folders_fails_the_gate(tmp_path):
    """The folder says mean, the person exporting says cls: the vectors are not the model's."""
    source = folder_source(tiny_model(tmp_path / "m", "mean_tokens"))
    with pytest.raises(ParityError, match=r"cosine with the model 0\.\d+, at least 0\.99999"):
        make_bundle(
            source, tmp_path, "tiny", lambda _: "1", overrides=EncodingOverrides(pooling="cls")
        )


def test_layers_behind_the_pooling_are_in_the_graph(tmp_path):
    """As LaBSE: transformer, pooling, a dense layer with tanh, normalisation."""
    folder = write_example(EXAMPLES["bge"], tmp_path / "m")
    write_modules(folder, "Transformer", "Pooling", "Dense", "Normalize")
    torch.manual_seed(3)
    layer = torch.nn.Linear(32, 12)
    weights = {f"linear.{name}": value for name, value in layer.state_dict().items()}
    save_file(weights, folder / "2_Dense" / "model.safetensors")
    tanh = "torch.nn.modules.activation.Tanh"
    config = {"in_features": 32, "out_features": 12, "bias": True, "activation_function": tanh}
    write_json(folder / "2_Dense" / "config.json", config)
    staged = make_bundle(folder_source(folder), tmp_path, "labse", lambda _: "1")
    found = Encoder.open(staged, provider="cpu", threads=1).encode(["a tea house"], "document")
    library = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = library.encode(["a tea house"], prompt="", show_progress_bar=False)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_folder_that_wants_small_letters_gets_them(tmp_path):
    folder = write_example(EXAMPLES["roberta"], tmp_path / "m")
    config = {"max_seq_length": 48, "do_lower_case": True}
    write_json(folder / "sentence_bert_config.json", config)
    staged = make_bundle(folder_source(folder), tmp_path, "small", lambda _: "1")
    encoder = Encoder.open(staged, provider="cpu", threads=1)
    small, large = encoder.encode(["tea house", "TEA House"], "document")
    np.testing.assert_array_equal(small, large)


def test_versions_by_time_sort_by_time():
    manifest = replace(draft({}), created_at="2025-03-01T23:30:00+02:00")
    assert timed_version(manifest) == f"20250301T213000Z-{manifest.bundle_sha256[:8]}"
