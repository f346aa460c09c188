"""Smaller graphs by ONNX Runtime's own tools."""

import logging
from pathlib import Path

import onnx
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16


def dynamic_int8(fused: Path, target: Path, *, per_channel: bool) -> Path:
    """Write the graph to `target` with int8 weights, and a scale for inputs found at run time.

    The scale is that of the whole batch: a vector depends on what else is encoded with it.
    `per_channel` gives each column of weights a scale of its own.
    """
    with _quiet():
        quantize_dynamic(
            fused,
            target,
            weight_type=QuantType.QInt8,
            per_channel=per_channel,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
    return target


def half_precision(fused: Path, target: Path) -> Path:
    """Write the graph to `target` in float16, with float32 vectors, for GPUs.

    Processors would convert numbers back and forth.
    """
    model = convert_float_to_float16(onnx.load(fused), keep_io_types=True)
    onnx.save(model, target)
    return target


class _quiet:  # noqa: N801
    """Let only errors pass: the tools report every node to the root logger."""

    def __enter__(self) -> None:
        self._level = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().setLevel(self._level)
