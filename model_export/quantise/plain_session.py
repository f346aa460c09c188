"""A session on the processor for graphs with any outputs."""

from pathlib import Path
from typing import Any

import onnxruntime

from udfs.session import exact_integer_products

CPU = "CPUExecutionProvider"


def plain_session(graph: Path, threads: int = 0) -> Any:
    """Open an `onnxruntime.InferenceSession` with the runtime's options, whatever its outputs.

    `threads` is the number of threads of one call, 0 for one a core.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    exact_integer_products(options)
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=[CPU])
