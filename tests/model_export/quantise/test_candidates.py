"""Every kind of candidate on a small model."""

import numpy as np
import onnx
import pytest
from tokenizers import Tokenizer

from model_export.quantise.candidate_inputs import STATIC
from model_export.quantise.candidates import CANDIDATES
from model_export.quantise.products import products
from tests.model_export.tiny import LOUD, vectors
from udfs.batching import pad

LEAST_COSINE = {"fp32-fused": 0.999999, "fp32-lean": 0.999999, "int4-blocks": 0.97}
BATCH_DEPENDENT = {"int8-dynamic", "int8-dynamic-tensor"}


def operators(path):
    return {item.op_type for item in onnx.load(path).graph.node}


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_gives_nearly_the_vectors_of_the_fused_graph(
    candidate_inputs, tiny, tmp_path, name
):
    path = tmp_path / "model.onnx"
    CANDIDATES[name].make(candidate_inputs, path)
    got, wanted = vectors(path, tiny.judging), vectors(tiny.fused, tiny.judging)
    assert np.sum(got * wanted, axis=1).min() >= LEAST_COSINE.get(name, 0.985)
    np.testing.assert_allclose(
        np.linalg.norm(got, axis=1), 1, atol=1e-2 if name == "fp16" else 1e-5
    )


@pytest.mark.parametrize("name", [n for n in CANDIDATES if n.startswith(("int8", "int7", "int4"))])
def test_a_quantised_file_is_a_fraction_of_the_float32_one(candidate_inputs, tiny, tmp_path, name):
    path = tmp_path / "model.onnx"
    CANDIDATES[name].make(candidate_inputs, path)
    # The table is nearly all of this model: a byte instead of four, and a scale for 32 of them.
    assert path.stat().st_size < 0.35 * tiny.fused.stat().st_size


def test_only_dynamic_quantisation_makes_a_text_depend_on_its_company(
    candidate_inputs, tiny, tmp_path
):
    tokenizer = Tokenizer.from_file(str(tiny.tokenizer_file))
    tokenizer.no_padding()
    texts = ["quiet tea house by the river", f"{LOUD} {LOUD} train night paper winter {LOUD}"]
    ids = [tokenizer.encode(text).ids for text in texts]
    changed = {}
    for name in ("int8-static", "int8-mixed", "int8-rows", "int8-blocks", "int8-dynamic"):
        path = tmp_path / "model.onnx"
        CANDIDATES[name].make(candidate_inputs, path)
        alone, together = vectors(path, [pad(ids[:1], 0)])[0], vectors(path, [pad(ids, 0)])[0]
        changed[name] = 1 - float(np.float64(alone) @ together)
    assert changed.pop("int8-dynamic") > 1e-5
    assert max(changed.values()) < 1e-6


def test_the_worst_products_are_those_whose_quantising_hurts_most(new_candidate_inputs):
    candidate_inputs = new_candidate_inputs()
    every = products(candidate_inputs.lean)
    spoilt = every[2]
    # Rows of very different reach that no smoothing is allowed to even out.
    weights = candidate_inputs.lean.array(spoilt.weights).copy()
    weights[0] *= 300
    candidate_inputs.lean.constant(spoilt.weights, weights)
    assert candidate_inputs.worst(1 / len(every)) == [spoilt.output]
    assert len(candidate_inputs.worst(0.25)) == 2
    assert len(candidate_inputs.worst(1.0)) == len(every)


def test_products_that_are_left_out_keep_float32_arithmetic(candidate_inputs, tiny, tmp_path):
    kept = [product.output for product in products(candidate_inputs.lean)][:3]
    graph = candidate_inputs.quantised(STATIC, in_float=kept).model()
    counts = [item.op_type for item in graph.graph.node]
    assert counts.count("MatMulIntegerToFloat") == 5
    assert {o for item in graph.graph.node if item.op_type == "Add" for o in item.output} >= {*kept}


def test_the_same_seed_gives_the_same_bytes(new_candidate_inputs, tmp_path):
    for turn in ("a", "b"):
        CANDIDATES["int8-mixed"].make(new_candidate_inputs(), tmp_path / turn)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_dynamic_quantisation_is_the_librarys_own(candidate_inputs, tmp_path):
    CANDIDATES["int8-dynamic"].make(candidate_inputs, tmp_path / "model.onnx")
    assert "DynamicQuantizeLinear" in operators(tmp_path / "model.onnx")
