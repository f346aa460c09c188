"""Embedding tables as int8 with a scale for each row; only rows that are read are widened."""

import numpy as np
from onnx import NodeProto, TensorProto

from model_export.quantise.graph import Graph, node
from model_export.quantise.weights import LARGEST_INT8

SMALLEST_TABLE_VALUES = 100_000
"""Least size of a table to store so: smaller ones (positions, types) save too little."""


def store_tables_as_int8(graph: Graph) -> Graph:
    """Return a graph whose large embedding tables are int8, with a scale for each row."""
    stored = graph.copy()
    nodes: list[NodeProto] = []
    for item in stored.nodes:
        nodes += _gather(stored, item) if _reads_a_table(stored, item) else [item]
    stored.nodes = nodes
    return stored


def _reads_a_table(graph: Graph, item: NodeProto) -> bool:
    if item.op_type != "Gather" or not graph.is_constant(item.input[0]):
        return False
    if any(attribute.i != 0 for attribute in item.attribute if attribute.name == "axis"):
        return False
    table = graph.array(item.input[0])
    return table.ndim == 2 and table.dtype == np.float32 and table.size >= SMALLEST_TABLE_VALUES


def _gather(graph: Graph, item: NodeProto) -> list[NodeProto]:
    name, ids = item.input
    out = item.output[0]
    table = graph.array(name)
    scales = np.abs(table).max(axis=1, keepdims=True) / LARGEST_INT8
    scales[scales == 0] = 1
    rows = graph.constant(f"{name}/int8", np.rint(table / scales), np.int8)
    return [
        node("Gather", [rows, ids], f"{out}/int8"),
        node("Gather", [graph.constant(f"{name}/scales", scales), ids], f"{out}/scales"),
        node("Cast", [f"{out}/int8"], f"{out}/wide", to=TensorProto.FLOAT),
        node("Mul", [f"{out}/wide", f"{out}/scales"], out),
    ]
