"""The products of a graph, inputs times constant weights plus a bias: what is quantised."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from model_export.quantise.graph import Graph, node

PRODUCT = "Product"
"""Our own operator, `inputs @ weights + bias`, which is lowered before a graph is run."""
_DOMAIN = "interestream"

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Product:
    """`inputs @ weights + bias`: weights `(width_in, width_out)`, bias `(width_out,)`."""

    name: str
    """Its place in the model, for a person to read."""
    inputs: str
    weights: str
    bias: str
    output: str


Lowering = Callable[[Graph, Product], list[NodeProto]]
"""The nodes that compute a product's output from its inputs."""


def product_node(name: str, inputs: str, weights: str, bias: str, output: str) -> NodeProto:
    """Return a product as a node of a graph that is not lowered yet."""
    made = node(PRODUCT, [inputs, weights, bias], output, _DOMAIN)
    made.name = name
    return made


def products(graph: Graph) -> list[Product]:
    """Return the products of a graph in their order."""
    return [_product(item) for item in graph.nodes if item.op_type == PRODUCT]


def _product(item: NodeProto) -> Product:
    inputs, weights, bias = item.input
    return Product(item.name, inputs, weights, bias, item.output[0])


def lower(graph: Graph, lowering: Lowering) -> Graph:
    """Return a graph that ONNX Runtime can run: `lowering` has replaced every product."""
    lowered = graph.copy()
    nodes: list[NodeProto] = []
    for item in lowered.nodes:
        nodes += lowering(lowered, _product(item)) if item.op_type == PRODUCT else [item]
    lowered.nodes = nodes
    return lowered


def in_float32(graph: Graph, product: Product) -> list[NodeProto]:
    """Lower a product to a matrix product and a sum in float32."""
    return _multiply_add(product, product.weights)


def stored_as_float16(graph: Graph, product: Product) -> list[NodeProto]:
    """Lower a product to float32 arithmetic with float16 weights, widened as a session opens."""
    half = graph.constant(f"{product.output}/half", graph.array(product.weights), np.float16)
    wide = f"{product.output}/wide"
    return [
        node("Cast", [half], wide, to=TensorProto.FLOAT),
        *_multiply_add(product, wide),
    ]


def _multiply_add(product: Product, weights: str) -> list[NodeProto]:
    return [
        node("MatMul", [product.inputs, weights], f"{product.output}/product"),
        node("Add", [f"{product.output}/product", product.bias], product.output),
    ]


def readable(value_name: str) -> str:
    """Return a name for a product from the name of the value that it gives.

    >>> readable("/transformer/encoder/layer.0/output/dense/MatMul_output_0")
    'encoder/layer.0/output/dense'
    """
    parts = [part for part in value_name.split("/") if part]
    if parts[:1] == ["transformer"]:
        parts = parts[1:]
    return "/".join(parts[:-1] or parts)
