"""The reference encoder on a model small enough to be done by hand."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tokenizers import Tokenizer, models, pre_tokenizers

from bench.verify.reference_encoder import ReferenceEncoder

onnx = pytest.importorskip("onnx")

WORDS = {"east": (1.0, 0.0), "north": (0.0, 1.0), "ask": (-1.0, 0.0), "?": (0.0, 0.0)}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sum of word vectors, made unit length by the graph."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    table = np.array(list(WORDS.values()), np.float32)
    inputs = [
        helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["batch", 2])
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("ReduceSum", ["words", "axes"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes, "words", inputs, [output], [numpy_helper.from_array(table, "table"), axes]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder = tmp_path / "bundle"
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="?")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    manifest = {"dim": 2, "max_tokens": 3, "prompts": {"query": "ask ", "document": ""}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def quiet(bundle: Path, mean: Any, cache_dir: Path | None = None) -> ReferenceEncoder:
    return ReferenceEncoder(bundle, mean, cache_dir, threads=1, console=Console(file=io.StringIO()))


def test_vectors_are_off_the_mean_and_of_unit_length(bundle: Path) -> None:
    encoder = quiet(bundle, [0.25, 0.0])
    found = encoder(["north", "east", "north", "north east"], "document")
    assert found.dtype == np.float16
    # (-0.25, 1) and (sqrt(1/2) - 0.25, sqrt(1/2)), each by its length
    expected = [[-0.242536, 0.970143], [1.0, 0.0], [-0.242536, 0.970143], [0.542851, 0.839828]]
    np.testing.assert_allclose(found, expected, atol=5e-4)


def test_prompts_and_the_longest_input_are_those_of_the_manifest(bundle: Path) -> None:
    encoder = quiet(bundle, [0.0, 0.0])
    assert encoder(["north north north east"], "document").tolist() == [[0, 1]]
    np.testing.assert_allclose(encoder(["north"], "query"), [[-0.7071, 0.7071]], atol=5e-4)


def test_a_text_whose_vector_is_the_mean_has_no_direction(bundle: Path) -> None:
    assert quiet(bundle, [1.0, 0.0])(["east"], "document").tolist() == [[0, 0]]


def test_a_cached_text_is_not_encoded_again(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = quiet(bundle, [0.25, 0.0], tmp_path / "cache")(["north", "east"], "document")
    encoded = []
    encode = ReferenceEncoder._encode

    def counting(self: ReferenceEncoder, texts: list[str]) -> Any:
        encoded.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(ReferenceEncoder, "_encode", counting)
    again = quiet(bundle, [0.25, 0.0], tmp_path / "cache")(["east", "north"], "document")
    np.testing.assert_array_equal(again, first[::-1])
    assert encoded == []
    quiet(bundle, [0.0, 0.0], tmp_path / "cache")(["east"], "document")
    quiet(bundle, [0.25, 0.0], tmp_path / "cache")(["east"], "query")
    assert encoded == ["east", "ask east"]


def test_a_mean_of_another_space_is_refused(bundle: Path) -> None:
    with pytest.raises(ValueError, match="2 dimensions, the mean has 3"):
        quiet(bundle, [0.0, 0.0, 0.0])


def test_no_texts_give_no_rows(bundle: Path) -> None:
    assert quiet(bundle, [0.0, 0.0])([], "document").shape == (0, 2)
