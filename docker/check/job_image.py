"""Run inside the job's image, as its user: what must be there, and what must not."""

import importlib.util
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ABSENT = ("torch", "transformers", "onnx", "safetensors", "matplotlib", "model_export", "tests")
PRESENT = ("interestream", "jobs", "udfs", "sql", "pyflink", "onnxruntime", "confluent_kafka")
DATA = [Path("/data") / name for name in ("streams", "checkpoints", "bundles")]


def writable(folder: Path) -> list[Path]:
    """All below `folder` that this user owns or may write by its mode; links are not followed."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        state = path.lstat()
        if path.is_symlink():
            continue
        if state.st_uid == os.getuid() or state.st_mode & 0o002:
            found.append(path)
    return found


def read_only(folder: Path) -> bool:
    """Whether the root file system refuses a file even where this user may write."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def problems() -> list[str]:
    """Everything that is wrong with this image, in sentences."""
    found = []
    if os.getuid() != 10001:
        found.append(f"it runs as user {os.getuid()}, not 10001")
    found += [f"{name} is in the image" for name in ABSENT if importlib.util.find_spec(name)]
    found += [f"{name} is missing" for name in PRESENT if not importlib.util.find_spec(name)]
    found += [f"{path} can be changed by the job" for path in writable(Path("/opt"))[:5]]
    found += [
        f"{path} does not belong to the job" for path in DATA if path.owner() != "interestream"
    ]
    left = [
        *Path("/opt/interestream").iterdir(),
        *Path(tempfile.gettempdir()).iterdir(),
        *Path("/root").glob(".cache"),
    ]
    found += [f"{path} is left over from the build" for path in left]
    if Path("/etc/pip.conf").exists() and Path("/etc/pip.conf").stat().st_size:
        found.append("the settings of pip are left over from the build")
    if not read_only(Path("/opt")):
        found.append("the root file system was to be read-only for this check")
    return found


if __name__ == "__main__":
    failures = problems()
    for failure in failures:
        print("FAILED:", failure)
    if not failures:
        versions = f"interestream {version('interestream')}, Flink {version('apache-flink')}"
        print(f"ok    {versions}, no torch; user 10001 can change nothing of /opt;")
        print("      nothing is left over from the build")
    sys.exit(bool(failures))
