"""Split fused nodes again, so that each product with constant weights is a node of its own."""

from collections.abc import Callable

import numpy as np
from onnx import NodeProto

from model_export.quantise.graph import MICROSOFT, Graph, attributes, node
from model_export.quantise.products import PRODUCT, product_node, readable


def spell_out(graph: Graph) -> Graph:
    """Return an equal graph of fewer operators: Product, Gather, Add, LayerNormalization, ...

    Attention keeps its fused kernel, but its three inputs come from a product. Token types become
    a constant, since a sentence is one segment and all its types are zero, and the input
    `token_type_ids` goes. Nodes of other operators stay as they are.
    """
    spelled = graph.copy()
    nodes: list[NodeProto] = []
    for item in spelled.nodes:
        rule = _RULES.get(item.op_type)
        nodes += (None if rule is None else rule(spelled, item)) or [item]
    spelled.nodes = nodes
    _absorb_biases(spelled)
    return spelled


def _attention(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    inputs, weights, bias, mask, past, scores_bias = [*item.input, *[""] * 6][:6]
    kept = attributes(item, "num_heads", "mask_filter_value", "scale", "unidirectional")
    extra = {a.name for a in item.attribute} - kept.keys() - {"qkv_hidden_sizes", "do_rotary"}
    sizes = attributes(item, "qkv_hidden_sizes", "do_rotary")
    if past or extra or any(item.output[1:]) or sizes.get("do_rotary"):
        return None
    if not graph.is_constant(weights):
        return None
    out = item.output[0]
    width = graph.array(weights).shape[1]
    widths = sizes.get("qkv_hidden_sizes") or [width // 3] * 3
    if not bias:
        bias = graph.constant(f"{out}/zeros", np.zeros(width))
    split = graph.constant(f"{out}/widths", widths, np.int64)
    parts = [f"{out}/{part}" for part in ("queries", "keys", "values")]
    both = node("Split", [f"{out}/qkv", split], parts[0], axis=-1)
    both.output.extend(parts[1:])
    return [
        product_node(readable(out), inputs, weights, bias, f"{out}/qkv"),
        both,
        node("MultiHeadAttention", [*parts, "", mask, scores_bias], out, MICROSOFT, **kept),
    ]


def _skip_layer_norm(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    inputs, skip, gamma, beta, bias = [*item.input, *[""] * 5][:5]
    out, _, _, total = [*item.output, *[""] * 4][:4]
    if not beta or any(item.output[1:3]):
        return None
    total = total or f"{out}/sum"
    nodes = []
    if bias:
        nodes.append(node("Add", [inputs, bias], f"{out}/biased"))
        inputs = f"{out}/biased"
    epsilon = attributes(item, "epsilon").get("epsilon", 1e-12)
    return [
        *nodes,
        node("Add", [inputs, skip], total),
        node("LayerNormalization", [total, gamma, beta], out, axis=-1, epsilon=epsilon),
    ]


def _bias_gelu(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    plain = {"BiasGelu": "Gelu", "FastGelu": "FastGelu"}[item.op_type]
    out = item.output[0]
    if len(item.input) < 2 or not item.input[1]:
        return None
    return [
        node("Add", [*item.input], f"{out}/biased"),
        node(plain, [f"{out}/biased"], out, MICROSOFT),
    ]


def _embeddings(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    ids, _types, words, places, types, gamma, beta, mask, positions = [*item.input, *[""] * 9][:9]
    out, mask_index, total = [*item.output, *[""] * 3][:3]
    if positions or not graph.is_constant(words):
        return None
    rows = graph.array(places).astype(np.float32)
    if types:
        rows = rows + graph.array(types)[0]
    graph.constant(f"{out}/places", rows[None])
    for name, value in (("from", 0), ("axis", 1)):
        graph.constant(f"{out}/{name}", [value], np.int64)
    total = total or f"{out}/sum"
    epsilon = attributes(item, "epsilon").get("epsilon", 1e-12)
    nodes = [
        node("Gather", [words, ids], f"{out}/words"),
        node("Shape", [ids], f"{out}/tokens", start=1, end=2),
        node(
            "Slice",
            [f"{out}/places", f"{out}/from", f"{out}/tokens", f"{out}/axis"],
            f"{out}/their_places",
        ),
        node("Add", [f"{out}/words", f"{out}/their_places"], total),
        node("LayerNormalization", [total, gamma, beta], out, axis=-1, epsilon=epsilon),
    ]
    if mask_index and mask:
        # Texts are padded on the right, so the number of tokens is mask enough.
        nodes.append(node("ReduceSum", [mask, f"{out}/axis"], mask_index, keepdims=0))
    elif mask_index:
        return None
    return nodes


def _matmul(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    inputs, weights = item.input
    if not graph.is_constant(weights) or graph.is_constant(inputs):
        return None
    values = graph.array(weights)
    if values.ndim != 2 or values.dtype != np.float32:
        return None
    out = item.output[0]
    zeros = graph.constant(f"{out}/zeros", np.zeros(values.shape[1]))
    return [product_node(readable(out), inputs, weights, zeros, out)]


def _gemm(graph: Graph, item: NodeProto) -> list[NodeProto] | None:
    inputs, weights, bias = [*item.input, ""][:3]
    options = attributes(item, "alpha", "beta", "transA", "transB")
    scaled = options.get("alpha", 1.0) != 1.0 or options.get("beta", 1.0) != 1.0
    if not graph.is_constant(weights) or options.get("transA") or scaled:
        return None
    values = graph.array(weights)
    if values.dtype != np.float32 or (bias and not graph.is_constant(bias)):
        return None
    out = item.output[0]
    values = values.T if options.get("transB") else values
    biases = np.zeros(values.shape[1]) + (graph.array(bias) if bias else 0)
    if biases.ndim != 1:
        return None
    return [
        product_node(
            readable(out),
            inputs,
            graph.constant(f"{out}/weights", values),
            graph.constant(f"{out}/bias", biases),
            out,
        )
    ]


_RULES: dict[str, Callable[[Graph, NodeProto], list[NodeProto] | None]] = {
    "Attention": _attention,
    "SkipLayerNormalization": _skip_layer_norm,
    "BiasGelu": _bias_gelu,
    "FastGelu": _bias_gelu,
    "EmbedLayerNormalization": _embeddings,
    "MatMul": _matmul,
    "Gemm": _gemm,
}
"""By operator: a function that returns the nodes to replace one, or None to keep it."""


def _absorb_biases(graph: Graph) -> None:
    """Move a constant that is added to a product, which nothing else reads, into its bias."""
    users = graph.users()
    dropped: dict[str, str] = {}
    for item in graph.nodes:
        if item.op_type != PRODUCT or item.output[0] in graph.outputs:
            continue
        readers = users.get(item.output[0], [])
        if len(readers) != 1 or readers[0].op_type != "Add":
            continue
        addend = next(name for name in readers[0].input if name != item.output[0])
        if not graph.is_constant(addend) or graph.array(addend).ndim != 1:
            continue
        total = graph.array(item.input[2]) + graph.array(addend)
        dropped[readers[0].output[0]] = item.output[0]
        item.input[2] = graph.constant(f"{readers[0].output[0]}/bias", total)
        item.output[0] = readers[0].output[0]
    graph.nodes = [
        item for item in graph.nodes if item.op_type != "Add" or item.output[0] not in dropped
    ]
