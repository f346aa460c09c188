"""Single to half precision by the processor's own instruction, within a kernel."""

from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic


def has_instruction() -> bool:
    """Whether the processor converts by itself: every x86-64 since 2013 does, and every ARM."""
    features = binding.get_host_cpu_features()
    return bool(features.get("f16c")) or "aarch64" in binding.get_process_triple()


@intrinsic  # type: ignore[untyped-decorator]
def half_bits(typing_context: Any, value: Any) -> Any:
    """The bits of a float32 as a float16, rounded to the nearest as numpy does."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        half = builder.fptrunc(arguments[0], ir.HalfType())
        return builder.bitcast(half, ir.IntType(16))

    return types.uint16(types.float32), code
