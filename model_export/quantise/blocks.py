"""Weights in blocks along each column, each with its scale; inputs become bytes block by block."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from model_export.quantise.graph import MICROSOFT, Graph, node
from model_export.quantise.products import Product, in_float32
from model_export.quantise.weights import Floats

BLOCK = 32
_INT8_ARITHMETIC = 4
"""`accuracy_level` of ONNX Runtime's operator."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Weights `(width_in, width_out)` as ONNX Runtime packs them.

    `values` `(width_out, blocks, bytes)` uint8 are unsigned around the middle; a byte holds two
    4-bit values, the first in its lower half. `scales` are `(width_out, blocks)` float32.
    """

    values: NDArray[np.uint8]
    scales: Floats


def into_blocks(weights: Floats, bits: int) -> Blocks:
    """Round weights `(width_in, width_out)` in blocks of BLOCK rows to 4 or 8 bits.

    The greatest absolute value of a block gets the outermost step.
    """
    width_in, width_out = weights.shape
    blocks = -(-width_in // BLOCK)
    padded = np.zeros((width_out, blocks * BLOCK), np.float32)
    padded[:, :width_in] = weights.T
    padded = padded.reshape(width_out, blocks, BLOCK)
    middle = 1 << (bits - 1)
    scales = np.abs(padded).max(axis=2) / (middle - 1)
    scales[scales == 0] = 1
    steps = (np.rint(padded / scales[:, :, None]) + middle).astype(np.uint8)
    if bits == 4:
        steps = steps[:, :, 0::2] | (steps[:, :, 1::2] << 4)
    return Blocks(steps, scales)


def in_blocks(bits: int) -> Callable[[Graph, Product], list[NodeProto]]:
    """Return a lowering to blocks of 4 or 8 bits; narrow products stay in float32."""

    def lowering(graph: Graph, product: Product) -> list[NodeProto]:
        weights = graph.array(product.weights)
        width_in, width_out = weights.shape
        if width_in < BLOCK:
            return in_float32(graph, product)
        blocks, out = into_blocks(weights, bits), product.output
        inputs = [
            product.inputs,
            graph.constant(f"{out}/blocks", blocks.values, np.uint8),
            graph.constant(f"{out}/scales", blocks.scales),
        ]
        return [
            node(
                "MatMulNBits",
                inputs,
                f"{out}/product",
                MICROSOFT,
                K=width_in,
                N=width_out,
                bits=bits,
                block_size=BLOCK,
                accuracy_level=_INT8_ARITHMETIC,
            ),
            node("Add", [f"{out}/product", product.bias], out),
        ]

    return lowering
