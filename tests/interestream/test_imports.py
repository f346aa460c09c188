"""The client is for services that have neither Flink nor numpy."""

import subprocess
import sys

HEAVY = {"numpy", "pyflink", "onnxruntime", "pandas", "jobs", "udfs", "model_export", "pydantic"}


def test_the_client_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, interestream; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert not HEAVY & {name.split(".")[0] for name in done.stdout.split()}
