"""The client is for services that have neither Flink nor numpy nor an encoder."""

import subprocess
import sys

HEAVY = {
    "jobs",
    "model_export",
    "numpy",
    "onnxruntime",
    "pandas",
    "pydantic",
    "pyflink",
    "sql",
    "torch",
    "transformers",
    "udfs",
}


def test_the_client_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, interestream; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "interestream" in loaded
    assert not HEAVY & loaded
