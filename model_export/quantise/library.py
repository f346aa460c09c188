"""The ways to a smaller graph that ONNX Runtime's own tools offer."""

import logging
from pathlib import Path

import onnx
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16


def dynamic_int8(fused: Path, target: Path, *, per_channel: bool) -> Path:
    """Weights as int8; one scale for all of a product's inputs, found at run time.

    That scale is the whole batch's: a vector depends on what else is encoded with it.
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
    """Float16 inside, float32 vectors outside: for GPUs, processors convert back and forth."""
    model = convert_float_to_float16(onnx.load(fused), keep_io_types=True)
    onnx.save(model, target)
    return target


class _quiet:  # noqa: N801
    """The tools tell of every node through the root logger: only errors pass."""

    def __enter__(self) -> None:
        self._level = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().setLevel(self._level)
