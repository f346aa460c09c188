#!/usr/bin/env bash
# onnxruntime 1.31.1 with onnx 1.22.0, Python 3.11, on an x86-64 processor with AVX2 and without VNNI.
#
# ONNX defines MatMulInteger as a product of bytes that accumulates in 32 bits. A good engineer
# expects the exact sum, as ONNX's own reference evaluator gives it.
#
# Seen: unsigned by signed bytes come out as half of what they are (64 products of 255 and 127:
# 1048544 instead of 2072640), without an error or a line in the log: pairs are added in 16 bits,
# which saturates. The session option "session.x64quantprecision" = "1" makes it exact. With that
# option a valid model whose two products share one initializer of zero points does not load any
# more ("Attempt to replace the existing tensor"), although it loads and runs without the option.
# On a processor with VNNI there is nothing to see, and the script says so.
set -euo pipefail
if grep -qE 'avx512_vnni|avx_vnni' /proc/cpuinfo || ! grep -q avx2 /proc/cpuinfo; then
    echo "this processor has VNNI, or no AVX2: the products are exact here, nothing to see"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    onnxruntime==1.31.1 onnx==1.22.0 numpy==2.1.3
cat > "$folder/look.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def model(zero_points):
    weights = numpy_helper.from_array(np.full((64, 1), 127, np.int8), "weights")
    zeros = [numpy_helper.from_array(np.zeros(1, np.int8), name) for name in set(zero_points)]
    zero = numpy_helper.from_array(np.zeros(1, np.uint8), "zero")
    second = numpy_helper.from_array(np.full((64, 1), 127, np.int8), "more weights")
    nodes = [
        helper.make_node("MatMulInteger", ["bytes", "weights", "zero", zero_points[0]], ["one"]),
        helper.make_node("MatMulInteger", ["bytes", "more weights", "zero", zero_points[1]], ["two"]),
        helper.make_node("Add", ["one", "two"], ["sum"]),
    ]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, [1, 64])],
        [helper.make_tensor_value_info("sum", TensorProto.INT32, [1, 1])],
        [weights, second, zero, *zeros],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def run(made, precise):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if precise:
        options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return int(session.run(None, {"bytes": np.full((1, 64), 255, np.uint8)})[0][0, 0])


own, shared = model(["zeros 1", "zeros 2"]), model(["zeros", "zeros"])
exact = ReferenceEvaluator(own).run(None, {"bytes": np.full((1, 64), 255, np.uint8)})[0]
print("by the specification:", int(exact[0, 0]))
print("by default:", run(own, False))
print("with the option:", run(own, True))
print("shared zero points, by default:", run(shared, False))
try:
    print("shared zero points, with the option:", run(shared, True))
except Exception as error:
    told = "Attempt to replace the existing tensor"
    print("shared zero points, with the option:", told if told in str(error) else error)
PYTHON
"$folder/venv/bin/python" "$folder/look.py" | tee "$folder/out"
diff - "$folder/out" <<'SEEN'
by the specification: 4145280
by default: 2097088
with the option: 4145280
shared zero points, by default: 2097088
shared zero points, with the option: Attempt to replace the existing tensor
SEEN
