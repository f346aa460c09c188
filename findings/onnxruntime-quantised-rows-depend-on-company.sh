#!/usr/bin/env bash
# onnxruntime 1.31.1 with onnx 1.22.0 and numpy 2.1.3, Python 3.11.
#
# Row n of a matrix product depends on row n of the input alone, so what a quantised model says of a
# text is the same in every batch, one would think: less exact than in float32, but one answer.
#
# Seen: quantize_dynamic() takes the scale of the activations from the whole batch. A row that comes
# together with one of larger values is rounded on a coarser grid: 0.02, 0.03 and 0.04 are right alone,
# and all 0.03 beside a row of eights. Batches that a stream cuts by the clock then give a text another
# vector each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    onnxruntime==1.31.1 onnx==1.22.0 numpy==2.1.3
cat > "$folder/look.py" <<'PYTHON'
import logging
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

logging.disable()
plain, quantised = sys.argv[1:]
weights = np.eye(8, dtype=np.float32)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "w"], ["y"])],
    "product",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 8])],
    [numpy_helper.from_array(weights, "w")],
)
opset = [helper.make_opsetid("", 18)]
onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), plain)
quantize_dynamic(plain, quantised)

row = np.arange(1, 9, dtype=np.float32) / 100
alone, company = row[None], np.stack([row, np.full(8, 8, np.float32)])
for name, path in (("float32", plain), ("quantised", quantised)):
    session = onnxruntime.InferenceSession(path)
    for where, batch in (("alone", alone), ("in company", company)):
        (found,) = session.run(None, {"x": batch})
        print(f"{name}, {where}:", *np.round(found[0], 2))
PYTHON
"$folder/venv/bin/python" "$folder/look.py" "$folder/plain.onnx" "$folder/quantised.onnx" \
    > "$folder/out"
cat "$folder/out"
diff - "$folder/out" <<'SEEN'
float32, alone: 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08
float32, in company: 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08
quantised, alone: 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08
quantised, in company: 0.0 0.03 0.03 0.03 0.06 0.06 0.06 0.09
SEEN
