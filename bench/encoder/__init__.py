"""Measures texts per second inside the job, beside a bare loop over ONNX Runtime."""
