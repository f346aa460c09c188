"""Rewriting that must not change the function: spelled out, cheap norms, moved offsets."""

from collections import Counter

import numpy as np
import pytest

from model_export.quantise.graph import Graph
from model_export.quantise.norms import move_offsets, split_norms
from model_export.quantise.products import in_float32, lower, products, stored_as_float16
from model_export.quantise.spell_out import spell_out
from tests.model_export.tiny import vectors


def operators(graph: Graph) -> Counter[str]:
    return Counter(item.op_type for item in graph.model().graph.node)


def test_spelled_out_every_product_stands_by_itself_with_its_bias(tiny):
    spelled = spell_out(Graph.read(tiny.fused))
    assert [one.name.split("/", 3)[-1] for one in products(spelled)[:4]] == [
        "self",
        "output/dense",
        "intermediate/dense",
        "dense",
    ] or len(products(spelled)) == 8
    found = operators(spelled)
    assert found["Product"] == 8
    assert found["LayerNormalization"] == 5
    assert not found.keys() & {"Attention", "SkipLayerNormalization", "BiasGelu"}
    assert "token_type_ids" not in {entry.name for entry in spelled.model().graph.input}


@pytest.mark.parametrize("stage", ["spelled", "split", "moved"])
def test_the_lean_graph_gives_the_same_vectors(tiny, tmp_path, stage):
    graph = spell_out(Graph.read(tiny.fused))
    if stage != "spelled":
        graph = split_norms(graph)
    if stage == "moved":
        graph = move_offsets(graph)
    lowered = lower(graph, in_float32).write(tmp_path / "lean.onnx")
    got, wanted = vectors(lowered, tiny.judging), vectors(tiny.fused, tiny.judging)
    np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_all_offsets_but_the_last_norms_are_carried_by_biases(tiny):
    split = split_norms(spell_out(Graph.read(tiny.fused)))
    moved = move_offsets(split)
    before, after = operators(split), operators(moved)
    # Five norms: four of them feed products and sums, the last one the pooling.
    assert before["Add"] - after["Add"] == 4


def test_rewriting_a_copy_leaves_the_graph_alone(tiny):
    graph = spell_out(Graph.read(tiny.fused))
    before = graph.model().SerializeToString(deterministic=True)
    move_offsets(split_norms(graph))
    assert graph.model().SerializeToString(deterministic=True) == before


def test_products_stored_as_float16_take_half_the_room(tiny, tmp_path):
    graph = spell_out(Graph.read(tiny.fused))
    half = lower(graph, stored_as_float16).write(tmp_path / "half.onnx")
    single = lower(graph, in_float32).write(tmp_path / "single.onnx")
    weights = sum(graph.array(product.weights).size for product in products(graph))
    saved = single.stat().st_size - half.stat().st_size
    assert saved == pytest.approx(2 * weights, rel=0.2)
    cosine = np.sum(vectors(half, tiny.judging) * vectors(tiny.fused, tiny.judging), axis=1)
    assert cosine.min() > 0.9999
