"""What a graph costs to load: time and memory, measured in a process of its own."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from model_export.errors import SearchError
from model_export.quantise.calibration import feed_of
from model_export.quantise.plain_session import plain_session

_SHAPE = (32, 32)
"""Texts and tokens of the run that memory is measured after."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Cost of one session on one thread."""

    load_s: float
    """Processor time from the file to a session."""
    memory_mb: float
    """Resident memory that the session and a run of 32 texts of 32 tokens add."""


def measure_footprint(graph: Path) -> Footprint:
    """Load a graph in a fresh process and run it once.

    Raises SearchError when the process fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "model_export.search.footprint", str(graph)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SearchError(f"loading {graph} failed: {done.stderr.strip().splitlines()[-1:]}")
    return Footprint(**json.loads(done.stdout))


def _main(graph: Path) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    begin = time.process_time()
    session = plain_session(graph, threads=1)
    load_s = time.process_time() - begin
    ids = np.ones(_SHAPE, np.int64)
    session.run(None, feed_of([item.name for item in session.get_inputs()], (ids, ids)))
    memory_mb = (process.memory_info().rss - before) / 1e6
    print(json.dumps({"load_s": load_s, "memory_mb": memory_mb}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
