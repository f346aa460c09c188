"""Pure functions on arrays: what the job computes.

Nothing here imports Flink, Postgres or ONNX Runtime.
"""
